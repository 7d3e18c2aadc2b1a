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
  let underWay = 0
  const settle = (writer: AuditWriter) => {
    if (done.length + failed.length !== 1) return
    defer(() => {
      node = writer.node
      port.post({ kind: 'settled', done, failed, healthy: writer.healthy(), node, taken: underWay === 0 })
      done = []
      failed = []
    })
  }
  const take = (writer: AuditWriter, sent: readonly Sent[], text: string) => {
    const lines = linesOf(text)
    let at = 0
    for (const { id, batch, lines: count } of sent) {
      const own = lines.slice(at, at + count)
      at += count
      underWay++
      writer.append(own, batch).then(
        () => {
          underWay--
          done.push(id)
          settle(writer)
        },
        (error: unknown) => {
          underWay--
          failed.push({ id, ...failureOf(error) })
          settle(writer)
        },
      )
    }
  }
  const answer = async (writer: AuditWriter, question: 'marks' | 'seal' | 'close'): Promise<readonly string[]> => {
    if (question === 'marks') return writer.marks()
    await (question === 'seal' ? writer.seal() : writer.close())
    return []
  }
  port.onOrder((order) => {
    opening.then(
      (writer) => {
        if (order.kind === 'take') take(writer, order.sent, order.text)
        else if (order.kind === 'forget') writer.forget(order.batches)
        else if (order.kind === 'reindex')
          writer
            .reindex(order.file)
            .catch((error: unknown) =>
              port.post({ kind: 'alarm', what: 'the index was not made anew', detail: messageOf(error) }),
            )
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
        port.post({
          kind: 'settled',
          done: [],
          failed: [],
          healthy: writer.healthy(),
          node: writer.node,
          taken: false,
        })
      port.post({ kind: 'ready', node: writer.node })
    },
    (error: unknown) => port.post({ kind: 'unfit', ...failureOf(error) }),
  )
}

function linesOf(text: string): readonly Line[] {
  if (text === '') return []
  return text.split('\n').map((line) => {
    const start = line.indexOf('\t')
    const end = line.indexOf('\t', start + 1)
    return { refused: line.slice(0, start), account: line.slice(start + 1, end), text: line.slice(start + 1) }
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const failureOf = (error: unknown): { readonly message: string; readonly unavailable: boolean } => ({
  message: messageOf(error),
  unavailable: error instanceof StoreUnavailable,
})
