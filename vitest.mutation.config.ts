import { defineConfig } from 'vitest/config'

/** The tests that hold the law, without those that only repeat them over many random worlds: a mutant is to be killed by a reason. */
export default defineConfig({
  test: {
    include: ['test/policy/**/*.test.ts', 'test/access/**/*.test.ts', 'test/matrix/**/*.test.ts', 'test/base/glob.test.ts'],
    exclude: ['test/policy/laws*.test.ts', 'test/policy/worst*.test.ts', 'test/policy/library*.test.ts'],
    pool: 'threads',
    testTimeout: 30_000,
  },
})
