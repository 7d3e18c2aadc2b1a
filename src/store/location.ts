/** One server of a cluster. `host` is a name, an address, or the directory of a Unix socket (it begins with `/`). */
export interface Host {
  readonly host: string
  readonly port: number
}

/** How a connection is protected; the files are PEM. */
export interface Tls {
  readonly mode: 'disable' | 'require' | 'verify-ca' | 'verify-full'
  readonly rootFile?: string
  readonly certificateFile?: string
  readonly keyFile?: string
}

/** Where a store is, as `postgres://…` says it. */
export interface Location {
  readonly hosts: readonly Host[]
  readonly database: string
  readonly user?: string
  /** A function, so that whoever prints a location prints no password. */
  readonly password?: () => string
  readonly tls: Tls
  readonly connectMilliseconds: number
  readonly answerMilliseconds: number
  readonly applicationName: string
  /** False only where something else makes sure that a primary that was replaced answers nobody (`reads=unconfirmed`). */
  readonly confirmReads: boolean
}

const schemes = ['postgres://', 'postgresql://']
const portDefault = 5432
const secondsMax = 600

export const isPostgres = (text: string): boolean => schemes.some((scheme) => text.startsWith(scheme))

/**
 * Reads `postgres://user:password@host:port,host:port/database?sslmode=…` (PostgreSQL, "Connection URIs"). What libpq leaves
 * open is closed here: another machine is spoken to over verified TLS unless the location says otherwise. Throws an error that
 * never repeats what was given, because a password stands in it.
 */
export function parseLocation(text: string): Location {
  const scheme = schemes.find((known) => text.startsWith(known))
  if (scheme === undefined) throw complaint('begins neither with postgres:// nor with postgresql://')
  const rest = text.slice(scheme.length)
  if (rest.includes('#')) throw complaint('has a "#" in it: in a password it is written %23')
  const [before, ...queries] = rest.split('?')
  if (before === undefined || queries.length > 1) throw complaint('has more than one "?"')
  const slash = before.indexOf('/')
  const authority = slash < 0 ? before : before.slice(0, slash)
  const path = slash < 0 ? '' : before.slice(slash + 1)
  if (path.includes('/')) throw complaint('has a "/" too many: in a password it is written %2F')
  const at = authority.lastIndexOf('@')
  const userinfo = at < 0 ? '' : authority.slice(0, at)
  const colon = userinfo.indexOf(':')
  const user = decoded(colon < 0 ? userinfo : userinfo.slice(0, colon), 'user')
  const password = colon < 0 ? undefined : decoded(userinfo.slice(colon + 1), 'password')

  const query = new Map<string, string>()
  for (const pair of (queries[0] ?? '').split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    if (query.has(name)) throw complaint('says the same parameter twice')
    query.set(name, equals < 0 ? '' : decoded(pair.slice(equals + 1), name))
  }
  const take = (name: string): string | undefined => {
    const value = query.get(name)
    query.delete(name)
    return value === '' ? undefined : value
  }

  const named = authority.slice(at + 1)
  const port = take('port')
  const hosts = hostsOf(named === '' ? (take('host') ?? '') : named, named === '', port ?? String(portDefault))
  const tls = tlsOf(take('sslmode'), hosts)
  const rootFile = take('sslrootcert')
  const certificateFile = take('sslcert')
  const keyFile = take('sslkey')
  const target = take('target_session_attrs')
  if (target !== undefined && target !== 'read-write' && target !== 'primary')
    throw complaint('asks for target_session_attrs other than read-write: the store is written to')
  const reads = take('reads')
  if (reads !== undefined && reads !== 'confirmed' && reads !== 'unconfirmed')
    throw complaint('says reads=, which is either confirmed or unconfirmed')
  const connectMilliseconds = seconds(take('connect_timeout'), 'connect_timeout', 3)
  const answerMilliseconds = seconds(take('answer_timeout'), 'answer_timeout', 5)
  const applicationName = take('application_name') ?? 'rolecall'
  const [unknown] = query.keys()
  if (unknown !== undefined)
    throw complaint(
      /^[a-z_]{1,40}$/.test(unknown)
        ? `has a parameter that is not known here: ${unknown}`
        : 'has a parameter that is not known here',
    )
  return {
    hosts,
    database: decoded(path, 'database') || user || 'rolecall',
    ...(user !== '' && { user }),
    ...(password !== undefined && { password: () => password }),
    tls: {
      mode: tls,
      ...(rootFile !== undefined && { rootFile }),
      ...(certificateFile !== undefined && { certificateFile }),
      ...(keyFile !== undefined && { keyFile }),
    },
    connectMilliseconds,
    answerMilliseconds,
    applicationName,
    confirmReads: reads !== 'unconfirmed',
  }
}

/** What may be shown of a location: everything but the password and the parameters. */
export function shownLocation({ hosts, user, database }: Location): string {
  const where = hosts.map(shownHost).join(',')
  return `postgres://${user === undefined ? '' : `${encodeURIComponent(user)}@`}${where}/${encodeURIComponent(database)}`
}

export const shownHost = ({ host, port }: Host): string =>
  host.startsWith('/') ? `${encodeURIComponent(host)}:${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`

const complaint = (what: string): Error => new Error(`the store's location ${what}`)

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw complaint(`has a "%" that is no escape in its ${/^[a-z_]{1,40}$/.test(what) ? what : 'parameters'}`)
  }
}

function hostsOf(text: string, plain: boolean, portOtherwise: string): readonly Host[] {
  const hosts = text.split(',').map((each): Host => {
    const bracket = each.startsWith('[') ? each.indexOf(']') : -1
    const colon = bracket >= 0 ? each.indexOf(':', bracket) : each.lastIndexOf(':')
    // A host from the query is a name alone, and a socket's directory may hold a colon.
    const end = colon < 0 || (plain && each.startsWith('/')) ? each.length : colon
    const host = bracket >= 0 ? each.slice(1, bracket) : decoded(each.slice(0, end), 'host')
    const port = Number(end >= each.length - 1 ? portOtherwise : each.slice(end + 1))
    if (host === '') throw complaint('names no host')
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw complaint('has a port that is none')
    return { host, port }
  })
  return hosts
}

const local = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')

function tlsOf(mode: string | undefined, hosts: readonly Host[]): Tls['mode'] {
  if (mode === undefined) return hosts.every(({ host }) => local(host)) ? 'disable' : 'verify-full'
  if (mode === 'disable' || mode === 'require' || mode === 'verify-ca' || mode === 'verify-full') return mode
  if (mode === 'allow' || mode === 'prefer')
    throw complaint(
      `says sslmode=${mode}, which whoever sits in between can talk out of it: say disable, require, verify-ca or verify-full`,
    )
  throw complaint('has an sslmode that is none of disable, require, verify-ca and verify-full')
}

function seconds(text: string | undefined, name: string, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!(value > 0 && value <= secondsMax))
    throw complaint(`has a ${name} that is no number of seconds up to ${secondsMax}`)
  return Math.round(value * 1000)
}
