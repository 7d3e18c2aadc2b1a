import { StoreUnavailable } from '../store/store.ts'
import type { Anchor } from './digest.ts'
import type { Line } from './line.ts'
import type { Failed, Order, Report, Sent } from './thread.ts'
import type { AuditWriter } from './writer.ts'

/** What a writer in a thread tells by message. */
export interface Told {
  readonly anchor: (anchor: Anchor) => void
  readonly alarm: (what: string, error?: unknown) => void
}

/** The thread's own end of the channel. */
export interface Port {
  readonly post: (report: Report) => void
  readonly onOrder: (take: (order: Order) => void) => void
}

/**
 * The other side of `ThreadAudit`: hands what comes to a writer, and acknowledges in bulk. Whatever comes before the writer is
 * open waits for it.
 */
export function serveAudit(
  port: Port,
  open: (told: Told) => Promise<AuditWriter>,
  defer: (run: () => void) => void = (run) => setImmediate(run),
): void {
  const opening = open({
    anchor: (anchor) => port.post({ kind: 'anchor', anchor }),
    alarm: (what, error) => port.post({ kind: 'alarm', what, detail: error === undefined ? '' : messageOf(error) }),
  })
  let done: number[] = []
  let failed: Failed[] = []
  let node = ''
  const settle = (writer: AuditWriter) => {
    if (done.length + failed.length !== 1) return
    defer(() => {
      node = writer.node
      port.post({ kind: 'settled', done, failed, healthy: writer.healthy(), node })
      done = []
      failed = []
    })
  }
  const take = (writer: AuditWriter, { id, batch, lines }: Sent) => {
    writer.append(linesOf(lines), batch).then(
      () => {
        done.push(id)
        settle(writer)
      },
      (error: unknown) => {
        failed.push({ id, ...failureOf(error) })
        settle(writer)
      },
    )
  }
  const answer = async (writer: AuditWriter, question: 'marks' | 'seal' | 'close'): Promise<readonly string[]> => {
    if (question === 'marks') return writer.marks()
    await (question === 'seal' ? writer.seal() : writer.close())
    return []
  }
  port.onOrder((order) => {
    opening.then(
      (writer) => {
        if (order.kind === 'take') for (const sent of order.sent) take(writer, sent)
        else if (order.kind === 'forget') writer.forget(order.batches)
        else
          answer(writer, order.question).then(
            (value) => port.post({ kind: 'answer', id: order.id, value }),
            (error: unknown) => {
              failed.push({ id: order.id, ...failureOf(error) })
              settle(writer)
            },
          )
      },
      // It has been told that there is no writer.
      () => undefined,
    )
  })
  opening.then(
    (writer) => {
      writer.onHealth = () =>
        port.post({ kind: 'settled', done: [], failed: [], healthy: writer.healthy(), node: writer.node })
      port.post({ kind: 'ready', node: writer.node })
    },
    (error: unknown) => port.post({ kind: 'unfit', ...failureOf(error) }),
  )
}

function linesOf(parts: readonly string[]): readonly Line[] {
  const lines: Line[] = []
  for (let at = 0; at < parts.length; at += 3)
    lines.push({ account: parts[at] ?? '', refused: parts[at + 1] ?? '', text: parts[at + 2] ?? '' })
  return lines
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const failureOf = (error: unknown): { readonly message: string; readonly unavailable: boolean } => ({
  message: messageOf(error),
  unavailable: error instanceof StoreUnavailable,
})
