import type { Finding } from '../audit/feed.ts'
import type { Signer } from '../audit/key.ts'
import { verify } from '../audit/verify.ts'
import { CannotOpen, type Vault } from '../base/sealed.ts'
import { compile } from '../policy/library.ts'
import { bindingOf, type Entity } from '../state/entity.ts'
import { indexKeysOf } from '../state/index-keys.ts'
import { World } from '../state/world.ts'
import type { Engine } from '../store/engine.ts'
import { openStore } from '../store/sql-store.ts'
import { StoreDamaged } from '../store/store.ts'
import { loadWhole } from '../store/whole.ts'
import { fingerprintOf } from '../token/digest-key.ts'
import type { Databases } from './copy.ts'
import { readWitness, signerOf, type Witness } from './witness.ts'

/** What is wrong with a store or its trail, each in a line for the operator. */
export interface Checked {
  readonly entities: number
  readonly revision: number
  readonly records: number
  /** Records of writes that are on their way from the store to the trail. */
  readonly underWay: number
  /** Whether secrets were opened: only where the key was at hand. */
  readonly opened: boolean
  readonly complaints: readonly string[]
}

/**
 * Holds everything against everything: each row against its checksum and all of them against the head's, what entities say of
 * one another, every policy against its grammar, every secret against its key, and the trail against its chains. Rejects with
 * `StoreDamaged` where the store is not what was written: nothing more can be said of it then.
 */
export async function check({ store: engine, trail }: Databases, vault: Vault | undefined): Promise<Checked> {
  await engine.examine?.()
  const store = await openStore(engine)
  const { head, entities } = await loadWhole(store)
  const complaints: string[] = []
  const world = new World(entities, head)
  for (const entity of entities)
    for (const wrong of wrongWith(entity, world)) complaints.push(`${called(entity)} ${wrong}`)
  complaints.push(...twice(entities))
  if (vault !== undefined) for (const entity of entities) complaints.push(...sealedWrong(entity, vault))
  const witness = await readWitness(engine)
  if (trail !== engine) complaints.push(...(await malformed(trail)))
  const signer = vault && signing(witness, vault)
  const verdict = await verify(trail, { keys: witness.keys, anchors: witness.anchors, ...(signer && { signer }) })
  complaints.push(...verdict.findings.map(findingOf))
  const underWay = (await store.outbox()).reduce((sum, { rows }) => sum + rows.length, 0)
  return {
    entities: entities.length,
    revision: head.revision,
    records: verdict.records,
    underWay,
    opened: vault !== undefined,
    complaints,
  }
}

/** A trail that the database finds fault with may be sound in all that can be read of it. */
async function malformed(trail: Engine): Promise<readonly string[]> {
  try {
    await trail.examine?.()
    return []
  } catch (error) {
    if (error instanceof StoreDamaged) return [error.message]
    throw error
  }
}

function signing(witness: Witness, vault: Vault): Signer | undefined {
  try {
    return signerOf(witness, vault)
  } catch (error) {
    // That they cannot be opened is told with the other secrets.
    if (error instanceof CannotOpen) return undefined
    throw error
  }
}

const findingOf = ({ node, detail }: Finding): string => `the trail${node === '' ? '' : `, chain ${node}`}: ${detail}`

const called = (entity: Entity): string => `${entity.kind} ${entity.id}`

function* wrongWith(entity: Entity, world: World): Iterable<string> {
  if ('account' in entity && world.get('account', entity.account) === undefined)
    yield `is in account ${entity.account}, which there is not`
  switch (entity.kind) {
    case 'user':
      for (const group of entity.groups)
        if (world.get('group', group) === undefined) yield `is in group ${group}, which there is not`
      break
    case 'access-key':
    case 'ssh-public-key':
    case 'signing-certificate':
    case 'service-credential':
      if (entity.owner !== entity.account && world.get('user', entity.owner) === undefined)
        yield `belongs to ${entity.owner}, whom there is not`
      break
    case 'activity':
      if (entity.id !== entity.account && !(world.get('user', entity.id) ?? world.get('role', entity.id)))
        yield `is of ${entity.id}, whom there is not`
      break
    case 'login-profile':
      if (entity.id !== entity.account && world.get('user', entity.id) === undefined)
        yield `belongs to ${entity.id}, whom there is not`
      break
    case 'mfa-device': {
      const owner = entity.enabled?.owner
      if (owner !== undefined && owner !== entity.account && world.get('user', owner) === undefined)
        yield `is the device of ${owner}, whom there is not`
      break
    }
    case 'saml-key':
      if (world.get('saml-provider', entity.provider) === undefined)
        yield `belongs to ${entity.provider}, which there is not`
      break
    case 'digest-key':
      if (fingerprintOf(entity.publicKey) !== entity.id) yield 'has the public key of another'
      break
    case 'instance-profile':
      if (entity.role !== undefined && world.get('role', entity.role) === undefined)
        yield `has role ${entity.role}, which there is not`
      break
    case 'policy':
      if (!entity.versions.some(({ id }) => id === entity.defaultVersion))
        yield `has no version ${entity.defaultVersion}, which is its default`
      for (const { id, document } of entity.versions)
        if (!isPolicy(document)) yield `has a version ${id} that is no policy`
      break
    case 'role':
      if (!isPolicy(entity.trust.document)) yield 'has a trust policy that is none'
      break
    default:
  }
  if ('inline' in entity)
    for (const { name, document } of entity.inline)
      if (!isPolicy(document)) yield `has an inline policy ${name} that is none`
}

function isPolicy(document: string): boolean {
  try {
    compile('', document)
    return true
  } catch {
    return false
  }
}

/** Names are unique, which no row can tell by itself. */
function* twice(entities: readonly Entity[]): Iterable<string> {
  const names = new Map<string, Entity>()
  for (const entity of entities) {
    for (const key of indexKeysOf(entity)) {
      if (!key.startsWith('name ')) continue
      const other = names.get(`${entity.kind} ${key}`)
      if (other !== undefined) yield `${called(entity)} has the name of ${called(other)}`
      names.set(`${entity.kind} ${key}`, entity)
    }
  }
}

function sealedWrong(entity: Entity, vault: Vault): readonly string[] {
  if (!('secret' in entity)) return []
  try {
    vault.open(entity.secret, bindingOf(entity))
    return []
  } catch (error) {
    if (error instanceof CannotOpen) return [`${called(entity)} has a secret that does not open: ${error.message}`]
    throw error
  }
}
