import { endOf } from '../../access/liveness.ts'
import { hopsIn } from '../../audit/minted.ts'
import { type Made, sessionsIn } from '../../audit/session-list.ts'
import type { Session, SessionSource } from '../../model/calls/rolecall.ts'
import type { View } from '../../state/view.ts'
import { wholeSecond } from '../iam/make.ts'
import { operationsOf } from '../operation.ts'
import { markerAt, positionIn } from './marker.ts'
import { checkNamed, idOf, onNamed } from './session-target.ts'

const rolecall = operationsOf('rolecall')

const sessionsByDefault = 100

/**
 * Sessions whose time has not come, newest first, from the records of the calls that made them: they are stored nowhere else. An
 * account sees those of its own identities, and those that its identities began in other accounts. A page may be short, or empty, and
 * not be the last.
 */
export const listSessions = rolecall.data('ListSessions', {
  level: 'list',
  check: (input, scene) => {
    checkNamed(input, scene)
  },
  needs: (input, scene) => [onNamed('rolecall:ListSessions', input, scene)],
  async run(scene, input) {
    const { trail, caller, state, now } = scene
    const { made, next } = await sessionsIn(trail.lookup, caller.account, {
      of: idOf(scene, input),
      after: now,
      limit: input.MaxItems ?? sessionsByDefault,
      before: input.Marker === undefined ? undefined : positionIn(input.Marker),
    })
    return {
      Sessions: made.map((each) => sessionTold(state, caller.account, each)),
      IsTruncated: next !== undefined,
      ...(next === undefined ? {} : { Marker: markerAt(next) }),
    }
  },
})

/** A session as an account is told of it. */
export function sessionTold(state: View, account: string, { minted, event }: Made): Session {
  const { key, kind, principal, arn, issuedAt, expiresAt, revision, sourceIdentity, tagKeys } = minted
  const record = parsed(event)
  const ended = endOf(state, {
    accessKeyId: key,
    kind,
    account: minted.account,
    principalId: principal,
    via: minted.via,
    issuedAt,
    revision,
  })
  return {
    AccessKeyId: key,
    Arn: arn,
    PrincipalId: principal,
    Operation: text(record.eventName) ?? '',
    Source: sourceOf(event),
    CreateDate: wholeSecond(issuedAt),
    Expiration: expiresAt,
    // A role's session does not say itself that a factor was shown to begin it.
    MultiFactorAuthPresent: minted.mfa || factorShown(record),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    TagKeys: tagKeys,
    Hops: hopsIn(minted, account).map((hop) => ({
      PrincipalId: hop.identity,
      ...(hop.key === '' ? {} : { AccessKeyId: hop.key }),
    })),
    ...(ended === undefined ? {} : { Ended: ended }),
    EventId: text(record.eventID),
    SharedEventId: text(record.sharedEventID),
  }
}

type Members = Readonly<Record<string, unknown>>

const membersOf = (value: unknown): Members =>
  // Whatever is an object has members by name.
  typeof value === 'object' && value !== null ? (value as Members) : {}
const parsed = (event: string): Members => membersOf(JSON.parse(event))
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Who made a call, and from where. */
export function sourceOf(event: string): SessionSource {
  const { userIdentity, sourceIPAddress, userAgent } = parsed(event)
  const identity = membersOf(userIdentity)
  return {
    Type: text(identity.type) ?? '',
    Arn: text(identity.arn) ?? text(identity.identityProvider),
    PrincipalId: text(identity.principalId),
    AccountId: text(identity.accountId),
    AccessKeyId: text(identity.accessKeyId),
    SourceIp: text(sourceIPAddress),
    UserAgent: text(userAgent),
  }
}

/** Whether the call that made the session showed a second factor, or was made by who had shown one. */
function factorShown({ userIdentity, requestParameters }: Members): boolean {
  const { attributes } = membersOf(membersOf(userIdentity).sessionContext)
  return membersOf(requestParameters).serialNumber !== undefined || membersOf(attributes).mfaAuthenticated === 'true'
}
