import { Buffer } from 'node:buffer'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectSecurely, type TLSSocket } from 'node:tls'
import { IssuerTrouble, type Vouching } from '../token/issuer.ts'
import { Turns } from './turns.ts'

/** What may be asked, and whom. */
export interface Guard {
  /** Whether a server may be at this address. */
  readonly allows: (address: string) => boolean
  /** Whether plain HTTP may be spoken with it. */
  readonly allowsPlain: (address: string) => boolean
  /** Certificates that are believed where no authority vouches for the server's: SHA-1, 40 hex digits. */
  readonly thumbprints: readonly string[]
  /** Ends all of it. */
  readonly signal: AbortSignal
  /** The addresses of a host. Default: as the machine has them. */
  readonly resolve?: (host: string, signal: AbortSignal) => Promise<readonly string[]>
  /** Certificate authorities, PEM. Default: those that Node comes with, and those of NODE_EXTRA_CA_CERTS. */
  readonly authorities?: readonly string[]
}

const bodyBytesMax = 64 * 1024
const urlCharactersMax = 2048
/** Addresses of one host that are tried, one after the other. */
const addressesMax = 4
const chainMax = 10

const refused = (message: string) => new IssuerTrouble('refused', message)
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What a server answered, and who said that it is the right one; nobody where no TLS was spoken. */
export interface Fetched {
  readonly bytes: Buffer
  readonly vouched: Vouching | undefined
}

/**
 * What a server answers to a plain GET. It is asked at addresses that were looked at first and connected to by these very addresses, so
 * that a name which means another place a moment later leads nowhere; redirects are not followed, and what is long, slow or anything
 * but an answer is none. Throws an IssuerTrouble.
 */
export async function fetchBytes(text: string, guard: Guard): Promise<Fetched> {
  const url = urlIn(text)
  const addresses = await addressesOf(url, guard)
  let trouble: unknown
  for (const address of addresses) {
    let socket: Socket | undefined
    try {
      const connection = await opened(url, address, guard)
      socket = connection.socket
      return { bytes: await answered(url, socket, guard.signal), vouched: connection.vouched }
    } catch (error) {
      if (error instanceof IssuerTrouble) throw error
      trouble = error
    } finally {
      socket?.destroy()
    }
    if (guard.signal.aborted) break
  }
  throw new IssuerTrouble(
    'unreachable',
    guard.signal.aborted ? `${url.host} takes too long` : `${url.host} cannot be reached: ${wordsOf(trouble)}`,
  )
}

function urlIn(text: string): URL {
  const url = text.length <= urlCharactersMax && URL.canParse(text) ? new URL(text) : undefined
  const plain = url?.username === '' && url.password === '' && url.hash === ''
  if (url === undefined || !plain || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw refused('what is to be asked is no URL of HTTPS')
  return url
}

const hostOf = ({ hostname }: URL): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname)

/**
 * A look-up goes on when nobody waits for it any more, and holds one of the few threads that the process has for all such work: names
 * that nobody answers for must not take them all.
 */
const lookups = new Turns(2)

const resolved = (host: string, signal: AbortSignal): Promise<readonly string[]> =>
  lookups.take(async () => (await lookup(host, { all: true })).map(({ address }) => address), signal)

/** Looked up once. INVARIANT: nothing is connected to that was not looked at here. */
async function addressesOf(
  url: URL,
  { allows, allowsPlain, resolve = resolved, signal }: Guard,
): Promise<readonly string[]> {
  const host = hostOf(url)
  const addresses = isIP(host) !== 0 ? [host] : await named(host, resolve, signal)
  // All of them, not one: a name that leads to places of both kinds is made to.
  if (!addresses.every(allows))
    throw refused(`${host} is at ${addresses.join(', ')}, where no issuer may be: see --issuer-network`)
  if (url.protocol === 'http:' && !addresses.every(allowsPlain))
    throw refused(`${url.origin} is asked by plain HTTP, which is for keys of --issuer-keys on this machine`)
  return addresses.slice(0, addressesMax)
}

async function named(
  host: string,
  resolve: NonNullable<Guard['resolve']>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let why = ''
  const ended = new AbortController()
  // The time may have run out before the host of a second question is looked for.
  if (!signal.aborted)
    try {
      const addresses = await Promise.race([
        resolve(host, signal),
        once(signal, 'abort', { signal: ended.signal }).then((): readonly string[] => []),
      ])
      if (addresses.length > 0) return addresses
    } catch (error) {
      why = `: ${wordsOf(error)}`
    } finally {
      ended.abort()
    }
  throw new IssuerTrouble(
    'unreachable',
    signal.aborted ? `${host} takes too long to be found` : `${host} has no address${why}`,
  )
}

const portOf = ({ port, protocol }: URL): number => (port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port))

/** A connection to that very address, and where it is to be TLS, to a server that is the one it should be. */
async function opened(
  url: URL,
  address: string,
  guard: Guard,
): Promise<{ readonly socket: Socket; readonly vouched: Vouching | undefined }> {
  if (url.protocol === 'http:') {
    const socket = connect({ host: address, port: portOf(url) })
    return { socket: await ready(socket, 'connect', guard.signal), vouched: undefined }
  }
  const { authorities, thumbprints } = guard
  const believed = authorities === undefined ? {} : { ca: [...authorities] }
  const first = await secured(url, address, guard, believed)
  if (first.authorized) return { socket: first, vouched: 'authority' }
  const [reason, certificate] = [wordsOf(first.authorizationError), chosenFrom(first, thumbprints)]
  first.destroy()
  if (certificate === undefined) throw new IssuerTrouble('certificate', `the certificate of ${url.host}: ${reason}`)
  // Not believed by its thumbprint alone: everything that is asked of a chain is asked of this one, with that certificate at its end.
  const second = await secured(url, address, guard, { ca: [certificate], allowPartialTrustChain: true })
  if (second.authorized) return { socket: second, vouched: 'thumbprint' }
  second.destroy()
  throw new IssuerTrouble('certificate', `the certificate of ${url.host}: ${wordsOf(second.authorizationError)}`)
}

function secured(url: URL, address: string, { signal }: Guard, believed: ConnectionOptions): Promise<TLSSocket> {
  const host = hostOf(url)
  const socket = connectSecurely({
    ...believed,
    host: address,
    port: portOf(url),
    // An address is no name that could be asked for (RFC 6066, 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // Looked at by whoever waits for it, before anything is sent.
    rejectUnauthorized: false,
  })
  return ready(socket, 'secureConnect', signal)
}

async function ready<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  // Whatever becomes of it later is told by what was being done with it.
  socket.on('error', () => {})
  try {
    await once(socket, event, { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** The one of the server's certificates, its own or one above it, that is believed by its thumbprint; in PEM. */
function chosenFrom(socket: TLSSocket, thumbprints: readonly string[]): string | undefined {
  const prints = new Set(thumbprints.map((print) => print.toLowerCase()))
  let certificate = socket.getPeerCertificate(true)
  for (let depth = 0; depth < chainMax && certificate?.raw !== undefined; depth++) {
    if (prints.has(certificate.fingerprint.replaceAll(':', '').toLowerCase()))
      return `-----BEGIN CERTIFICATE-----\n${certificate.raw.toString('base64')}\n-----END CERTIFICATE-----\n`
    // The last is its own issuer, or has none.
    if (certificate.issuerCertificate === certificate) break
    certificate = certificate.issuerCertificate
  }
  return undefined
}

async function answered(url: URL, socket: Socket, signal: AbortSignal): Promise<Buffer> {
  const asked = request({
    createConnection: () => socket,
    method: 'GET',
    path: `${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'rolecall',
      connection: 'close',
    },
    maxHeaderSize: 16 * 1024,
    signal,
  })
  // Whatever becomes of it once it was answered is told by the answer.
  asked.on('error', () => {})
  asked.end()
  // The event of that name has one argument.
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const { statusCode, headers } = response
  if (statusCode !== 200) throw refused(`${url.href} answers ${statusCode}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw refused(`${url.href} answers in ${headers['content-encoding']}`)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    // No encoding is set, so chunks are bytes.
    const bytes = chunk as Buffer
    length += bytes.length
    if (length > bodyBytesMax) throw refused(`${url.href} answers with more than ${bodyBytesMax} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
