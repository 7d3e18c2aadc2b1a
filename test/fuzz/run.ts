import { connect } from 'node:net'
import { fuzzCase, type Target } from './cases.ts'
import { dice } from './dice.ts'

export interface Outcome {
  readonly cases: number
  /** How many answers had each status; `none` where the connection was closed without one. */
  readonly statuses: ReadonlyMap<string, number>
  /** Each with the seed and number that make it again. */
  readonly failures: readonly string[]
}

/** Longer than this, and the server hangs. */
const patienceMilliseconds = 10_000
const atOnce = 16

/** Sends the bytes, says that no more come, and answers all that comes back. */
function exchange(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const done = () => resolve(Buffer.concat(chunks).toString('latin1'))
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes))
    socket.setTimeout(patienceMilliseconds, () => {
      socket.destroy()
      reject(new Error('no end within ten seconds'))
    })
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // The other side may cut the connection while we still write: that is an answer too.
    socket.on('error', done)
    socket.on('close', done)
    socket.on('end', () => socket.destroy())
  })
}

/** What is wrong with an answer: a failure of ours, a page for browsers, or a header that somebody else wrote. */
function complaint(reply: string): string | undefined {
  if (reply === '') return undefined
  if (!/^HTTP\/1\.1 \d{3} /.test(reply)) return 'the answer is no HTTP'
  if (/^HTTP\/1\.1 5\d\d /m.test(reply) && !reply.startsWith('HTTP/1.1 501 ')) return 'the server failed'
  if (/<html/i.test(reply)) return 'the answer is a page'
  const head = reply.slice(0, reply.indexOf('\r\n\r\n'))
  if (/^x-evil:/im.test(head)) return 'a header was injected'
  return undefined
}

/** Runs cases against a server, the same ones for the same seed. */
export async function fuzz(
  port: number,
  target: Target,
  options: { readonly cases: number; readonly seed: number; readonly progress?: (done: number) => void },
): Promise<Outcome> {
  const statuses = new Map<string, number>()
  const failures: string[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < options.cases && failures.length < 10) {
      const number = next++
      const bytes = fuzzCase({ ...target, now: Date.now() }, dice(options.seed * 1_000_003 + number))
      const reply = await exchange(port, bytes).catch((error: Error) => error)
      const wrong = reply instanceof Error ? reply.message : complaint(reply)
      if (wrong !== undefined) {
        const shown = reply instanceof Error ? '' : `\n${reply.slice(0, 600)}`
        failures.push(
          `seed ${options.seed} case ${number}: ${wrong}\n${Buffer.from(bytes).toString('latin1').slice(0, 1500)}${shown}`,
        )
      }
      const status = reply instanceof Error || reply === '' ? 'none' : reply.slice(9, 12)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (number % 1000 === 999) options.progress?.(number + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { cases: next, statuses, failures }
}
