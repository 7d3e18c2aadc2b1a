import { connect, type Socket } from 'node:net'

/** What came back over a run. */
export interface Load {
  readonly answers: number
  readonly seconds: number
  /** Bytes of the last body, to give a floor the same work. */
  readonly bodyBytes: number
}

const headEnd = Buffer.from('\r\n\r\n')

/**
 * One client that sends a request, waits for its answer, and sends the next, until told to stop. It keeps its connection as long
 * as the server does.
 */
function talk(
  port: number,
  requests: readonly Uint8Array[],
  expected: number,
  each: (bodyBytes: number) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0
    const open = (): void => {
      let buffered: Buffer = Buffer.alloc(0)
      let closing = false
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
      const send = () => socket.write(requests[next++ % requests.length] ?? new Uint8Array(0))
      socket.on('connect', send)
      socket.on('error', reject)
      socket.on('close', () => {
        if (closing) open()
      })
      socket.on('data', (chunk: Buffer) => {
        buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
        const end = buffered.indexOf(headEnd)
        if (end < 0) return
        const head = buffered.toString('latin1', 0, end)
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
        if (Number.isNaN(length)) return reject(new Error(`an answer without a length:\n${head}`))
        if (buffered.length < end + 4 + length) return
        if (Number(head.slice(9, 12)) !== expected) return reject(new Error(buffered.toString('utf8')))
        buffered = buffered.subarray(end + 4 + length)
        const more = each(length)
        closing = more && (head.startsWith('HTTP/1.0') || /^connection: close/im.test(head))
        if (!more) socket.end(() => resolve())
        else if (closing) socket.end()
        else send()
      })
    }
    open()
  })
}

/**
 * Keeps this process from falling asleep. Waking a sleeping client is work of the kernel that is charged to the server whose
 * answer wakes it, and a bare server that keeps its client busy would never pay it.
 */
function stayAwake(): () => void {
  let awake = true
  const turn = (): void => {
    if (awake) setImmediate(turn)
  }
  turn()
  return () => {
    awake = false
  }
}

/** Keeps `connections` requests in flight for a time. Throws where one of them is not answered with 200. */
export async function load(
  port: number,
  requests: readonly Uint8Array[],
  options: { readonly connections: number; readonly seconds: number },
): Promise<Load> {
  let answers = 0
  let bodyBytes = 0
  const start = performance.now()
  const end = start + options.seconds * 1000
  const sleep = stayAwake()
  await Promise.all(
    Array.from({ length: options.connections }, (_, index) =>
      talk(port, [...requests.slice(index), ...requests.slice(0, index)], 200, (bytes) => {
        answers++
        bodyBytes = bytes
        return performance.now() < end
      }),
    ),
  ).finally(sleep)
  return { answers, seconds: (performance.now() - start) / 1000, bodyBytes }
}
