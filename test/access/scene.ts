import type { Caller, Connection, Session } from '../../src/access/caller.ts'
import type { Circumstances } from '../../src/access/context.ts'
import type { Need } from '../../src/access/need.ts'
import type { Entity, EntityOf, Kind } from '../../src/state/entity.ts'
import type { Group, Role, User } from '../../src/state/identity.ts'
import { indexKeysOf } from '../../src/state/index-keys.ts'
import type { ManagedPolicy } from '../../src/state/managed-policy.ts'
import type { View } from '../../src/state/view.ts'

export const home = '111122223333'
export const away = '444455556666'
export const now = Date.UTC(2026, 0, 31, 12, 0, 7)

export const document = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement })
export const allow = (parts: object = {}): object => ({ Effect: 'Allow', Action: '*', Resource: '*', ...parts })
export const deny = (parts: object = {}): object => ({ Effect: 'Deny', Action: '*', Resource: '*', ...parts })

const plain = { account: home, createdAt: 0, inline: [], attached: [] }

export const user = (parts: Partial<User> = {}): User => ({
  ...plain,
  kind: 'user',
  id: 'AIDAALICE',
  name: 'Alice',
  path: '/dev/',
  tags: [],
  groups: [],
  ...parts,
})
export const group = (parts: Partial<Group> = {}): Group => ({
  ...plain,
  kind: 'group',
  id: 'AGPADEVS',
  name: 'devs',
  path: '/',
  ...parts,
})
export const role = (parts: Partial<Role> = {}): Role => ({
  ...plain,
  kind: 'role',
  id: 'AROAWORKER',
  name: 'worker',
  path: '/team/',
  tags: [],
  maxSessionSeconds: 3600,
  trust: { document: document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: home } }), pins: {} },
  ...parts,
})
export const managed = (name: string, text: string, parts: Partial<ManagedPolicy> = {}): ManagedPolicy => ({
  kind: 'policy',
  id: `ANPA${name.toUpperCase()}`,
  account: home,
  name,
  path: '/',
  createdAt: 0,
  updatedAt: 0,
  tags: [],
  versions: [{ id: 'v1', document: text, createdAt: 0 }],
  defaultVersion: 'v1',
  lastVersion: 1,
  ...parts,
})
export const session = (parts: Partial<Session> = {}): Session => ({
  issuedAt: now - 60_000,
  expiresAt: now + 60_000,
  policyArns: [],
  tags: [],
  transitiveTagKeys: [],
  chainDepth: 0,
  via: [],
  ...parts,
})

export const rootCaller = (parts: { readonly session?: Session } = {}): Caller => ({
  kind: 'root',
  account: home,
  arn: `arn:aws:iam::${home}:root`,
  userId: home,
  accessKeyId: 'AKIAROOT',
  ...parts,
})
export const userCaller = (who: User = user(), parts: { readonly session?: Session } = {}): Caller => ({
  kind: 'user',
  account: home,
  arn: `arn:aws:iam::${home}:user/dev/Alice`,
  userId: 'AIDAALICE',
  accessKeyId: 'AKIAALICE',
  user: who,
  ...parts,
})
export const sessionCaller = (who: Role = role(), own: Session = session()): Caller => ({
  kind: 'role-session',
  account: home,
  arn: `arn:aws:sts::${home}:assumed-role/worker/job-1`,
  userId: 'AROAWORKER:job-1',
  accessKeyId: 'ASIAWORKER',
  role: who,
  sessionName: 'job-1',
  session: own,
})

const connection: Connection = { sourceIp: '203.0.113.7', secure: true, region: 'eu-west-1' }
const plainNeed: Need = { action: 'iam:GetUser', resource: `arn:aws:iam::${home}:user/dev/Alice` }

export const circumstances = (
  parts: { readonly caller?: Caller; readonly connection?: Partial<Connection>; readonly need?: Partial<Need> } = {},
): Circumstances => ({
  caller: parts.caller ?? userCaller(),
  connection: { ...connection, ...parts.connection },
  need: { ...plainNeed, ...parts.need },
  now,
})

/** A state that holds these entities and nothing else. */
export function viewOf(...entities: readonly Entity[]): View {
  const of = <K extends Kind>(kind: K): readonly EntityOf<K>[] =>
    entities.filter((entity): entity is EntityOf<K> => entity.kind === kind)
  const find: View['find'] = (kind, key) => of(kind).filter((entity) => indexKeysOf(entity).includes(key))
  return {
    get: (kind, id) => of(kind).find((entity) => entity.id === id),
    find,
    one: (kind, key) => find(kind, key)[0],
  }
}
