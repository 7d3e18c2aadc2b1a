import type { View } from '../../src/state/view.ts'
import type { Part, Service } from '../clients/call.ts'
import type { Dice } from '../fuzz/dice.ts'

/** A user as it is expected to be, or as it is: plain values that compare as text. */
export interface Person {
  readonly tags: Readonly<Record<string, string>>
  readonly inline: Readonly<Record<string, string>>
  readonly attached: readonly string[]
  readonly groups: readonly string[]
  /** Ids of access keys. */
  readonly keys: readonly string[]
}

/** Everything that one client has made. Nobody else touches it, so what it must look like is known at every moment. */
export interface Estate {
  readonly people: Readonly<Record<string, Person>>
  /** Accounts, each with its administrator and its two keys: four entities that come about together. */
  readonly accounts: readonly string[]
}

/** A key whose id the client was never told, as the answer did not arrive. */
export const unknownKey = 'unknown'
const adminAccess = 'arn:aws:iam::aws:policy/AdministratorAccess'
export const nothing: Estate = { people: {}, accounts: [] }

/** One request, and what it makes of the estate; `result` is missing where no answer came. */
export interface Step {
  readonly service: Service
  readonly action: string
  readonly parameters: Readonly<Record<string, string>>
  readonly change: (estate: Estate, result: Part | undefined) => Estate
}

export const prefixOf = (client: number): string => `c${String(client).padStart(2, '0')}-`
const accountPrefixOf = (client: number): string => `9${String(client).padStart(2, '0')}`
const names = (record: object): string[] => Object.keys(record)
const without = <T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))

const policies = [
  'AmazonS3ReadOnlyAccess',
  'IAMReadOnlyAccess',
  'ReadOnlyAccess',
  'AmazonEC2FullAccess',
  'PowerUserAccess',
]
const empty: Person = { tags: {}, inline: {}, attached: [], groups: [], keys: [] }
const peopleMax = 8

/** What a client does next. Every step of its life bears a number of its own, so that no two leave the same behind. */
export function stepOf(dice: Dice, client: number, number: number, estate: Estate, roleArn: string): Step {
  const fate = dice.upTo(100)
  if (fate < 25) return assume(client, number, roleArn)
  if (fate < 30) return { service: 'sts', action: 'GetCallerIdentity', parameters: {}, change: (same) => same }
  if (fate < 33) return found(client, number)
  const people = names(estate.people)
  if (people.length === 0 || (fate < 45 && people.length < peopleMax)) return create(client, number)
  const name = dice.pick(people)
  const person = estate.people[name] ?? empty
  return fate < 70 ? grow(dice, name, number, person) : shrink(name, person)
}

const assume = (client: number, number: number, RoleArn: string): Step => ({
  service: 'sts',
  action: 'AssumeRole',
  parameters: { RoleArn, RoleSessionName: `${prefixOf(client)}${number}` },
  change: (same) => same,
})

function found(client: number, number: number): Step {
  const AccountId = `${accountPrefixOf(client)}${String(number).padStart(9, '0')}`
  return {
    service: 'rolecall',
    action: 'CreateAccount',
    parameters: { AccountId },
    change: (estate) => ({ ...estate, accounts: [...estate.accounts, AccountId] }),
  }
}

function create(client: number, number: number): Step {
  const UserName = `${prefixOf(client)}${number}`
  return {
    service: 'iam',
    action: 'CreateUser',
    parameters: { UserName, 'Tags.member.1.Key': 'made', 'Tags.member.1.Value': String(number) },
    change: (estate) => ({
      ...estate,
      people: { ...estate.people, [UserName]: { ...empty, tags: { made: String(number) } } },
    }),
  }
}

/** A step on one user. */
const on = (
  UserName: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
  change: (person: Person, result: Part | undefined) => Person,
): Step => ({
  service: 'iam',
  action,
  parameters: { UserName, ...parameters },
  change: (estate, result) => ({
    ...estate,
    people: { ...estate.people, [UserName]: change(estate.people[UserName] ?? empty, result) },
  }),
})

function grow(dice: Dice, name: string, number: number, person: Person): Step {
  const value = String(number)
  const attachable = policies
    .map((policy) => `arn:aws:iam::aws:policy/${policy}`)
    .filter((arn) => !person.attached.includes(arn))
  const choices = [
    () => {
      const tags = Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, value]))
      const members = names(tags).flatMap((key, index): [string, string][] => [
        [`Tags.member.${index + 1}.Key`, key],
        [`Tags.member.${index + 1}.Value`, value],
      ])
      return on(name, 'TagUser', Object.fromEntries(members), (old) => ({ ...old, tags: { ...old.tags, ...tags } }))
    },
    () => {
      const PolicyName = `p${dice.upTo(3)}`
      const Sid = `S${value}${'x'.repeat(dice.upTo(300))}`
      const Statement = { Sid, Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
      const inline = { [PolicyName]: PolicyDocument }
      return on(name, 'PutUserPolicy', { PolicyName, PolicyDocument }, (old) => ({
        ...old,
        inline: { ...old.inline, ...inline },
      }))
    },
    ...attachable
      .slice(0, 1)
      .map(
        (PolicyArn) => () =>
          on(name, 'AttachUserPolicy', { PolicyArn }, (old) => ({ ...old, attached: [...old.attached, PolicyArn] })),
      ),
    ...(person.keys.length >= 2
      ? []
      : [
          () =>
            on(name, 'CreateAccessKey', {}, (old, result) => ({
              ...old,
              keys: [...old.keys, result === undefined ? unknownKey : String(result.AccessKey?.AccessKeyId)],
            })),
        ]),
    ...(person.groups.length > 0
      ? []
      : [() => on(name, 'AddUserToGroup', { GroupName: 'everybody' }, (old) => ({ ...old, groups: ['everybody'] }))]),
    () => {
      const NewUserName = `${name.split('.')[0]}.${value}`
      return {
        service: 'iam',
        action: 'UpdateUser',
        parameters: { UserName: name, NewUserName },
        change: (estate: Estate) => ({
          ...estate,
          people: { ...without(estate.people, name), [NewUserName]: estate.people[name] ?? empty },
        }),
      } satisfies Step
    },
  ]
  return dice.pick(choices)()
}

/** Takes something of a user away, and at last the user. */
function shrink(name: string, person: Person): Step {
  const [PolicyName] = names(person.inline)
  const [PolicyArn] = person.attached
  const [AccessKeyId] = person.keys
  const [GroupName] = person.groups
  if (AccessKeyId !== undefined)
    return on(name, 'DeleteAccessKey', { AccessKeyId }, (old) => ({ ...old, keys: old.keys.slice(1) }))
  if (PolicyName !== undefined)
    return on(name, 'DeleteUserPolicy', { PolicyName }, (old) => ({ ...old, inline: without(old.inline, PolicyName) }))
  if (PolicyArn !== undefined)
    return on(name, 'DetachUserPolicy', { PolicyArn }, (old) => ({ ...old, attached: old.attached.slice(1) }))
  if (GroupName !== undefined) return on(name, 'RemoveUserFromGroup', { GroupName }, (old) => ({ ...old, groups: [] }))
  return {
    service: 'iam',
    action: 'DeleteUser',
    parameters: { UserName: name },
    change: (estate) => ({ ...estate, people: without(estate.people, name) }),
  }
}

/**
 * What there is of a client's, out of a state that was read from disk. `torn` names what is there in part only: an account without
 * one of its entities, a key without its user, a user in a group that is none.
 */
export function estatesIn(
  view: View,
  home: string,
  entities: {
    readonly users: readonly string[]
    readonly accounts: readonly string[]
    readonly keys: readonly string[]
  },
  clients: number,
): { readonly estates: readonly Estate[]; readonly torn: readonly string[] } {
  const torn: string[] = []
  const keysBy = new Map<string, string[]>()
  for (const id of entities.keys) {
    const key = view.get('access-key', id)
    if (key === undefined) continue
    if (view.get('user', key.owner) === undefined && view.get('account', key.owner) === undefined)
      torn.push(`key ${id} has no owner`)
    const held = keysBy.get(key.owner)
    if (held === undefined) keysBy.set(key.owner, [id])
    else held.push(id)
  }
  const users = entities.users.flatMap((id) => view.get('user', id) ?? [])
  for (const id of entities.accounts) {
    const administrators = users.filter(({ account }) => account === id)
    const [administrator] = administrators
    if (id === home) continue
    const whole =
      administrators.length === 1 &&
      administrator?.attached.join() === adminAccess &&
      keysBy.get(administrator.id)?.length === 1 &&
      keysBy.get(id)?.length === 1
    if (!whole) torn.push(`account ${id} is not whole`)
  }
  for (const user of users)
    if (user.account !== home && !entities.accounts.includes(user.account)) torn.push(`user ${user.id} has no account`)

  const estates = Array.from({ length: clients }, (_, client): Estate => {
    const mine = users.filter(({ account, name }) => account === home && name.startsWith(prefixOf(client)))
    const people = mine.map((user): [string, Person] => [
      user.name,
      {
        tags: Object.fromEntries(user.tags.map(({ key, value }) => [key, value])),
        inline: Object.fromEntries(user.inline.map(({ name, document }) => [name, document])),
        attached: user.attached,
        groups: user.groups.map((id) => view.get('group', id)?.name ?? `${id}, which is not there`),
        keys: keysBy.get(user.id) ?? [],
      },
    ])
    return {
      people: Object.fromEntries(people),
      accounts: entities.accounts.filter((id) => id.startsWith(accountPrefixOf(client)) && id !== home),
    }
  })
  return { estates, torn }
}

const sorted = (record: object): object =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The same text for the same estate. Keys that were never told are known by their number only. */
export function textOf(estate: Estate, told: (key: string) => boolean): string {
  const people = Object.entries(estate.people).map(([name, person]): [string, object] => [
    name,
    {
      tags: sorted(person.tags),
      inline: sorted(person.inline),
      attached: person.attached,
      groups: person.groups,
      keys: person.keys.map((key) => (told(key) ? key : unknownKey)).sort(),
    },
  ])
  return JSON.stringify({ people: sorted(Object.fromEntries(people)), accounts: [...estate.accounts].sort() })
}
