import { isoSeconds } from '../base/instant.ts'
import { bounded, oneLine } from './redact.ts'

/** Facts of the session that a caller's credentials belong to. */
export interface SessionFacts {
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly mfa: boolean
  readonly sourceIdentity?: string
  /** Whether it is a session of a root user that was lent out by its organization. */
  readonly assumedRoot?: boolean
  /** Who vouched for a session that began with AssumeRoleWithWebIdentity. */
  readonly webIdentity?: { readonly provider: string; readonly attributes: Readonly<Record<string, string>> }
  /** How the metadata service handed the role out: `1.0` or `2.0`. */
  readonly ec2RoleDelivery?: string
}

/** Who called, as the audit record tells it (CloudTrail User Guide, "CloudTrail userIdentity element"). */
export type Identity =
  | {
      readonly type: 'Root'
      readonly account: string
      /** The account's alias, where it has one. */
      readonly name?: string
      readonly accessKeyId?: string
      readonly session?: SessionFacts
    }
  | {
      readonly type: 'IAMUser'
      readonly account: string
      readonly id: string
      readonly arn: string
      readonly name: string
      readonly accessKeyId?: string
      /** Where the credentials came from GetSessionToken. */
      readonly session?: SessionFacts
    }
  | {
      readonly type: 'AssumedRole'
      readonly account: string
      readonly roleId: string
      /** With its path; `roleName` is without. */
      readonly roleArn: string
      readonly roleName: string
      readonly sessionName: string
      readonly accessKeyId?: string
      readonly session: SessionFacts
    }
  | {
      readonly type: 'FederatedUser'
      readonly account: string
      readonly name: string
      readonly accessKeyId?: string
      readonly issuer: SessionIssuer
      readonly session: SessionFacts
    }
  /** A caller of another account, as the account that owns the resource sees it: no ARN, no name. */
  | { readonly type: 'AWSAccount'; readonly account: string; readonly principalId: string }
  | { readonly type: 'AWSService'; readonly service: string }
  | {
      readonly type: 'SAMLUser' | 'WebIdentityUser'
      readonly principalId: string
      readonly userName: string
      readonly provider: string
    }
  /** Nobody that we know: unsigned, or not authenticated. What was claimed (`accessKeyId`) is told as far as it is known. */
  | {
      readonly type: 'Unknown'
      readonly account?: string
      readonly principalId?: string
      readonly accessKeyId?: string
    }

export interface SessionIssuer {
  readonly type: 'Role' | 'IAMUser' | 'Root'
  readonly id: string
  readonly arn: string
  readonly account: string
  readonly name?: string
}

/** Bytes: identity providers choose these names and attributes, IAM's rules bound all others. */
const nameMax = 512
const attributesMax = 2048

/** The element `userIdentity`, in CloudTrail's order of fields. */
export function userIdentity(identity: Identity): Readonly<Record<string, unknown>> {
  switch (identity.type) {
    case 'Root':
      return {
        type: 'Root',
        principalId: identity.account,
        arn: `arn:aws:iam::${identity.account}:root`,
        accountId: identity.account,
        ...keyOf(identity),
        ...(identity.name === undefined ? {} : { userName: identity.name }),
        ...(identity.session && { sessionContext: sessionContext(identity.session) }),
      }
    case 'IAMUser':
      return {
        type: 'IAMUser',
        principalId: identity.id,
        arn: identity.arn,
        accountId: identity.account,
        ...keyOf(identity),
        userName: identity.name,
        ...(identity.session && { sessionContext: sessionContext(identity.session) }),
      }
    case 'AssumedRole':
      return {
        type: 'AssumedRole',
        principalId: `${identity.roleId}:${identity.sessionName}`,
        arn: `arn:aws:sts::${identity.account}:assumed-role/${identity.roleName}/${identity.sessionName}`,
        accountId: identity.account,
        ...keyOf(identity),
        sessionContext: sessionContext(identity.session, {
          type: 'Role',
          id: identity.roleId,
          arn: identity.roleArn,
          account: identity.account,
          name: identity.roleName,
        }),
      }
    case 'FederatedUser':
      return {
        type: 'FederatedUser',
        principalId: `${identity.account}:${identity.name}`,
        arn: `arn:aws:sts::${identity.account}:federated-user/${identity.name}`,
        accountId: identity.account,
        ...keyOf(identity),
        sessionContext: sessionContext(identity.session, identity.issuer),
      }
    case 'AWSAccount':
      return { type: 'AWSAccount', principalId: identity.principalId, accountId: identity.account }
    case 'AWSService':
      return { type: 'AWSService', invokedBy: identity.service }
    case 'SAMLUser':
    case 'WebIdentityUser':
      return {
        type: identity.type,
        principalId: oneLine(identity.principalId, nameMax),
        userName: oneLine(identity.userName, nameMax),
        identityProvider: oneLine(identity.provider, nameMax),
      }
    case 'Unknown':
      return {
        type: 'Unknown',
        ...(identity.principalId !== undefined && { principalId: oneLine(identity.principalId, nameMax) }),
        ...(identity.account !== undefined && { accountId: oneLine(identity.account, nameMax) }),
        ...keyOf(identity),
      }
  }
}

/** What the account that owns the resource is told of a caller from elsewhere: which account, and which unique id. */
export function asForeigner(identity: Identity): Identity {
  switch (identity.type) {
    case 'Root':
      return { type: 'AWSAccount', account: identity.account, principalId: identity.account }
    case 'IAMUser':
      return { type: 'AWSAccount', account: identity.account, principalId: identity.id }
    case 'AssumedRole':
      return {
        type: 'AWSAccount',
        account: identity.account,
        principalId: `${identity.roleId}:${identity.sessionName}`,
      }
    case 'FederatedUser':
      return { type: 'AWSAccount', account: identity.account, principalId: `${identity.account}:${identity.name}` }
    default:
      return identity
  }
}

const keyOf = ({ accessKeyId }: { readonly accessKeyId?: string }) =>
  // Where nobody was authenticated, it is whatever the caller wrote there.
  accessKeyId === undefined ? {} : { accessKeyId: oneLine(accessKeyId, 128) }

function sessionContext(session: SessionFacts, issuer?: SessionIssuer): Readonly<Record<string, unknown>> {
  return {
    ...(issuer && {
      sessionIssuer: {
        type: issuer.type,
        principalId: issuer.id,
        arn: issuer.arn,
        accountId: issuer.account,
        ...(issuer.name !== undefined && { userName: issuer.name }),
      },
    }),
    ...(session.webIdentity && {
      webIdFederationData: {
        federatedProvider: oneLine(session.webIdentity.provider, nameMax),
        // As an object again, because it stands inside one.
        attributes: JSON.parse(bounded(session.webIdentity.attributes, attributesMax)) ?? {},
      },
    }),
    // QUIRK: audit-booleans-are-text. CloudTrail writes what it says of a session as text, `mfaAuthenticated` and `assumedRoot` too.
    attributes: { creationDate: isoSeconds(session.issuedAt), mfaAuthenticated: String(session.mfa) },
    ...(session.assumedRoot === true && { assumedRoot: 'true' }),
    ...(session.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
    ...(session.ec2RoleDelivery !== undefined && { ec2RoleDelivery: session.ec2RoleDelivery }),
  }
}
