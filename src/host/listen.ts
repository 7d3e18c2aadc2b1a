import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'

/** QUIRK: body-cap. AWS answers a longer body with 413 and nothing else. */
export const bodyBytesMax = 10 * 1024 * 1024
/** How long open requests may take to finish once the server was told to stop. */
const drainMilliseconds = 5_000

/** What TLS is spoken with: PEM, the certificate with its chain. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Place {
  /** An address or name of this machine: `127.0.0.1`, `::`, `0.0.0.0`. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Plain HTTP where there is none. */
  readonly certificate?: Certificate
}

export interface Listener {
  readonly port: number
  /** Speaks TLS with another certificate from the next connection on. Throws where key and certificate do not match. */
  readonly renew: (certificate: Certificate) => void
  /** Takes no more connections, lets open requests finish, and resolves when the last is gone. */
  readonly close: () => Promise<void>
}

/** What bodies that are being read, or answered, may hold together beyond the first bytes of each, whoever sends them. */
const heldBytesMax = 256 * 1024 * 1024
/** So much of a body is taken whatever others send: requests of this size go on through a flood of large ones. */
const ownBytes = 64 * 1024

interface Held {
  bytes: number
}

/** The body; 413 where it is longer than anybody's may be, 503 where all that are read together are. */
function readBody(message: IncomingMessage, own: Held, all: Held): Promise<Uint8Array | 413 | 503> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let length = 0
    const refuse = (status: 413 | 503) => {
      message.off('data', take)
      message.pause()
      chunks = []
      resolve(status)
    }
    const take = (chunk: Buffer) => {
      length += chunk.length
      const more = Math.max(0, length - ownBytes) - own.bytes
      if (length > bodyBytesMax) return refuse(413)
      if (all.bytes + more > heldBytesMax) return refuse(503)
      own.bytes += more
      all.bytes += more
      chunks.push(chunk)
    }
    message.on('data', take)
    message.on('end', () => resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks)))
    message.on('error', reject)
  })
}

/** Names in lower case, values as they came: what everything behind this line sees of the request. */
function headersOf(raw: readonly string[]): HttpRequest['headers'] {
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([(raw[at] ?? '').toLowerCase(), raw[at + 1] ?? ''])
  return headers
}

/** What was agreed upon with the client, for the trail; nothing on a plain connection. */
function tlsOf({ socket }: IncomingMessage): HttpRequest['tls'] {
  if (!(socket instanceof TLSSocket)) return undefined
  return { version: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName }
}

const addressOf = (message: IncomingMessage): string => (message.socket.remoteAddress ?? '').replace(/^::ffff:/, '')

function requestOf(message: IncomingMessage, body: Uint8Array): HttpRequest {
  const target = message.url ?? '/'
  const mark = target.indexOf('?')
  const tls = tlsOf(message)
  return {
    method: (message.method ?? 'GET').toUpperCase(),
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: headersOf(message.rawHeaders),
    body,
    sourceIp: addressOf(message),
    secure: tls !== undefined,
    ...(tls === undefined ? {} : { tls }),
  }
}

/** Head and body leave in one write where the body is text: as two pieces they cost a quarter of a whole small request. */
function reply(response: ServerResponse, { status, headers, body }: HttpResponse, last = false): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  const head: string[] = []
  for (const [name, value] of Object.entries(headers)) head.push(name, value)
  head.push('content-length', String(length))
  if (last) head.push('connection', 'close')
  response.writeHead(status, head)
  // Text that has a byte for each character is ASCII, which is cheaper to write as what it is.
  response.end(body, length === body.length ? 'latin1' : 'utf8')
}

const limits = { requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 30_000 }

export async function listen(
  { host, port, certificate }: Place,
  answer: (request: HttpRequest) => Promise<HttpResponse>,
  alarm: (error: unknown) => void,
): Promise<Listener> {
  const server: Server | SecureServer =
    certificate === undefined
      ? createServer(limits)
      : createSecureServer({ ...limits, ...certificate, minVersion: 'TLSv1.2' })
  server.maxHeadersCount = 100
  let closing = false
  const held: Held = { bytes: 0 }
  server.on('request', (message, response) => {
    const own: Held = { bytes: 0 }
    readBody(message, own, held)
      .then(async (body) => {
        if (typeof body === 'number') {
          reply(response, { status: body, headers: {}, body: '' }, true)
          return
        }
        const answered = await answer(requestOf(message, body))
        // Once told to stop, a connection ends with the answer that it waits for: nothing new begins on it.
        reply(response, answered, closing)
      })
      .catch((error: unknown) => {
        // A client that went away is no event. Anything else is: the gate answers all that can be answered.
        if (!message.destroyed || message.complete) alarm(error)
        response.destroy()
      })
      .finally(() => {
        held.bytes -= own.bytes
      })
  })
  // Bytes that are no HTTP: answered as such, without a word about what was expected.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', alarm)
  return {
    // A listening TCP server's address is an AddressInfo; the text form is for sockets in the file system.
    port: (server.address() as AddressInfo).port,
    renew(fresh) {
      if ('setSecureContext' in server) server.setSecureContext({ ...fresh, minVersion: 'TLSv1.2' })
    },
    close: () =>
      new Promise((resolve) => {
        closing = true
        const deadline = setTimeout(() => server.closeAllConnections(), drainMilliseconds)
        server.close(() => {
          clearTimeout(deadline)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
