import { oneLine } from '../audit/redact.ts'
import type { Answer } from './client.ts'

/** A session as it is printed with --json. Times are ISO 8601. */
export interface Session {
  readonly accessKeyId: string
  readonly arn: string
  readonly principalId: string
  readonly operation: string
  readonly source: {
    readonly type: string
    readonly arn?: string
    readonly principalId?: string
    readonly accountId?: string
    readonly accessKeyId?: string
    readonly sourceIp?: string
    readonly userAgent?: string
  }
  readonly created: string
  readonly expires: string
  readonly mfa: boolean
  readonly sourceIdentity?: string
  readonly tagKeys: readonly string[]
  readonly hops: readonly { readonly principalId: string; readonly accessKeyId?: string }[]
  /** Why it is over, where it is. */
  readonly ended?: string
  /** The call that made it, by its own id and by the one under which two accounts know it. */
  readonly eventId?: string
  readonly sharedEventId?: string
}

export const text = (answer: Answer | undefined): string | undefined =>
  answer === undefined || answer === null ? undefined : String(answer)
const time = (answer: Answer | undefined): string => new Date(Number(answer) * 1000).toISOString()
// Lists of the model; `Answer` has words for members only.
export const many = (answer: Answer | undefined): readonly Answer[] => (Array.isArray(answer) ? answer : [])

/** Members that are there, by the name that they have here. */
export const given = <Name extends string>(members: Readonly<Record<Name, string | undefined>>) =>
  // What is left out is not there under its name.
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<
    Record<Name, string>
  >

/** Who made a call, and from where. */
export const sourceIn = (source: Answer | undefined): Session['source'] => ({
  type: String(source?.Type),
  ...given({
    arn: text(source?.Arn),
    principalId: text(source?.PrincipalId),
    accountId: text(source?.AccountId),
    accessKeyId: text(source?.AccessKeyId),
    sourceIp: text(source?.SourceIp),
    userAgent: text(source?.UserAgent),
  }),
})

export function sessionIn(answer: Answer): Session {
  const { Source, TagKeys, Hops } = answer
  return {
    accessKeyId: String(answer.AccessKeyId),
    arn: String(answer.Arn),
    principalId: String(answer.PrincipalId),
    operation: String(answer.Operation),
    source: sourceIn(Source),
    created: time(answer.CreateDate),
    expires: time(answer.Expiration),
    mfa: String(answer.MultiFactorAuthPresent) === 'true',
    tagKeys: many(TagKeys).map(String),
    hops: many(Hops).map(({ PrincipalId, AccessKeyId }) => ({
      principalId: String(PrincipalId),
      ...given({ accessKeyId: text(AccessKeyId) }),
    })),
    ...given({
      sourceIdentity: text(answer.SourceIdentity),
      ended: text(answer.Ended),
      eventId: text(answer.EventId),
      sharedEventId: text(answer.SharedEventId),
    }),
  }
}

/** Two lines or more for each session, on a terminal so wide. */
export function listOf(sessions: readonly Session[], now: number, columns: number): readonly string[] {
  if (sessions.length === 0) return ['no sessions']
  const living = sessions.filter(({ ended }) => ended === undefined).length
  return [
    ...sessions.flatMap((session) => [
      ...underFirst(`${session.accessKeyId}  ${stateOf(session, now).padEnd(12)}  ${whoIn(session.arn)}`, columns),
      ...wrapped(oneLine(aboutOf(session), 4096), '    ', columns),
    ]),
    `${living} live${living < sessions.length ? `, ${sessions.length - living} ended` : ''}`,
  ]
}

function stateOf({ ended, expires }: Session, now: number): string {
  if (ended !== undefined) return ended.replace('-', ' ')
  const minutes = Math.ceil((Date.parse(expires) - now) / 60_000)
  return minutes < 120 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h left`
}

/** Whose an ARN is, as people say it: `role app, session deploy`, `user ann`. */
export function whoIn(arn: string): string {
  const resource = arn.split(':').slice(5).join(':')
  const [kind = '', ...parts] = resource.split('/')
  if (kind === 'assumed-role') return `role ${parts[0]}, session ${parts.slice(1).join('/')}`
  if (kind === 'federated-user') return `federated user ${parts.join('/')}`
  return parts.length === 0 ? kind : `${kind} ${parts.at(-1)}`
}

/** Somebody whom an identity provider vouched for, who has no ARN; `undefined` of anybody else. */
export function loginIn({ type, arn: provider = '', principalId = '' }: Session['source']): string | undefined {
  if (type !== 'SAMLUser' && type !== 'WebIdentityUser') return undefined
  // The id begins with the provider, which is told by itself.
  const subject = principalId.startsWith(`${provider}:`) ? principalId.slice(provider.length + 1) : principalId
  return `${type === 'SAMLUser' ? 'SAML' : 'web identity'} user ${subject}${provider === '' ? '' : ` of ${provider}`}`
}

function aboutOf({ operation, source, mfa, sourceIdentity, tagKeys, hops }: Session): string {
  const by =
    source.type === 'AWSAccount'
      ? `account ${source.accountId ?? ''} (${source.principalId ?? ''})`
      : (loginIn(source) ?? (source.arn === undefined ? (source.principalId ?? source.type) : whoIn(source.arn)))
  return [
    `${operation} by ${by}`,
    ...(source.accessKeyId === undefined ? [] : [`with ${source.accessKeyId}`]),
    ...(source.sourceIp === undefined ? [] : [`from ${source.sourceIp}`]),
    ...(mfa ? ['with MFA'] : []),
    ...(hops.length > 1 ? [`${hops.length} hops from where it began`] : []),
    ...(sourceIdentity === undefined ? [] : [`source identity ${sourceIdentity}`]),
    ...(tagKeys.length === 0 ? [] : [`tags ${tagKeys.join(', ')}`]),
  ].join('; ')
}

/** Text in lines of a terminal's width. A word that is longer has a line of its own. */
export function wrapped(line: string, indent = '', width = 80): readonly string[] {
  const lines: string[] = []
  let last = ''
  for (const each of line.split(' ')) {
    const longer = last === '' ? each : `${last} ${each}`
    if (indent.length + longer.length > width && last !== '') {
      lines.push(indent + last)
      last = each
    } else last = longer
  }
  return [...lines, indent + last]
}

/** What does not fit a line goes on under it, further in. */
export function underFirst(line: string, width: number): readonly string[] {
  const [first = '', ...more] = wrapped(line, '', width)
  return [first, ...(more.length === 0 ? [] : wrapped(more.join(' '), '    ', width))].map((text) => text.trimEnd())
}
