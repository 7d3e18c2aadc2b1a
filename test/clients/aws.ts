import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { have, type Ran, root, run } from './process.ts'

/** The aws CLI that is installed here, of whichever generation. */
export interface Aws {
  readonly run: (args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string) => Promise<Ran>
  readonly close: () => void
}

export const hasAws = await have('aws')
/** In the name of what is left out, and on a line of its own, so that it is not silent. */
export const leftOut = hasAws ? '' : ' (left out: there is no aws CLI here)'
if (!hasAws) console.warn(`tests with the aws CLI${leftOut}`)

/** Where its program is a Python package it is loaded once; otherwise every command is a process of its own. */
export async function openAws(): Promise<Aws> {
  if (!(await have('python3', ['-c', 'import awscli.clidriver']))) {
    return { run: (args, env, cwd) => run('aws', args, env, cwd), close: () => undefined }
  }
  const child = spawn('python3', [join(root, 'test', 'clients', 'aws.py')], {
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: { readonly resolve: (ran: Ran) => void; readonly reject: (error: Error) => void }[] = []
  // Answers come in the order of the questions.
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as Ran))
  let ended: Error | undefined
  child.on('exit', (code) => {
    ended = new Error(`the aws CLI ended with ${code}`)
    for (const { reject } of waiting.splice(0)) reject(ended)
  })
  return {
    run: (args, env, cwd = root) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended)
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify({ args, env: { PATH: process.env.PATH ?? '', ...env }, cwd })}\n`)
      }),
    close: () => child.stdin.end(),
  }
}
