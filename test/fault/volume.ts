import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs a program of the system; what it says where it fails, else nothing. */
function refusal(program: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, [...args], { encoding: 'utf8' })
  if (status === 0) return undefined
  return `${program}: ${error?.message ?? stderr.trim()}`
}

function must(program: string, args: readonly string[]): void {
  const why = refusal(program, args)
  if (why !== undefined) throw new Error(why)
}

/** Why this machine does not let us mount file systems of our own; `undefined` where it does. */
export function missing(): string | undefined {
  if (process.platform !== 'linux') return 'file systems of a few megabytes are made on Linux only'
  if (process.getuid?.() !== 0) return 'only root may mount a file system to fill it up'
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-mount-'))
  const why = refusal('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
  if (why === undefined) must('umount', [folder])
  rmSync(folder, { recursive: true })
  return why === undefined ? undefined : `a file system cannot be mounted here (${why})`
}

/** A small disk: a file system in memory, mounted for as long as a test takes. */
export class Volume {
  readonly folder: string
  readonly #ballast: string

  constructor(folder: string, megabytes: number) {
    mkdirSync(folder, { recursive: true })
    must('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'rolecall-test', folder])
    this.folder = folder
    // What a file system may put into any folder by itself.
    this.#ballast = join(folder, 'lost+found')
  }

  /** Leaves no byte free. */
  fill(): void {
    const handle = openSync(this.#ballast, 'a')
    try {
      for (let size = 1 << 20; size >= 1; ) {
        try {
          if (writeSync(handle, Buffer.alloc(size, 0x2e)) < size) size >>= 1
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
          size >>= 1
        }
      }
    } finally {
      closeSync(handle)
    }
  }

  /** Gives all space back. */
  drain(): void {
    truncateSync(this.#ballast, 0)
  }

  /** Only while no file is open for writing. */
  remount(how: 'ro' | 'rw'): void {
    must('mount', ['-o', `remount,${how}`, this.folder])
  }

  unmount(): void {
    // Lazily: a process that was killed may hold a file for a moment yet.
    must('umount', ['-l', this.folder])
  }
}

/** Has a disk refuse every write to these files, also through handles that are open already; or take them again. Root's alone. */
export function freeze(files: readonly string[], frozen: boolean): void {
  must('chattr', [frozen ? '+i' : '-i', ...files])
}

/** Why files cannot be frozen here; `undefined` where they can. */
export function unfreezable(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-freeze-'))
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const why = refusal('chattr', ['+i', file])
  if (why === undefined) must('chattr', ['-i', file])
  rmSync(folder, { recursive: true })
  return why
}

/** Has the system refuse a process to write anything behind a file's first bytes; or lets it write again. */
export function stint(pid: number, bytes: number | undefined): void {
  must('prlimit', ['--pid', String(pid), `--fsize=${bytes ?? 'unlimited'}:unlimited`])
}

/** Why that cannot be done here. */
export const unlimitable = (): string | undefined => refusal('prlimit', ['--pid', String(process.pid), '--fsize'])
