import { isoSeconds } from '../base/instant.ts'
import { asForeigner, type Identity, userIdentity } from './identity.ts'
import { bounded, json, type MemberFacts, type Members, quoted, recorded } from './redact.ts'

/** Everything that a record is made of. One call makes one record, in the account of the caller; across accounts, two. */
export interface AuditFacts {
  readonly operation: {
    /** The service's signing name: `iam`, `sts`. */
    readonly service: string
    /** AWS's name of the operation. */
    readonly name: string
    readonly readOnly: boolean
    /** Hands out credentials: then the answer is recorded although CloudTrail calls the operation read-only. */
    readonly mints?: boolean
  }
  readonly identity: Identity
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly region: string
  /** The peer's address, or the AWS service that called (`ec2.amazonaws.com`). */
  readonly sourceIp: string
  readonly userAgent: string
  readonly requestId: string
  readonly eventId: string
  /** Whose trail it is. */
  readonly account: string
  /** The input as decoded, with AWS's member names; absent where it could not be decoded. */
  readonly parameters?: object
  /** What the model says of the members of the input. */
  readonly parameterFacts: Members
  /** Members that are recorded beside the input's, already in CloudTrail's words (`incomingTransitiveTags`, `sAMLAssertionID`). */
  readonly moreParameters?: Readonly<Record<string, unknown>>
  readonly response?: object
  readonly responseFacts: Members
  readonly additional?: Readonly<Record<string, unknown>>
  readonly fault?: {
    /** The wire code (`NoSuchEntity`). */
    readonly code: string
    /** The name of the shape where the model declares the code (`NoSuchEntityException`): that is what CloudTrail writes. */
    readonly shape?: string
    readonly message: string
  }
  readonly resources?: readonly AuditResource[]
  readonly sharedEventId?: string
  readonly tls?: { readonly version: string; readonly cipher: string; readonly host: string }
}

export interface AuditResource {
  readonly arn: string
  readonly account: string
  /** `AWS::IAM::Role`. */
  readonly type: string
}

/** A record ready for the store's trail. */
export interface AuditRow {
  readonly eventId: string
  readonly at: number
  readonly account: string
  readonly requestId: string
  /** JSON, at most 64 KB. */
  readonly event: string
}

/** Bytes as JSON writes them. Together with the fields around them a record stays below 64 KB. */
const parametersMax = 24 * 1024
const responseMax = 12 * 1024
const additionalMax = 4 * 1024
/** CloudTrail User Guide, "CloudTrail record contents": user agent, error code and error message are cut at 1 KB. */
const lineMax = 1024
const resourcesMax = 16
const arnMax = 512

/** What stands beside a call's own members is named by us, so its names are few, and looked into once. */
const named: MemberFacts = { members: () => named }
const ours: Members = () => named

/**
 * The record of one call, as the row that the trail keeps. Fields are in CloudTrail's order. It is written as text from the
 * start: every request waits for its record, and most of one is words that never change.
 */
export function auditRow(facts: AuditFacts): AuditRow {
  const { operation, fault, requestId, eventId, account, at } = facts
  const event =
    `{"eventVersion":"1.11","userIdentity":${identityText(facts.identity)},"eventTime":"${isoSeconds(at)}"` +
    `,"eventSource":${quoted(`${operation.service}.amazonaws.com`, 128)},"eventName":${quoted(operation.name, 128)}` +
    `,"awsRegion":${quoted(facts.region, 64)},"sourceIPAddress":${quoted(facts.sourceIp, 128)}` +
    `,"userAgent":${quoted(facts.userAgent, lineMax)}` +
    (fault === undefined ? '' : faultText(fault)) +
    `,"requestParameters":${parametersText(facts)},"responseElements":${responseText(facts)}` +
    (facts.additional === undefined ? '' : `,"additionalEventData":${bounded(facts.additional, additionalMax, ours)}`) +
    `,"requestID":${quoted(requestId, 128)},"eventID":${quoted(eventId, 128)},"readOnly":${operation.readOnly}` +
    (facts.resources === undefined || facts.resources.length === 0 ? '' : resourcesText(facts.resources)) +
    `,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":${quoted(account, 32)}` +
    (facts.sharedEventId === undefined ? '' : `,"sharedEventID":${quoted(facts.sharedEventId, 128)}`) +
    `,"eventCategory":"Management"${facts.tls === undefined ? '' : tlsText(facts.tls)}}`
  // INVARIANT: one-line-one-record. Looking for it also makes one text of the pieces, of which every one would otherwise wait
  // with the record until it is written.
  if (event.includes('\n')) throw new Error('an audit record is one line')
  return { eventId, at, account, requestId, event }
}

const identityTexts = new WeakMap<Identity, string>()

/** One caller calls many times; the text lives as long as what it tells of. */
function identityText(identity: Identity): string {
  let text = identityTexts.get(identity)
  if (text === undefined) {
    text = json(userIdentity(identity))
    identityTexts.set(identity, text)
  }
  return text
}

const faultText = ({ shape, code, message }: NonNullable<AuditFacts['fault']>): string =>
  `,"errorCode":${quoted(shape ?? code, lineMax)}` +
  (message === '' ? '' : `,"errorMessage":${quoted(message, lineMax)}`)

function parametersText({ parameters, parameterFacts, moreParameters }: AuditFacts): string {
  const own = parameters === undefined ? 'null' : recorded(parameters, parameterFacts, parametersMax)
  const more = moreParameters === undefined ? 'null' : bounded(moreParameters, additionalMax)
  if (more === 'null') return own
  return own === 'null' ? more : `${own.slice(0, -1)},${more.slice(1)}`
}

function responseText({ operation, fault, response, responseFacts }: AuditFacts): string {
  const silent = fault !== undefined || (operation.readOnly && operation.mints !== true)
  return silent || response === undefined ? 'null' : recorded(response, responseFacts, responseMax)
}

const resourcesText = (resources: readonly AuditResource[]): string => {
  const told = resources
    .slice(0, resourcesMax)
    .map(
      ({ arn, account, type }) =>
        `{"accountId":${quoted(account, 32)},"type":${quoted(type, 64)},"ARN":${quoted(arn, arnMax)}}`,
    )
  return `,"resources":[${told.join(',')}]`
}

const tlsText = ({ version, cipher, host }: NonNullable<AuditFacts['tls']>): string =>
  `,"tlsDetails":{"tlsVersion":${quoted(version, 32)},"cipherSuite":${quoted(cipher, 64)}` +
  `,"clientProvidedHostHeader":${quoted(host, 256)}}`

/**
 * A call into another account (AssumeRole of its role) is recorded in both, under two event ids and one shared one: the
 * caller's trail tells who called in full, the owner's only from which account, and with which unique id, also where the message of a
 * refusal names the caller.
 */
export function auditRowsAcross(
  facts: AuditFacts,
  owner: { readonly account: string; readonly eventId: string; readonly sharedEventId: string },
): readonly [caller: AuditRow, owner: AuditRow] {
  const shared = { ...facts, sharedEventId: owner.sharedEventId }
  return [auditRow(shared), auditRow({ ...asReceived(shared), account: owner.account, eventId: owner.eventId })]
}

/** What is told of a call to an account that is not the caller's own. */
export function asReceived(facts: AuditFacts): AuditFacts {
  const { fault } = facts
  const identity = asForeigner(facts.identity)
  const { arn } = userIdentity(facts.identity)
  if (fault === undefined || typeof arn !== 'string' || identity.type !== 'AWSAccount') return { ...facts, identity }
  return { ...facts, identity, fault: { ...fault, message: fault.message.replaceAll(arn, identity.principalId) } }
}
