import type { TrailRow } from '../store/store.ts'
import { readMinted, subjectsOf } from './minted.ts'
import { Recorded } from './recorded.ts'
import { resourcesOf } from './resource.ts'

/** What records are found by: CloudTrail's lookup attributes, and of our own what leads from one record to another. */
export const attributeNames = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
  'RequestId',
  'SharedEventId',
  'PrincipalId',
  'Session',
] as const
export type AttributeName = (typeof attributeNames)[number]

export interface Attribute {
  readonly name: AttributeName
  readonly value: string
}

/** Longer texts are no name of anything; a record is below 64 KB whatever it holds. */
const valueMax = 2048

/** What every record of a session that was made has as `Session`, beside what that session is found by. */
export const everySession = '*'

/** Every attribute that a record has, each once. */
export function attributesOf(row: Pick<TrailRow, 'account' | 'event' | 'session'>): readonly Attribute[] {
  const event = new Recorded(row.event)
  const found: Attribute[] = []
  const add = (name: AttributeName, value: string | undefined) => {
    if (value === undefined || value === '' || value.length > valueMax) return
    if (!found.some((one) => one.name === name && one.value === value)) found.push({ name, value })
  }
  add('EventId', event.text('eventID'))
  add('EventName', event.text('eventName'))
  add('ReadOnly', event.word('readOnly'))
  add('Username', usernameOf(event))
  add('EventSource', event.text('eventSource'))
  add('AccessKeyId', event.text('userIdentity', 'accessKeyId'))
  for (const { type, name } of resourcesOf(event)) {
    add('ResourceType', type)
    add('ResourceName', name)
  }
  add('RequestId', event.text('requestID'))
  add('SharedEventId', event.text('sharedEventID'))
  add('PrincipalId', principalOf(event))
  if (row.session !== undefined)
    for (const subject of [everySession, ...subjectsIn(row.session, row.account)]) add('Session', subject)
  return found
}

/** Whatever stands there: a trail that was altered is indexed as well. */
function subjectsIn(session: string, account: string): readonly string[] {
  try {
    return subjectsOf(readMinted(session), account)
  } catch {
    return []
  }
}

/**
 * Who is called the user of an event. QUIRK: username-is-session-name. Of a role's session it is the session's name, not the role's;
 * root is `root`; a caller of another account has none.
 */
export function usernameOf(event: Recorded): string | undefined {
  const identity = (...path: readonly string[]) => event.text('userIdentity', ...path)
  switch (identity('type')) {
    case 'Root':
      return 'root'
    case 'AssumedRole':
    case 'FederatedUser':
      return identity('principalId')?.split(':').slice(1).join(':')
    default:
      return identity('userName')
  }
}

/** The unique id of who called: of a session that of its role, so that all sessions of one are found together. */
function principalOf(event: Recorded): string | undefined {
  const id = event.text('userIdentity', 'principalId')
  const type = event.text('userIdentity', 'type')
  return type === 'AssumedRole' || type === 'AWSAccount' ? id?.split(':')[0] : id
}

/** Whether a record has an attribute. */
export const hasAttribute = (row: Parameters<typeof attributesOf>[0], { name, value }: Attribute): boolean =>
  attributesOf(row).some((one) => one.name === name && one.value === value)
