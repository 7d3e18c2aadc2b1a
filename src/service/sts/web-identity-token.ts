import { principalArn, principalTags } from '../../access/context.ts'
import type { Need } from '../../access/need.ts'
import { organizationId, organizationPath } from '../../access/organization.ts'
import { uuid } from '../../base/id.ts'
import { isoSeconds } from '../../base/instant.ts'
import { type TokenAlgorithm, tokenAlgorithms } from '../../base/key-pair.ts'
import type { Tag } from '../../state/identity.ts'
import { type InputOf, type MintScene, operationsOf, type Scene } from '../operation.ts'
import { signingKeyOf } from './issuer.ts'
import { checkSessionTags } from './session-tags.ts'

const sts = operationsOf('sts')
type Input = InputOf<'sts', 'GetWebIdentityToken'>

const defaultSeconds = 300
/** A token travels in a header, and servers take eight kilobytes of those; AWS's own bound is not published. */
const payloadBytesMax = 6_000

const tagsOf = ({ Tags }: Input): readonly Tag[] => (Tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }))
const asRecord = (tags: readonly Tag[]): object => Object.fromEntries(tags.map(({ key, value }) => [key, value]))

/** The model leaves the algorithm open and its documentation does not. */
const isAlgorithm = (text: string): text is TokenAlgorithm => tokenAlgorithms.some((algorithm) => algorithm === text)

function check(input: Input, scene: Scene): void {
  const { fail } = scene
  if (!isAlgorithm(input.SigningAlgorithm)) {
    fail(
      'ValidationError',
      `1 validation error detected: Value '${input.SigningAlgorithm}' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [${tokenAlgorithms.join(', ')}]`,
    )
  }
  checkSessionTags(scene, tagsOf(input), [], [])
}

function needs(input: Input): readonly Need[] {
  const tags = tagsOf(input)
  const need = (action: string): Need => ({
    action,
    resource: '*',
    ...(tags.length > 0 ? { requestTags: tags } : {}),
    context: {
      'sts:IdentityTokenAudience': input.Audience,
      'sts:SigningAlgorithm': [input.SigningAlgorithm],
      'sts:DurationSeconds': [String(input.DurationSeconds ?? defaultSeconds)],
    },
  })
  return [need('sts:GetWebIdentityToken'), ...(tags.length > 0 ? [need('sts:TagGetWebIdentityToken')] : [])]
}

/** What AWS says of a caller (IAM User Guide, "Understanding token claims"), as far as it is known here. */
function identityClaims(
  { caller, state }: Pick<MintScene, 'caller' | 'state'>,
  region: string,
  tags: readonly Tag[],
): object {
  const { session } = caller
  const own = principalTags(caller)
  const organization = organizationId(state, caller.account)
  const path = organizationPath(state, caller.account)
  return {
    aws_account: caller.account,
    source_region: region,
    ...(organization === undefined ? {} : { org_id: organization }),
    ...(path === undefined ? {} : { ou_path: [path] }),
    principal_id: principalArn(caller) ?? caller.arn,
    ...(own.length === 0 ? {} : { principal_tags: asRecord(own) }),
    ...(tags.length === 0 ? {} : { request_tags: asRecord(tags) }),
    ...(session === undefined ? {} : { original_session_exp: isoSeconds(session.expiresAt) }),
    ...(session?.sourceIdentity === undefined ? {} : { source_identity: session.sourceIdentity }),
    ...(session?.federation === undefined ? {} : { federated_provider: session.federation.provider }),
  }
}

/** A token that tells others who the caller is (STS API Reference, GetWebIdentityToken). Nothing is stored: it proves itself. */
export const getWebIdentityToken = sts.mint('GetWebIdentityToken', {
  level: 'write',
  check,
  needs,
  run(scene, input) {
    const { caller, state, now, random, fail, region } = scene
    const outbound = state.get('account-settings', caller.account)?.outbound
    if (outbound?.enabled !== true)
      return fail(
        'OutboundWebIdentityFederationDisabledException',
        `Outbound web identity federation is not enabled for account ${caller.account}.`,
      )
    const { Audience, SigningAlgorithm, DurationSeconds = defaultSeconds } = input
    // INVARIANT: a token ends with the session that asked for it, if not before.
    const issuedAt = Math.floor(now / 1000)
    const expiresAt = issuedAt + DurationSeconds
    if (caller.session !== undefined && expiresAt * 1000 > caller.session.expiresAt)
      return fail(
        'SessionDurationEscalationException',
        'The requested token duration would extend the session beyond its original expiration time.',
      )
    const [only] = Audience
    const claims = {
      aud: Audience.length === 1 ? only : Audience,
      sub: principalArn(caller) ?? caller.arn,
      'https://sts.amazonaws.com/': identityClaims(scene, region, tagsOf(input)),
      iss: outbound.issuer,
      exp: expiresAt,
      iat: issuedAt,
      jti: uuid(random),
    }
    if (new TextEncoder().encode(JSON.stringify(claims)).length > payloadBytesMax)
      return fail(
        'JWTPayloadSizeExceededException',
        'The requested token payload size exceeds the maximum allowed size.',
      )
    const key = isAlgorithm(SigningAlgorithm) ? signingKeyOf(state, caller.account, SigningAlgorithm, now) : undefined
    if (key === undefined) throw new Error(`account ${caller.account} has no key for ${SigningAlgorithm}`)
    return { WebIdentityToken: scene.sign(key, claims), Expiration: expiresAt * 1000 }
  },
})
