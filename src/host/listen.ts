import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'

/** QUIRK: body-cap. AWS answers a longer body with 413 and nothing else. */
export const bodyBytesMax = 10 * 1024 * 1024
/** How long open requests may take to finish once the server was told to stop. */
const drainMilliseconds = 5_000

export interface Listener {
  readonly port: number
  /** Takes no more connections, lets open requests finish, and resolves when the last is gone. */
  readonly close: () => Promise<void>
}

/** The body, or `undefined` where it is longer than anybody's may be. */
function readBody(message: IncomingMessage): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    message.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > bodyBytesMax) {
        message.pause()
        resolve(undefined)
      } else chunks.push(chunk)
    })
    message.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    message.on('error', reject)
  })
}

/** Names in lower case, values as they came: what everything behind this line sees of the request. */
function headersOf(raw: readonly string[]): HttpRequest['headers'] {
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([(raw[at] ?? '').toLowerCase(), raw[at + 1] ?? ''])
  return headers
}

const addressOf = (message: IncomingMessage): string => (message.socket.remoteAddress ?? '').replace(/^::ffff:/, '')

function requestOf(message: IncomingMessage, body: Uint8Array): HttpRequest {
  const target = message.url ?? '/'
  const mark = target.indexOf('?')
  return {
    method: (message.method ?? 'GET').toUpperCase(),
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: headersOf(message.rawHeaders),
    body,
    sourceIp: addressOf(message),
    secure: false,
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

/** Serves on the loopback address. `port` 0 takes a free one. */
export async function listen(
  port: number,
  answer: (request: HttpRequest) => Promise<HttpResponse>,
  alarm: (error: unknown) => void,
): Promise<Listener> {
  const server: Server = createServer({ requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 30_000 })
  server.maxHeadersCount = 100
  let closing = false
  server.on('request', (message, response) => {
    readBody(message)
      .then(async (body) => {
        if (body === undefined) {
          reply(response, { status: 413, headers: {}, body: '' }, true)
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
  })
  // Bytes that are no HTTP: answered as such, without a word about what was expected.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', alarm)
  return {
    // A listening TCP server's address is an AddressInfo; the text form is for sockets in the file system.
    port: (server.address() as AddressInfo).port,
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
