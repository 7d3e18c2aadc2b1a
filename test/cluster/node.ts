import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { root } from '../clients/process.ts'
import { Line } from '../postgres/proxy.ts'
import { freePort, type Server } from '../postgres/server.ts'

export interface NodeOptions {
  readonly name: string
  readonly folder: string
  readonly keyFile: string
  readonly database: string
  /** Whose location and password are taken. */
  readonly server: Server
  readonly ports: readonly number[]
}

/** One node of the cluster: a process of the binary, with lines of its own to every database server. */
export class Node {
  readonly name: string
  readonly folder: string
  readonly endpoint: string
  readonly lines: readonly Line[]
  readonly #args: readonly string[]
  readonly #url: string
  #child: ChildProcess | undefined
  #paused = false
  #output = ''

  private constructor(options: NodeOptions, port: number, lines: readonly Line[]) {
    this.name = options.name
    this.folder = join(options.folder, options.name)
    this.endpoint = `http://127.0.0.1:${port}`
    this.lines = lines
    this.#url = `${options.server.url(options.database, lines)}?connect_timeout=1&answer_timeout=2`
    this.#args = [
      ...['serve', '--data', this.folder, '--listen', `127.0.0.1:${port}`, '--node', options.name],
      ...['--key-file', options.keyFile, '--account-id', '000000000001', '--log-level', 'warn'],
    ]
  }

  static async start(options: NodeOptions): Promise<Node> {
    const lines = await Promise.all(options.ports.map((port) => Line.to(port)))
    const node = new Node(options, await freePort(), lines)
    await node.boot()
    return node
  }

  /** What it told on stdout and stderr, the end of it. */
  get output(): string {
    return this.#output
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Starts it, again and again while the database is away, until it is ready. */
  async boot(): Promise<void> {
    const until = performance.now() + 60_000
    while (!(await this.#started()))
      if (performance.now() > until) throw new Error(`${this.name} did not start:\n${this.#output}`)
  }

  pause(): void {
    this.#paused = true
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#paused = false
    this.#child?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.running) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** Cuts it off from the database without a word. */
  isolate(...directions: readonly ('up' | 'down')[]): void {
    for (const line of this.lines) line.silence(...directions)
  }

  slow(milliseconds: number): void {
    for (const line of this.lines) line.latency(milliseconds)
  }

  heal(): void {
    for (const line of this.lines) line.heal()
  }

  async remove(): Promise<void> {
    if (this.#paused) this.resume()
    await this.kill()
    for (const line of this.lines) await line.close()
  }

  #started(): Promise<boolean> {
    // The password stays out of the list of processes, as an operator is told to have it.
    const child = spawn(process.execPath, [join(root, 'bin', 'rolecall.js'), ...this.#args], {
      cwd: root,
      env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ROLECALL_STORE: this.#url },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    let told = ''
    return new Promise((resolve, reject) => {
      // Without its database it ends, and whoever started it starts it again. What does neither is stuck.
      const stuck = setTimeout(() => {
        child.kill('SIGKILL')
        reject(new Error(`${this.name} neither comes up nor ends:\n${this.#output}`))
      }, 45_000)
      child.once('exit', () => clearTimeout(stuck))
      const read = (chunk: Buffer) => {
        told += chunk.toString()
        this.#output = (this.#output + chunk.toString()).slice(-8000)
        if (told.includes('rolecall is ready: ')) {
          clearTimeout(stuck)
          resolve(true)
        }
        told = told.slice(-1000)
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('exit', () => setTimeout(() => resolve(false), 200))
    })
  }
}
