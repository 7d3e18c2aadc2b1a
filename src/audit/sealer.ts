import type { Clock } from '../base/env.ts'
import type { Engine } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import { type Block, blockCharacters, filled, packed } from './block.ts'
import { emptyHead, type Head, linked, markOf } from './chain.ts'
import { Altered, put, readHead, readSealed, type Sealed } from './desk.ts'
import { type Digest, type DigestBlock, digestText, signedText } from './digest.ts'
import { IndexBuilder } from './index-file.ts'
import { putFile } from './indexer.ts'
import type { Signer } from './key.ts'
import type { Run } from './run.ts'
import { sql } from './sql.ts'

/** Runs that are read at once. */
const runsAtOnce = 64

interface Packed {
  readonly block: Block
  readonly hash: string
}

/**
 * Turns a chain's open runs into compressed blocks under a signed digest, a segment at a time. INVARIANT: nothing is signed that does
 * not lead from the digest before to the head, record for record: marks anybody can make anew, the code of the head only who has the
 * key. What was altered meanwhile stays as it is, for `verify` to find.
 */
export class Sealer {
  readonly #engine: Engine
  readonly #signer: Signer
  readonly #clock: Clock
  readonly #defer: (run: () => void) => void

  constructor(engine: Engine, signer: Signer, clock: Clock, defer: (run: () => void) => void) {
    this.#engine = engine
    this.#signer = signer
    this.#clock = clock
    this.#defer = defer
  }

  /** How far a chain is sealed. */
  sealed(node: string): Promise<Sealed> {
    return readSealed(this.#engine, node, this.#signer)
  }

  /**
   * Seals up to about `recordsMax` records of a chain's tail; answers how far it is sealed then. Throws `Altered`. Another
   * process may be sealing the same: one of them does.
   */
  async seal(node: string, recordsMax: number): Promise<Sealed> {
    const before = await this.sealed(node)
    const head = (await readHead(this.#engine, node, this.#signer)) ?? emptyHead(node)
    const index = new IndexBuilder()
    const found = await this.#pack(node, before, head, recordsMax, index)
    const last = found.blocks.at(-1)
    if (last === undefined) return before
    const digest: Digest = {
      node,
      segment: before.segment + 1,
      first: before.last + 1,
      last: last.block.last,
      from: found.from,
      until: found.until,
      sealed: this.#clock.now(),
      previousHash: before.hash,
      blocks: found.blocks.map(
        ({ block, hash }): DigestBlock => ({ last: block.last, high: block.high, hash, content: block.content }),
      ),
      previousSignature: before.signature,
      key: this.#signer.id,
    }
    const body = digestText(digest)
    const signature = this.#signer.sign(signedText(body))
    const done = await this.#engine.write(async (statements) => {
      if ((await statements.run(sql.putDigest, [node, digest.segment, body, signature])) !== 1) return false
      const { segment } = digest
      await put(
        statements,
        'block',
        found.blocks.map(({ block }, at) => [block.high, node, segment, at + 1, block.first, block.last, block.body]),
      )
      await put(
        statements,
        'page',
        found.blocks.flatMap(({ block }) => block.pages.map(({ high, account }) => [high, node, account, block.high])),
      )
      await putFile(statements, { node, first: segment, last: segment }, index.file(), this.#signer)
      await statements.run(sql.dropRuns, [node, last.block.high])
      await statements.run(sql.dropNumbers, [node])
      return true
    })
    if (!done) return this.sealed(node)
    return { segment: digest.segment, last: digest.last, high: last.block.high, hash: last.hash, signature, digest }
  }

  /**
   * Reads up to the head, a block in each turn, so that records to be appended need not wait for all of it; packs what comes first. What
   * was appended since the head was read is for the next time.
   */
  async #pack(
    node: string,
    before: Sealed,
    head: Head,
    recordsMax: number,
    index: IndexBuilder,
  ): Promise<{ readonly blocks: readonly Packed[]; readonly from: number; readonly until: number }> {
    const blocks: Packed[] = []
    const walk = new Walk(node, before)
    let runs: Run[] = []
    let characters = 0
    let until = 0
    const turn = () => new Promise<void>((resolve) => this.#defer(resolve))
    const close = async () => {
      const block = packed(runs)
      blocks.push({ block, hash: walk.hash })
      index.block(block.high, byPiece(runs, block.lines))
      runs = []
      characters = 0
      until = walk.until
      await turn()
    }
    for (let high = before.high; walk.sequence < head.sequence; ) {
      const rows = await this.#engine.all(sql.runs, [node, high, runsAtOnce])
      for (const row of rows) {
        const run = {
          high: numberOf(row, 'high'),
          first: numberOf(row, 'first'),
          last: numberOf(row, 'last'),
          account: textOf(row, 'account'),
          body: textOf(row, 'body'),
        }
        const packs = walk.sequence - before.last < recordsMax
        walk.take(run)
        characters += run.body.length
        high = run.high
        if (packs) {
          runs.push(run)
          const enough = walk.sequence - before.last >= recordsMax
          if (enough || filled(characters, run.last - (runs[0]?.first ?? 0) + 1)) await close()
        } else if (characters >= blockCharacters) {
          characters = 0
          await turn()
        }
        if (walk.sequence >= head.sequence) break
      }
      if (rows.length < runsAtOnce) break
    }
    walk.ends(head)
    if (runs.length > 0) await close()
    return { blocks, from: walk.from, until }
  }
}

function byPiece(runs: readonly Run[], counts: readonly number[]): readonly (readonly string[])[] {
  const lines = runs.flatMap(({ body }) => body.split('\n'))
  let at = 0
  return counts.map((count) => {
    at += count
    return lines.slice(at - count, at)
  })
}

/** Follows a chain over its runs. */
class Walk {
  readonly #node: string
  sequence: number
  hash: string
  from = 0
  until = 0
  #high: number

  constructor(node: string, { last, hash, high }: Sealed) {
    this.#node = node
    this.sequence = last
    this.hash = hash
    this.#high = high
  }

  #must(truth: boolean): void {
    if (!truth) throw new Altered(`chain ${this.#node} was altered at record ${this.sequence + 1}`)
  }

  /** Throws unless it led to the head. */
  ends({ sequence, hash }: Head): void {
    this.#must(this.sequence === sequence && this.hash === hash)
  }

  take(run: Run): void {
    const must = (truth: boolean) => this.#must(truth)
    must(run.first === this.sequence + 1)
    for (const kept of run.body.split('\n')) {
      const [mark = '', sequence, place, account, at] = kept.split('\t', 5)
      const line = kept.slice(mark.length + 1)
      const hash = linked(this.hash, line)
      must(mark === markOf(hash) && sequence === String(this.sequence + 1) && account === run.account)
      must(Number(place) > this.#high)
      if (this.from === 0) this.from = Number(at)
      this.until = Number(at)
      this.#high = Number(place)
      this.hash = hash
      this.sequence++
    }
    must(run.last === this.sequence && run.high === this.#high)
  }
}
