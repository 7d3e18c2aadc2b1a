import type { Statements, Value } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import { emptyHead, type Head, headText } from './chain.ts'
import { type Anchor, type Digest, digestOf, signedText } from './digest.ts'
import type { Signer } from './key.ts'
import { putting, sql, type tables } from './sql.ts'

/** Rows in one statement, at most. Powers of two below it make up every number of rows: the texts of statements stay few. */
const rowsAtOnce = 32

/** Puts rows into a table, many in one statement. */
export async function put(
  statements: Statements,
  table: keyof typeof tables,
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const running: Promise<number>[] = []
  let size = rowsAtOnce
  for (let at = 0; at < rows.length; at += size) {
    while (size > rows.length - at) size /= 2
    running.push(statements.run(putting(table, size), rows.slice(at, at + size).flat()))
  }
  await Promise.all(running)
}

/** What stands in a chain's own row, or is sealed of it, is not what we wrote. */
export class Altered extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Altered'
  }
}

/** Where a chain stands; `undefined` where there is none. Throws `Altered`. */
export async function readHead(
  statements: Pick<Statements, 'all'>,
  node: string,
  signer: Signer,
): Promise<Head | undefined> {
  const [row] = await statements.all(sql.head, [node])
  if (row === undefined) return undefined
  const head = {
    sequence: numberOf(row, 'sequence'),
    number: numberOf(row, 'number'),
    hash: textOf(row, 'hash'),
    at: numberOf(row, 'at'),
  }
  if (!signer.coded(headText(node, head), textOf(row, 'mac')))
    throw new Altered(`the head of chain ${node}, at record ${head.sequence}, was not written with our key`)
  return head
}

/** Raises a chain's head. False where another process did first. */
export async function raise(
  statements: Statements,
  node: string,
  from: Head | undefined,
  to: Head,
  signer: Signer,
): Promise<boolean> {
  const mac = signer.code(headText(node, to))
  const { sequence, number, hash, at } = to
  const touched =
    from === undefined
      ? await statements.run(sql.found, [node, sequence, number, hash, at, mac])
      : await statements.run(sql.raise, [sequence, number, hash, at, mac, node, from.sequence, from.hash])
  return touched === 1
}

/** How far a chain is sealed. */
export interface Sealed {
  readonly segment: number
  readonly last: number
  /** The place of the last record. */
  readonly high: number
  readonly hash: string
  readonly signature: string
  readonly digest: Digest | undefined
}

/** Throws `Altered` unless a chain has a digest that was noted of it elsewhere: without it, the chain was put back to an older state. */
export async function mustHave(
  statements: Pick<Statements, 'all'>,
  { node, segment, signature }: Anchor,
): Promise<void> {
  const [row] = await statements.all(sql.digest, [node, segment])
  if (row?.signature !== signature)
    throw new Altered(
      `chain ${node} does not have segment ${segment} as it was noted: it was put back to an older state`,
    )
}

/** Throws `Altered` where the last digest is not one that we signed. */
export async function readSealed(statements: Pick<Statements, 'all'>, node: string, signer: Signer): Promise<Sealed> {
  const [row] = await statements.all(sql.lastDigest, [node])
  if (row === undefined)
    return { segment: 0, last: 0, high: -1, hash: emptyHead(node).hash, signature: '', digest: undefined }
  const body = textOf(row, 'body')
  const signature = textOf(row, 'signature')
  const digest = digestOf(body)
  const block = digest?.blocks.at(-1)
  const signed = digest !== undefined && signer.verifier.verifies(digest.key, signedText(body), signature)
  // One of another chain, or of another place in this one, is signed as well.
  if (!signed || block === undefined || digest.node !== node || digest.segment !== numberOf(row, 'segment'))
    throw new Altered(`the last digest of chain ${node} was not signed with our key`)
  return { segment: digest.segment, last: digest.last, high: block.high, hash: block.hash, signature, digest }
}
