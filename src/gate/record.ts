import { principalOf } from '../access/ask.ts'
import { type Caller, type Connection, isLogin } from '../access/caller.ts'
import { organizationId } from '../access/organization.ts'
import { type AuditFacts, type AuditRow, asReceived, auditRow, auditRowsAcross } from '../audit/event.ts'
import type { Random } from '../base/env.ts'
import type { Fault } from '../base/fault.ts'
import { uuid } from '../base/id.ts'
import type { OperationModel, ServiceModel } from '../model/service.ts'
import { asSeenBy, type Explanation, explainRule } from '../policy/explain.ts'
import type { Operation, Touched } from '../service/operation.ts'
import { roleAuthorizedByIdp } from '../service/sts/id-token.ts'
import { inheritedTags } from '../service/sts/session-tags.ts'
import type { View } from '../state/view.ts'
import type { TrailRow } from '../store/store.ts'
import type { SessionClaims } from '../token/session.ts'
import { Refusal } from './authorize.ts'
import { extendedId } from './extended-id.ts'
import { claimedIdentity, identityOf } from './identity.ts'
import { membersOf, nothingKnown, withAsserted } from './member-facts.ts'
import { mintedOf } from './minted.ts'

/** What is known of a request by the time that it is recorded; less, where it ended early. */
export interface Walked {
  readonly requestId: string
  readonly at: number
  readonly connection: Connection
  readonly service: ServiceModel | undefined
  readonly model: OperationModel | undefined
  readonly operation: Operation | undefined
  /** The name that was asked for, also where there is no such operation. */
  readonly asked: string
  readonly claimedKey: string | undefined
  readonly caller: Caller | undefined
  /** The account that a request without a signature says that it is about. */
  readonly concerns: string | undefined
  readonly input: object | undefined
  readonly touched: readonly Touched[]
  /** The session that was made, where one was. */
  readonly minted: SessionClaims | undefined
  /** How old what the answer rests on may be, where the store could not be asked. */
  readonly staleSeconds: number | undefined
}

/** Requests that nobody could be held to are kept under no account. */
const nobody = '-'

/** What an assertion or an ID token asked for, as if the request had: neither is in any record itself. */
function assertedParameters(caller: Caller | undefined): object {
  if (caller === undefined || !isLogin(caller)) return {}
  const { tags, transitiveTagKeys, sourceIdentity } = caller
  return {
    ...(caller.kind === 'saml'
      ? { SAMLAssertionID: caller.asserted.assertionId, RoleSessionName: caller.asserted.sessionName }
      : {}),
    ...(tags.length === 0 ? {} : { PrincipalTags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) }),
    ...(transitiveTagKeys.length === 0 ? {} : { TransitiveTagKeys: transitiveTagKeys }),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
  }
}

/** The tags that a role's session takes over from the one that it grows out of stand beside those that were passed. */
function incomingTags({ caller, operation }: Walked): { moreParameters?: Readonly<Record<string, unknown>> } {
  if (caller === undefined || operation?.service !== 'sts' || operation.name !== 'AssumeRole') return {}
  const tags = inheritedTags(caller.session)
  if (tags.length === 0) return {}
  return { moreParameters: { incomingTransitiveTags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) } }
}

/**
 * QUIRK: refused-without-parameters. IAM and STS decide who may before they read what was asked, so the record of a signed call that
 * policies refused has no parameters: what it was about stands in the words of the refusal.
 */
const refusedUnread = ({ service, operation }: Walked, fault: Fault | undefined): boolean =>
  fault instanceof Refusal &&
  operation?.kind !== 'login' &&
  (service?.signingName === 'iam' || service?.signingName === 'sts')

/** CloudTrail names an error by its shape (`NoSuchEntityException`) where the service's model has one. */
function faultFacts(fault: Fault, service: ServiceModel | undefined): NonNullable<AuditFacts['fault']> {
  const shape = service?.error(fault.code) === undefined ? undefined : fault.code.replace(/(Exception)?$/, 'Exception')
  return { code: fault.code, message: fault.message, ...(shape === undefined ? {} : { shape }) }
}

/** In CloudTrail's words (IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail"). */
const methods = { authority: 'IAMTrustStore', thumbprint: 'Thumbprint' } as const

/**
 * QUIRK: sts-serving-region. STS says in each record which region served the call. A client here names the region that it means in
 * its signature, so its endpoint is always that region's.
 */
const servedBySts = (walked: Walked) => ({
  ExtendedRequestId: extendedId(walked),
  RequestDetails: { awsServingRegion: walked.connection.region, endpointType: 'regional' },
})

function additionalOf(walked: Walked, refused: boolean): { additional?: Readonly<Record<string, unknown>> } {
  const { caller, staleSeconds, service } = walked
  const login = caller?.kind === 'web-identity' ? caller : undefined
  const authorized = !refused && login?.keys[roleAuthorizedByIdp]?.includes('true') === true
  const additional = {
    ...(service?.signingName === 'sts' && servedBySts(walked)),
    // QUIRK: role-authorized-told-when-true. Where the token named no role, AWS leaves it out rather than saying so.
    ...(authorized && { RoleAuthorizedByIdp: true }),
    ...(login?.vouched !== undefined && { identityProviderConnectionVerificationMethod: methods[login.vouched] }),
    ...(staleSeconds !== undefined && { StaleSeconds: staleSeconds }),
  }
  return Object.keys(additional).length === 0 ? {} : { additional }
}

/** What nobody knows changes nothing. */
function isReading(operation: Operation | undefined): boolean {
  if (operation === undefined) return true
  if (operation.kind === 'mint' || operation.kind === 'login') return operation.becomes === true
  return operation.level === 'list' || operation.level === 'read'
}

/**
 * The records of one request: one in the caller's account, and where it touches another account's resource one there, under
 * a shared event id. The explanation of a refusal goes with each, and holds no more than that account's own side.
 */
export function recordsOf(
  walked: Walked,
  view: View,
  random: Random,
  ended: { readonly output?: object; readonly fault?: Fault },
): readonly TrailRow[] {
  const { caller, operation, model } = walked
  const service = walked.service?.signingName
  const identity = caller === undefined ? claimedIdentity(view, walked.claimedKey) : identityOf(caller, view)
  const account =
    caller?.account ??
    (identity.type === 'Unknown' ? identity.account : undefined) ??
    (walked.concerns === undefined ? undefined : view.get('account', walked.concerns)?.id) ??
    nobody
  const unread = refusedUnread(walked, ended.fault)
  const record: AuditFacts = {
    operation: {
      service: service ?? 'unknown',
      name: walked.asked,
      readOnly: isReading(operation),
      mints: operation?.kind === 'mint' || operation?.kind === 'login',
    },
    identity,
    at: walked.at,
    region: walked.connection.region,
    sourceIp: walked.connection.sourceIp,
    userAgent: walked.connection.userAgent ?? '',
    requestId: walked.requestId,
    eventId: uuid(random),
    account,
    parameterFacts: model?.input === undefined ? nothingKnown : withAsserted(membersOf(model.input, service)),
    responseFacts: model?.output === undefined ? nothingKnown : membersOf(model.output, service),
    // What is not always there comes last: the engine takes several times as long over every member behind a spread.
    ...(unread || walked.input === undefined ? {} : { parameters: { ...walked.input, ...assertedParameters(caller) } }),
    ...(unread ? {} : incomingTags(walked)),
    ...(ended.output === undefined ? {} : { response: ended.output }),
    ...(ended.fault === undefined ? {} : { fault: faultFacts(ended.fault, walked.service) }),
    ...(walked.touched.length === 0 ? {} : { resources: walked.touched }),
    ...(walked.connection.tls === undefined ? {} : { tls: walked.connection.tls }),
    ...additionalOf(walked, ended.fault !== undefined),
  }
  const elsewhere = walked.touched.find(
    (resource) => resource.account !== account && view.get('account', resource.account) !== undefined,
  )
  const explanation = ended.fault === undefined ? undefined : explanationOf(walked, ended.fault)
  const overseer = explanation === undefined ? undefined : overseerOf(explanation)
  const shared = elsewhere === undefined && overseer === undefined ? undefined : uuid(random)
  const rows: AuditRow[] =
    shared === undefined || caller === undefined
      ? [auditRow(record)]
      : elsewhere === undefined
        ? [auditRow({ ...record, sharedEventId: shared })]
        : [...auditRowsAcross(record, { account: elsewhere.account, eventId: uuid(random), sharedEventId: shared })]
  if (overseer !== undefined && shared !== undefined && rows.every((row) => row.account !== overseer)) {
    // Who is of another organization, or of none, is to it what it is to its member.
    const told = managerOf(view, account) === overseer ? record : asReceived(record)
    rows.push(auditRow({ ...told, account: overseer, eventId: uuid(random), sharedEventId: shared }))
  }
  if (walked.minted !== undefined && ended.fault === undefined) {
    const session = mintedOf(view, walked.minted)
    return rows.map((row) => ({ ...row, session }))
  }
  if (explanation === undefined) return rows
  return rows.map((row) => {
    const seen = asSeenBy(explanation, row.account)
    // A rule that concerns one account only is not explained to the other.
    if (seen.because === 'rule' && seen.missing.length === 0) return row
    return { ...row, decision: JSON.stringify(seen) }
  })
}

/** The account that manages the organization that an account is in. */
function managerOf(view: View, account: string): string | undefined {
  const organization = organizationId(view, account)
  return organization === undefined ? undefined : view.get('organization', organization)?.account
}

/**
 * The account whose organization refused. It alone may read why, so the refusal is recorded there too: of a member's caller in full, as
 * an organization's trail has it.
 */
function overseerOf({ layers, blocking, effect }: Explanation): string | undefined {
  if (effect !== 'deny' || (blocking !== 'scp' && blocking !== 'rcp')) return undefined
  return layers.find(({ kind, says }) => kind === blocking && says !== 'allow')?.account
}

/** Why a request was refused, by policies or by a rule; nothing of a fault that tells everything by itself. */
function explanationOf({ caller, operation }: Walked, fault: Fault): Explanation | undefined {
  if (fault instanceof Refusal) return fault.explanation
  const { reason } = fault
  if (reason === undefined || caller === undefined || operation === undefined) return undefined
  return explainRule({
    principal: principalOf(caller),
    action: `${operation.service}:${operation.name}`,
    resource: reason.resource?.arn ?? '*',
    resourceAccount: reason.resource?.account,
    missing: reason.missing,
    hints: reason.hints,
  })
}
