import type { Need } from '../../access/need.ts'
import { iamArn } from '../../base/arn.ts'
import { arnOf } from '../../state/entity.ts'
import type { Tag } from '../../state/identity.ts'
import { type NamedKind, type Place, seek } from './lookup.ts'

/** How AWS's AccessDenied calls what an operation names: `role NAME`, not its ARN. */
const nouns: Readonly<Record<NamedKind, string>> = {
  user: 'user',
  group: 'group',
  role: 'role',
  'instance-profile': 'instance profile',
  'server-certificate': 'server certificate',
}

/**
 * The need of an operation that names an entity. The path is part of the ARN, so the entity is looked up; what does not
 * exist is taken to stand under `/`.
 */
export function onNamed(place: Place, action: string, kind: NamedKind, name: string): Need {
  const entity = seek(place, kind, name)
  const need = { action: `iam:${action}`, noun: `${nouns[kind]} ${name}` }
  if (entity === undefined) return { ...need, resource: iamArn(place.caller.account, `${kind}/${name}`) }
  return { ...need, resource: arnOf(entity), ...('tags' in entity ? { resourceTags: entity.tags } : {}) }
}

interface Born {
  readonly kind: NamedKind | 'policy'
  readonly name: string
  readonly path: string | undefined
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined
}

const tagging = {
  user: 'TagUser',
  role: 'TagRole',
  policy: 'TagPolicy',
  'instance-profile': 'TagInstanceProfile',
  'server-certificate': 'TagServerCertificate',
} as const

/** The needs of an operation that creates: the action on the ARN that is to be. */
export function onNew(place: Place, action: string, born: Born, more: Partial<Need> = {}): readonly Need[] {
  const resource = iamArn(place.caller.account, `${born.kind}${born.path ?? '/'}${born.name}`)
  const creating: Need = { action: `iam:${action}`, resource, ...more }
  // Groups bear no tags, and their requests bring none.
  return born.kind === 'group' ? [creating] : bornWith(creating, tagging[born.kind], born.tags)
}

/**
 * To create with tags needs the tagging action too. QUIRK: born-tagged. What is created counts as bearing the tags that it is
 * created with.
 */
export function bornWith(creating: Need, tagAction: string, brought: Born['tags']): readonly Need[] {
  const tags = tagsOf(brought)
  if (tags.length === 0) return [creating]
  const tagged = { ...creating, requestTags: tags, resourceTags: tags }
  return [tagged, { ...tagged, action: `iam:${tagAction}` }]
}

/** The need of an operation that lists a kind: the ARN of the path that is listed. */
export const onPath = (place: Place, action: string, kind: NamedKind, prefix: string | undefined): Need => ({
  action: `iam:${action}`,
  resource: iamArn(place.caller.account, `${kind}${prefix ?? '/'}`),
})

/** The need of an operation on a managed policy, which is named by its ARN. */
export const onPolicy = (action: string, arn: string, tags: readonly Tag[] | undefined): Need => ({
  action: `iam:${action}`,
  resource: arn,
  noun: `policy ${arn}`,
  ...(tags === undefined ? {} : { resourceTags: tags }),
})

/** The value of `iam:PermissionsBoundary`: the boundary that is set or in place, or the key's known absence. */
export const boundedBy = (boundary: string | undefined): NonNullable<Need['context']> => ({
  'iam:PermissionsBoundary': boundary === undefined ? null : [boundary],
})

/** Tags as the wire has them, in the words of the state. */
export const tagsOf = (tags: Born['tags'] = []): readonly Tag[] =>
  tags.map(({ Key, Value }) => ({ key: Key, value: Value }))
