import { defineConfig } from 'vitest/config'

/**
 * The tests that hold the law, without those that only repeat them over many random worlds or through a whole authority: a mutant
 * is to be killed by a reason, and each of thousands must be quick.
 */
export default defineConfig({
  test: {
    include: [
      'test/base/json.test.ts',
      'test/policy/**/*.test.ts',
      'test/access/**/*.test.ts',
      'test/cases/engine.test.ts',
    ],
    exclude: ['test/policy/laws*.test.ts', 'test/policy/worst*.test.ts', 'test/policy/library*.test.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 30_000,
  },
})
