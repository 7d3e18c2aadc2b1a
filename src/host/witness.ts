import type { Anchor } from '../audit/digest.ts'
import { type AuditKey, type AuditPublicKey, makeAuditKey, Signer } from '../audit/key.ts'
import type { Random } from '../base/env.ts'
import type { Vault } from '../base/sealed.ts'
import type { Draft } from '../state/draft.ts'
import { bindingOf, type Entity } from '../state/entity.ts'
import { everywhere } from '../state/index-keys.ts'
import type { AuditAnchor, AuditKeyPair, DigestKeyPair } from '../state/key.ts'
import type { View } from '../state/view.ts'
import type { Committer } from '../store/committer.ts'
import type { Engine } from '../store/engine.ts'
import { textOf } from '../store/row.ts'
import { type DigestKey, digestKeyIn } from '../token/digest-key.ts'

// What the store keeps of the audit trail: the keys of its digests, and the newest digest of each chain.

/** Makes the key that digests are signed with, where there is none yet. */
export function foundAuditKey(draft: Draft, seal: Vault['seal'], random: Random, now: number): void {
  if (draft.find('audit-key', everywhere).length > 0) return
  const { id, publicKey, secret } = makeAuditKey(random)
  const row = { kind: 'audit-key', id } as const
  draft.put({ ...row, publicKey, secret: seal(secret, bindingOf(row)), createdAt: now })
}

/** The keys, newest in front. Throws `CannotOpen` where what they are sealed under is not there. */
export const auditKeysOf = (view: View, vault: Pick<Vault, 'open'>): readonly AuditKey[] =>
  openedKeys(view.find('audit-key', everywhere), vault)

const openedKeys = (rows: readonly AuditKeyPair[], vault: Pick<Vault, 'open'>): readonly AuditKey[] =>
  newestFirst(rows).map((row) => ({
    id: row.id,
    publicKey: row.publicKey,
    secret: vault.open(row.secret, bindingOf(row)),
  }))

const newestFirst = (rows: readonly AuditKeyPair[]): readonly AuditKeyPair[] =>
  [...rows].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))

/** Notes digests in the store, one write at a time; of those that come meanwhile only each chain's newest counts. */
export function noteAnchors(
  committer: Pick<Committer, 'write'>,
  alarm: (what: string, error?: unknown) => void,
): (anchor: Anchor) => void {
  const waiting = new Map<string, Anchor>()
  let running = false
  const run = async () => {
    running = true
    while (waiting.size > 0) {
      const anchors = [...waiting.values()]
      waiting.clear()
      try {
        await committer.write((draft) => {
          for (const { node, ...anchor } of anchors) {
            const noted = draft.get('audit-anchor', node)
            if (noted === undefined || noted.segment < anchor.segment)
              draft.put({ kind: 'audit-anchor', id: node, ...anchor })
          }
          return { result: undefined, trail: [] }
        })
      } catch (error) {
        // The next digest is noted in their place.
        alarm('a digest of the audit trail could not be noted in the store', error)
      }
    }
    running = false
  }
  return (anchor) => {
    waiting.set(anchor.node, anchor)
    if (!running) void run()
  }
}

const anchorIn = ({ id, segment, sequence, hash, signature }: AuditAnchor): Anchor => ({
  node: id,
  segment,
  sequence,
  hash,
  signature,
})

/** The newest digest of each chain, as it was noted. */
export const notedIn = (view: View): readonly Anchor[] => view.find('audit-anchor', everywhere).map(anchorIn)

/** What a store says of the audit trail, as one reads it who only looks. */
export interface Witness {
  readonly keys: readonly AuditPublicKey[]
  /** Opens the private keys. Throws `CannotOpen`. */
  readonly secrets: (vault: Pick<Vault, 'open'>) => readonly AuditKey[]
  readonly anchors: readonly Anchor[]
  /** What digest files of an export are signed with; `undefined` where that was not made yet. */
  readonly digestKey: DigestKeyPair | undefined
}

/** Signs as the authority does, so that ends of chains can be held against their codes. Throws `CannotOpen`. */
export const signerOf = ({ keys, secrets }: Witness, vault: Pick<Vault, 'open'>): Signer | undefined =>
  keys.length === 0 ? undefined : new Signer(secrets(vault))

/** The same of the key that digest files are signed with. Throws `CannotOpen`. */
export const digestKeyOf = (pair: DigestKeyPair, vault: Pick<Vault, 'open'>): DigestKey =>
  digestKeyIn(vault.open(pair.secret, bindingOf(pair)))

const entities = 'SELECT body FROM entity WHERE kind = $1'

/** Reads without loading the rest, and without touching anything. */
export async function readWitness(store: Engine): Promise<Witness> {
  // Bodies are written from entities.
  const of = async (kind: string) =>
    (await store.all(entities, [kind])).map((row) => JSON.parse(textOf(row, 'body')) as Entity)
  const keys = (await of('audit-key')).filter((entity): entity is AuditKeyPair => entity.kind === 'audit-key')
  const anchors = (await of('audit-anchor')).filter((entity): entity is AuditAnchor => entity.kind === 'audit-anchor')
  const digestKeys = (await of('digest-key')).filter((entity): entity is DigestKeyPair => entity.kind === 'digest-key')
  return {
    digestKey: digestKeys[0],
    keys: newestFirst(keys),
    secrets: (vault) => openedKeys(keys, vault),
    anchors: anchors.map(anchorIn),
  }
}
