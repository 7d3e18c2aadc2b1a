#!/usr/bin/env node
// The command. It holds nothing but the way to the compiled program, and a clear word where that is missing.
import { existsSync } from 'node:fs'

const program = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(program)) {
  const { main } = await import(program.href)
  await main(process.argv)
} else {
  console.error('rolecall is not built yet. Run `npm start` (or `npm run build`) in its folder first.')
  process.exitCode = 1
}
