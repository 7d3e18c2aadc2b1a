import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './process.ts'

export interface Shown {
  readonly code: number
  /** Everything that stood on the terminal. */
  readonly output: string
  /** How many of the questions came. */
  readonly asked: number
}

/** Runs a program on a terminal, where it asks for what it keeps off the screen. */
export function onTerminal(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  answers: readonly (readonly [says: string, typed: string])[],
): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const path = { PATH: process.env.PATH ?? '' }
    const child = spawn('python3', [join(root, 'test', 'clients', 'terminal.py')], {
      env: { ...path, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve(JSON.parse(text) as Shown) : reject(new Error(`the terminal ended with ${code}`)),
    )
    child.stdin.end(JSON.stringify({ args, env: { ...path, ...environment }, answers }))
  })
}
