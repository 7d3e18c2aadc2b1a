import { asForeigner, type Identity, isoSeconds, userIdentity } from './identity.ts'
import { bounded, type Members, oneLine, recorded } from './redact.ts'

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

/** The record of one call as an object, fields in CloudTrail's order. */
export function auditEvent(facts: AuditFacts): Readonly<Record<string, unknown>> {
  const { operation, fault } = facts
  const silent = fault !== undefined || (operation.readOnly && operation.mints !== true)
  const more = facts.moreParameters && bounded(facts.moreParameters, additionalMax)
  const parameters = facts.parameters && recorded(facts.parameters, facts.parameterFacts, parametersMax)
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(facts.identity),
    eventTime: isoSeconds(facts.at),
    eventSource: `${operation.service}.amazonaws.com`,
    eventName: oneLine(operation.name, 128),
    awsRegion: oneLine(facts.region, 64),
    sourceIPAddress: oneLine(facts.sourceIp, 128),
    userAgent: oneLine(facts.userAgent, lineMax),
    ...(fault && {
      errorCode: oneLine(fault.shape ?? fault.code, lineMax),
      ...(fault.message !== '' && { errorMessage: oneLine(fault.message, lineMax) }),
    }),
    requestParameters: more ? { ...parameters, ...more } : (parameters ?? null),
    responseElements: silent || !facts.response ? null : recorded(facts.response, facts.responseFacts, responseMax),
    ...(facts.additional && { additionalEventData: bounded(facts.additional, additionalMax) }),
    requestID: facts.requestId,
    eventID: facts.eventId,
    readOnly: operation.readOnly,
    ...(facts.resources?.length && {
      resources: facts.resources.slice(0, resourcesMax).map(({ arn, account, type }) => ({
        accountId: oneLine(account, 32),
        type: oneLine(type, 64),
        ARN: oneLine(arn, arnMax),
      })),
    }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: facts.account,
    ...(facts.sharedEventId !== undefined && { sharedEventID: facts.sharedEventId }),
    eventCategory: 'Management',
    ...(facts.tls && {
      tlsDetails: {
        tlsVersion: facts.tls.version,
        cipherSuite: facts.tls.cipher,
        clientProvidedHostHeader: oneLine(facts.tls.host, 256),
      },
    }),
  }
}

/** The same, as the row that the trail keeps. */
export function auditRow(facts: AuditFacts): AuditRow {
  return {
    eventId: facts.eventId,
    at: facts.at,
    account: facts.account,
    requestId: facts.requestId,
    event: steerless(JSON.stringify(auditEvent(facts))),
  }
}

/**
 * A call into another account (AssumeRole of its role) is recorded in both, under two event ids and one shared one: the
 * caller's trail tells who called in full, the owner's only from which account, and with which unique id.
 */
export function auditRowsAcross(
  facts: AuditFacts,
  owner: { readonly account: string; readonly eventId: string; readonly sharedEventId: string },
): readonly [caller: AuditRow, owner: AuditRow] {
  const shared = { ...facts, sharedEventId: owner.sharedEventId }
  return [
    auditRow(shared),
    auditRow({ ...shared, identity: asForeigner(facts.identity), account: owner.account, eventId: owner.eventId }),
  ]
}

/** Escapes what JSON may hold bare but a terminal or a log reader acts upon: C1 controls, line separators, writing direction. */
function steerless(json: string): string {
  return json.replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
