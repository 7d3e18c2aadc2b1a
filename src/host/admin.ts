import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What those who watch over a node may ask. It has a port of its own, so that it can be kept from those who may only call APIs. */
export interface Health {
  /** Why no request should be sent here; `undefined` where one may. */
  readonly trouble: () => Promise<string | undefined>
  /** Prometheus's text. */
  readonly metrics: () => Promise<string>
}

export interface AdminListener {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Prometheus's own media type (Prometheus, "Exposition formats"). */
const exposition = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * `/livez` (and `/healthz`): this process answers. `/readyz`: it can serve, or 503 and why not. `/metrics`: what was counted.
 * Nothing here changes anything or tells of anybody.
 */
export async function listenForAdmin(
  { host, port }: { readonly host: string; readonly port: number },
  { trouble, metrics }: Health,
): Promise<AdminListener> {
  const answerTo = async (path: string): Promise<{ status: number; type: string; body: string }> => {
    const plain = (status: number, body: string) => ({ status, type: 'text/plain; charset=utf-8', body: `${body}\n` })
    switch (path) {
      case '/livez':
      case '/healthz':
        return plain(200, 'ok')
      case '/readyz': {
        const why = await trouble()
        return why === undefined ? plain(200, 'ready') : plain(503, why)
      }
      case '/metrics':
        return { status: 200, type: exposition, body: await metrics() }
      default:
        return plain(404, 'here are /livez, /readyz and /metrics')
    }
  }
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (message, response) => {
    message.resume()
    const [path = '/'] = (message.url ?? '/').split('?')
    const reading = message.method === 'GET' || message.method === 'HEAD'
    void (reading ? answerTo(path) : Promise.resolve({ status: 405, type: 'text/plain', body: '' }))
      .catch(() => ({ status: 500, type: 'text/plain', body: 'this could not be told\n' }))
      .then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
        response.end(message.method === 'HEAD' ? undefined : body)
      })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    // A listening TCP server's address is an AddressInfo; the text form is for sockets in the file system.
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
