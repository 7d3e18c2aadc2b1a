import { machineClock } from '../host/machine.ts'
import { callService, type Keys, Refused } from './client.ts'
import { type Principal, subjectOf } from './principal.ts'
import { keysFor, type Seen } from './seen.ts'
import { many, type Session, text } from './session-list.ts'
import { type Subject, type Trace, traced } from './trace-walk.ts'

/** Whom it is about. */
export type Suspect = Principal | { readonly kind: 'key'; readonly name: string; readonly account: string }

/** What is to be done, and what is known of whom it is done to. */
export interface Plan {
  readonly suspect: Suspect
  readonly account: string
  /** How TraceSession and RevokeSessions name the suspect. */
  readonly subject: Subject
  /** Active keys that are deactivated. */
  readonly keys: readonly string[]
  /** Whose they are; root's have no user's name. */
  readonly user: string | undefined
  /** Sessions that are alive and end with it. */
  readonly sessions: readonly Session[]
  readonly trace: Trace
  /** Keys of the account that are at hand and go on being good; `undefined` where those are shut out as well. */
  readonly surviving: Keys | undefined
}

/** Calls that are read of each key, of a user or a session. */
export const callsRead = 500

/** Throws where there is no such suspect, or where whoever asks may not look. */
export async function planFor(seen: Seen, suspect: Suspect, account: string): Promise<Plan> {
  const subject: Subject = suspect.kind === 'key' ? { AccessKeyId: suspect.name } : subjectOf(suspect)
  if (suspect.kind === 'role') await mustBeThere(seen, account, suspect.name)
  const trace = await traced(seen, subject, { limit: callsRead, account })
  const own = trace.steps.at(-1)
  const now = machineClock.now()
  const alive = [...(own === undefined ? [] : [own]), ...trace.sessions].filter(
    ({ ended, expires }) => ended === undefined && Date.parse(expires) > now,
  )
  const user = suspect.kind === 'user' ? suspect.name : await userOf(seen, account, suspect, trace)
  const keys = await activeKeys(seen, account, suspect, user)
  const shutOut = new Set([suspect.name, ...keys, ...alive.map(({ accessKeyId }) => accessKeyId)])
  return {
    suspect,
    account,
    subject,
    keys,
    user,
    sessions: alive,
    trace,
    surviving: [seen.accounts.get(account), seen.roots.get(account)].find(
      (each) => each !== undefined && !shutOut.has(each.accessKeyId),
    ),
  }
}

/** A role that was deleted can still be traced, and there is nothing left of it to contain. */
async function mustBeThere(seen: Seen, account: string, RoleName: string): Promise<void> {
  try {
    await callService(seen.endpoint, keysFor(seen, account), 'iam', 'GetRole', { RoleName })
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal === 'NoSuchEntity') throw error
  }
}

/** Whose a lasting key is: nobody's who has a name where it is root's, or where it is gone and was never used. */
async function userOf(seen: Seen, account: string, { kind, name }: Suspect, trace: Trace): Promise<string | undefined> {
  if (kind !== 'key' || !isLasting(name)) return undefined
  const used = trace.origin?.type === 'IAMUser' ? trace.origin.arn?.split('/').at(-1) : undefined
  try {
    const own = keysFor(seen, account)
    const { UserName } = await callService(seen.endpoint, own, 'iam', 'GetAccessKeyLastUsed', { AccessKeyId: name })
    return text(UserName)
  } catch (error) {
    // A key that the account does not have any more is answered like one that may not be asked about.
    if (error instanceof Refused) return used
    throw error
  }
}

/** Of a user or root all that are active, of a lasting key that one; sessions and roles have none. */
async function activeKeys(
  seen: Seen,
  account: string,
  { kind, name }: Suspect,
  user: string | undefined,
): Promise<readonly string[]> {
  if (kind === 'role' || (kind === 'key' && !isLasting(name))) return []
  // Root's keys are told to root alone. Where it cannot be asked, the key is taken to be what it was named as.
  const asking = user === undefined ? seen.roots.get(account) : keysFor(seen, account)
  if (asking === undefined) return kind === 'key' ? [name] : []
  const answer = await callService(seen.endpoint, asking, 'iam', 'ListAccessKeys', { UserName: user })
  return many(answer.AccessKeyMetadata)
    .filter(({ Status }) => text(Status) === 'Active')
    .map(({ AccessKeyId }) => String(AccessKeyId))
    .filter((key) => kind !== 'key' || key === name)
}

const isLasting = (key: string): boolean => key.startsWith('AKIA')

/** Does it in one change, so that nothing begins in between. Answers the keys that were deactivated. */
export async function carryOut(seen: Seen, { account, suspect, subject, surviving }: Plan): Promise<readonly string[]> {
  const { DeactivatedKeys } = await callService(
    seen.endpoint,
    surviving ?? keysFor(seen, account),
    'rolecall',
    'RevokeSessions',
    { ...subject, ...(suspect.kind === 'role' ? {} : { DeactivateKeys: 'true' }) },
  )
  return many(DeactivatedKeys).map(String)
}
