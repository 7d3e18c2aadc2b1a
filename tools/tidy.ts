/** The floors of the house, from the ground up. A room may import from rooms on lower floors, and from no other. */
export const floors: readonly (readonly string[])[] = [
  ['base'],
  ['policy', 'model', 'state', 'token'],
  ['wire', 'store', 'access'],
  ['audit', 'graph'],
  ['service'],
  ['gate'],
  ['imds'],
  ['host'],
  ['cli', 'testing'],
]

/** Rooms that must run anywhere, a browser included: they may not even use Node's globals. */
export const pure: readonly string[] = ['base', 'policy', 'state', 'access', 'service']

/** The doors. Disk, network, time, chance and environment are reached through these files and through no others. */
export const doors: Readonly<Record<string, readonly string[]>> = {
  'node:fs': [
    'model/data.ts',
    'store/database.ts',
    'store/lock.ts',
    'store/session.ts',
    'host/credentials.ts',
    'host/key-file.ts',
    'host/certificate.ts',
    'host/backup.ts',
    // The trail's records as files, for whoever reads CloudTrail's.
    'host/export-folder.ts',
    'host/discovery.ts',
    // How large a database is that is looked through.
    'host/examining.ts',
    'host/local-issuer.ts',
    'host/private-file.ts',
    'cli/',
  ],
  'node:http': ['host/listen.ts', 'host/admin.ts', 'host/outbound.ts'],
  'node:https': ['host/listen.ts'],
  'node:tls': ['host/listen.ts', 'host/certificate.ts', 'host/outbound.ts', 'store/session.ts'],
  // Names are found, and answers waited for, where issuers are asked for their keys, behind the guard there.
  'node:dns/promises': ['host/outbound.ts'],
  'node:events': ['host/outbound.ts'],
  'node:cluster': ['host/workers.ts'],
  'node:stream': ['host/backup.ts'],
  'node:stream/promises': ['host/backup.ts'],
  'node:url': ['host/workers.ts'],
  'node:crypto': [
    'wire/sigv4.ts',
    'token/',
    'host/machine.ts',
    'host/key-maker.ts',
    'host/backup.ts',
    'model/managed.ts',
    'audit/chain.ts',
    'audit/key.ts',
  ],
  'node:zlib': [
    'token/',
    'model/data.ts',
    'store/checksum.ts',
    'audit/block.ts',
    'host/backup.ts',
    'host/export-folder.ts',
  ],
  'node:fs/promises': ['host/backup.ts'],
  'node:readline/promises': ['cli/contain.ts'],
  'node:module': ['store/database.ts'],
  'node:process': ['store/database.ts', 'host/'],
  'node:buffer': ['token/', 'wire/', 'host/outbound.ts'],
  'node:path': ['store/lock.ts', 'store/database.ts', 'host/', 'cli/'],
  'node:child_process': ['cli/exec.ts', 'host/key.ts'],
  'node:os': ['cli/exec.ts', 'cli/serve.ts'],
  'node:net': ['host/listen.ts', 'host/admin.ts', 'host/address.ts', 'host/outbound.ts'],
  'node:worker_threads': ['host/recording.ts', 'host/recorder.ts', 'host/examining.ts', 'host/examiner.ts'],
  '@node-rs/argon2': ['host/hasher.ts'],
  qr: ['token/qr.ts'],
}

/** The machine's own time, chance and environment: for the host and the command line only. */
const ambient = /\b(?:Date\.now|Math\.random|performance\.now|process\.|setTimeout|setInterval|crypto\.)/

/** What gives a value its brand. Each brand is given in one file; anywhere else it would be a way around the gate. */
export const brands: Readonly<Record<string, string>> = {
  'as Proof': 'gate/authenticate.ts',
  'as Verified': 'gate/authenticate.ts',
  'as LoginProof': 'gate/login.ts',
  'as VerifiedLogin': 'gate/login.ts',
  'as Authorized': 'gate/authorize.ts',
  'as Sealed': 'token/vault.ts',
  'as PasswordHash': 'host/hasher.ts',
}

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room))

/** Every module that a file names: imports, exports from, and dynamic imports. */
export function importsOf(text: string): readonly string[] {
  const named = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...named].flatMap(([, target]) => (target === undefined ? [] : [target]))
}

/** The text without comments, in which a word is a word of the program. */
const bare = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\s\/\/\s.*$/gm, '')

/** What is wrong with a file of `src/`, by its path below it (`policy/decide.ts`) and its text. */
export function complaints(file: string, text: string): readonly string[] {
  const room = file.split('/')[0] ?? ''
  const found: string[] = []
  if (floorOf(room) < 0) found.push(`${file}: the room ${room} is on no floor`)
  for (const target of importsOf(text)) {
    if (target.startsWith('node:') || target in doors) {
      if (!doors[target]?.some((door) => file.startsWith(door)))
        found.push(`${file} opens ${target}: there is no door here`)
    } else if (target.startsWith('.')) {
      const other = new URL(target, `file:///${file}`).pathname.split('/')[1] ?? ''
      if (other !== room && floorOf(other) >= floorOf(room)) found.push(`${file} reaches up to ${target}`)
    }
  }
  const program = bare(text)
  if (room !== 'host' && room !== 'cli' && room !== 'testing') {
    const reached = ambient.exec(program)
    if (reached !== null && !file.startsWith('store/'))
      found.push(`${file} reaches for ${reached[0]}: it must be handed in`)
  }
  if (pure.includes(room) && /\bBuffer\b/.test(program))
    found.push(`${file} uses Buffer: ${room} must run in a browser`)
  for (const [brand, home] of Object.entries(brands)) {
    if (file !== home && new RegExp(`\\b${brand}\\b`).test(program))
      found.push(`${file} says "${brand}": only ${home} may`)
  }
  if (/\bexport default\b/.test(program)) found.push(`${file} has a default export`)
  if (/\bTODO\b|\bFIXME\b/.test(text)) found.push(`${file} leaves work undone in a comment`)
  return found
}

/** Circles of imports between files, each told once. `imports` maps a file to the files it names. */
export function circles(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) {
      found.push([...path.slice(at), file].join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return found
}
