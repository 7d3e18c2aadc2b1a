import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolecall, root } from './process.ts'

/** `rolecall oidc` in a process of its own, as users run it. */
export interface RunningIssuer {
  readonly endpoint: string
  readonly data: string
  readonly child: ChildProcess
  readonly output: () => string
  /** A token of it, by the command line. */
  readonly token: (...args: readonly string[]) => Promise<string>
  readonly stop: () => Promise<number | null>
}

export async function startIssuer(args: readonly string[] = [], given?: string): Promise<RunningIssuer> {
  const data = given ?? mkdtempSync(join(tmpdir(), 'rolecall-oidc-'))
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'rolecall.js'), 'oidc', '--port', '0', '--data', data, ...args],
    { cwd: root, env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  const endpoint = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const ready = /^rolecall oidc is ready: (\S+)$/m.exec(output)
      if (ready?.[1] !== undefined) resolve(ready[1])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', (code) => reject(new Error(`rolecall oidc ended with ${code}: ${output}`)))
  })
  return {
    endpoint,
    data,
    child,
    output: () => output,
    token: (...said) => tokenOf(data, said),
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** A token of the issuer of a folder, which need not run. */
export async function tokenOf(data: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await rolecall(['oidc', 'token', '--data', data, ...args])
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

export async function discardIssuer(running: RunningIssuer | undefined): Promise<void> {
  if (running === undefined) return
  await running.stop()
  rmSync(running.data, { recursive: true, force: true })
}
