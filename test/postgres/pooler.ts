import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Server } from './server.ts'

/** Why there is no pooler for tests; `undefined` where there is one. */
export function poolerMissing(): string | undefined {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'pgbouncer is not installed: what stands behind a pooler is left out'
  }
}

/** Root may not run one. */
const somebody = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** A pgbouncer in front of a server, which hands out a server's process for each transaction. */
export class Pooler {
  readonly #child: ChildProcess
  readonly #directory: string
  readonly #port: number

  private constructor(child: ChildProcess, directory: string, port: number) {
    this.#child = child
    this.#directory = directory
    this.#port = port
  }

  static async start(server: Server): Promise<Pooler> {
    const directory = mkdtempSync(join(tmpdir(), 'rolecall-pooler-'))
    chmodSync(directory, 0o755)
    const port = await freePort()
    const { password, username } = new URL(server.url())
    writeFileSync(join(directory, 'users'), `"${username}" "${decodeURIComponent(password)}"\n`)
    writeFileSync(
      join(directory, 'pgbouncer.ini'),
      `[databases]
* = host=127.0.0.1 port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(directory, 'users')}
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
`,
    )
    const child = spawn('pgbouncer', [join(directory, 'pgbouncer.ini')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...somebody(),
    })
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('process up')) resolve()
      })
      child.on('exit', (code) => reject(new Error(`pgbouncer ended with ${code}: ${said}`)))
    })
    return new Pooler(child, directory, port)
  }

  /** The location of a database behind it. */
  url(server: Server, database: string): string {
    return server.url(database, [{ port: this.#port }])
  }

  stop(): void {
    this.#child.kill('SIGKILL')
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
