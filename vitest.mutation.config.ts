import { defineConfig } from 'vitest/config'
import { chosenArea } from './tools/mutation-areas.js'

/** The tests of one area, in one world of modules, so that a mutant's run takes a second. */
const { tests, leftOut } = chosenArea()

export default defineConfig({
  test: { include: tests, exclude: leftOut, pool: 'threads', isolate: false, testTimeout: 30_000 },
})
