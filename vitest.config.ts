import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const cores = availableParallelism()

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // On two cores vitest would leave one to itself, and most of what the clients' tests do is waiting for processes.
    maxWorkers: cores === 2 ? 2 : Math.max(1, cores - 1),
    // What hangs is found out in any case; a busy machine takes ten times as long as an idle one. Nothing that is claimed hangs on these.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // The SDK would say in every file that it will need a newer Node one day.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
})
