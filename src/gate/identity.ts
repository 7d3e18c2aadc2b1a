import {
  type Caller,
  type Federation,
  isLentRoot,
  isLogin,
  type Login,
  loginId,
  type Session,
  type Signer,
} from '../access/caller.ts'
import type { Identity, SessionFacts } from '../audit/identity.ts'
import { aliasOf } from '../service/iam/account-alias.ts'
import { arnOf, rootArn } from '../state/entity.ts'
import type { View } from '../state/view.ts'

const sessionFacts = (caller: Signer): { session?: SessionFacts } =>
  caller.session === undefined
    ? {}
    : {
        session: {
          ...factsOfSession(caller.session),
          ...(isLentRoot(caller) ? { assumedRoot: true } : {}),
        },
      }

const factsOfSession = ({ issuedAt, mfaAt, sourceIdentity, federation }: Session): SessionFacts => ({
  issuedAt,
  mfa: mfaAt !== undefined,
  ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  ...(federation === undefined || federation.provider.includes(':saml-provider/')
    ? {}
    : { webIdentity: { provider: federation.provider, attributes: attributesOf(federation) } }),
})

/** What the token said, one text a key. */
const attributesOf = ({ keys }: Federation): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, values.join(',')]))

const identities = new WeakMap<Caller, Identity>()

/** Who called, as the trail says it. Callers by long-term key are known again, and so is what the trail says of them. */
export function identityOf(caller: Caller, view: View): Identity {
  let identity = identities.get(caller)
  if (identity === undefined) {
    identity = identityFrom(caller)
    identities.set(caller, identity)
  }
  // The alias of an account changes while its root user stays the same.
  const alias = identity.type === 'Root' ? aliasOf(view, identity.account) : undefined
  return alias === undefined || identity.type !== 'Root' ? identity : { ...identity, name: alias }
}

function identityFrom(caller: Caller): Identity {
  if (isLogin(caller)) return loginIdentity(caller)
  const { account, accessKeyId } = caller
  switch (caller.kind) {
    case 'root':
      return { type: 'Root', account, accessKeyId, ...sessionFacts(caller) }
    case 'user':
      return {
        type: 'IAMUser',
        account,
        accessKeyId,
        id: caller.user.id,
        arn: caller.arn,
        name: caller.user.name,
        ...sessionFacts(caller),
      }
    case 'role-session': {
      return {
        type: 'AssumedRole',
        account,
        accessKeyId,
        roleId: caller.role.id,
        roleArn: arnOf(caller.role),
        roleName: caller.role.name,
        sessionName: caller.sessionName,
        session: factsOfSession(caller.session),
      }
    }
    case 'federated-user': {
      const { user } = caller
      return {
        type: 'FederatedUser',
        account,
        accessKeyId,
        name: caller.name,
        issuer:
          user === undefined
            ? { type: 'Root', id: account, arn: rootArn(account), account }
            : { type: 'IAMUser', id: user.id, arn: arnOf(user), account, name: user.name },
        session: factsOfSession(caller.session),
      }
    }
  }
}

/** QUIRK: saml-user-by-qualifier. CloudTrail tells the provider of a SAML user by its name qualifier. */
function loginIdentity(login: Login): Identity {
  if (login.kind === 'web-identity')
    return {
      type: 'WebIdentityUser',
      principalId: loginId(login),
      userName: login.subject,
      provider: login.provider,
    }
  const { nameQualifier } = login.asserted
  return {
    type: 'SAMLUser',
    principalId: `${nameQualifier}:${login.subject}`,
    userName: login.subject,
    provider: nameQualifier,
  }
}

/** An unauthenticated request belongs to the account of the key that it names, where there is such a key. */
export function claimedIdentity(view: View, claimedKey: string | undefined): Identity {
  const account = claimedKey === undefined ? undefined : view.get('access-key', claimedKey)?.account
  return {
    type: 'Unknown',
    ...(account === undefined ? {} : { account }),
    ...(claimedKey === undefined ? {} : { accessKeyId: claimedKey.slice(0, 128) }),
  }
}
