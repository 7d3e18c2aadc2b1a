import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The checkout, from its source as well as from what was compiled of it. */
function checkout(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : checkout(dirname(folder))
}
export const root = checkout(import.meta.dirname)
const command = join(root, 'bin', 'rolecall.js')

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. The environment is what is given and the path: nothing of the developer's own AWS set-up. */
export function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = root,
): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: environment.HOME ?? tmpdir(), NODE_NO_WARNINGS: '1', ...environment }
    execFile(program, [...args], { cwd, env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr })
    })
  })
}

export const rolecall = (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = root,
): Promise<Ran> => run(process.execPath, [command, ...args], environment, cwd)

/** A rolecall of its own process, as users run it, in a data directory of its own. */
export interface Running {
  readonly endpoint: string
  readonly data: string
  readonly child: ChildProcess
  readonly output: () => string
  /** Resolves once it has said that; rejects where it ends before. */
  readonly said: (what: RegExp) => Promise<RegExpExecArray>
  /** Asks it to stop, and answers its exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

export async function startRolecall(
  options: {
    readonly data?: string
    readonly args?: readonly string[]
    /** How many processes serve together; without it, one that `up` starts. */
    readonly workers?: number
    /** Whether it and all that it starts are a group of processes of their own, which a signal reaches at once. */
    readonly group?: boolean
    readonly environment?: Readonly<Record<string, string>>
  } = {},
): Promise<Running> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'rolecall-'))
  const { workers, group = false, environment = {} } = options
  const verb =
    workers === undefined ? ['up', '--port', '0'] : ['serve', '--listen', '127.0.0.1:0', '--workers', String(workers)]
  const child = spawn(process.execPath, [command, ...verb, '--data', data, ...(options.args ?? [])], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
  })
  let output = ''
  const listeners = new Set<() => void>()
  const read = (chunk: Buffer) => {
    output += chunk.toString()
    for (const look of listeners) look()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  // Not when it exits: what it said last may come after that.
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  const said = (what: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = what.exec(output)
        if (found === null) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
      void ended.then((code) => reject(new Error(`rolecall ended with ${code}: ${output}`)))
    })
  const [, endpoint = ''] = await said(/^rolecall is ready: (\S+)\n/m)
  return {
    endpoint,
    data,
    child,
    output: () => output,
    said,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** Stops it and takes its data away. */
export async function discard(running: Running | undefined): Promise<void> {
  if (running === undefined) return
  await running.stop('SIGKILL')
  rmSync(running.data, { recursive: true, force: true })
}

/** What `rolecall env --json` prints. */
export interface Env {
  readonly endpoint: string
  readonly region: string
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export async function envOf(running: Running, args: readonly string[] = []): Promise<Env> {
  const { code, stdout, stderr } = await rolecall(['env', '--data', running.data, '--json', ...args])
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Env
}

/** The settings of an SDK client that acts with those keys. */
export const clientOf = (env: Env) => ({
  endpoint: env.endpoint,
  region: env.region,
  credentials: {
    accessKeyId: env.accessKeyId,
    secretAccessKey: env.secretAccessKey,
    ...(env.sessionToken === undefined ? {} : { sessionToken: env.sessionToken }),
  },
})

/** Whether a program is here, so that tests which need it can say why they are left out. */
export async function have(program: string, args: readonly string[] = ['--version']): Promise<boolean> {
  return (await run(program, args)).code === 0
}
