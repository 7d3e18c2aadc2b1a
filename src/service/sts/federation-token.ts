import type { Need } from '../../access/need.ts'
import { stsArn } from '../../base/arn.ts'
import { type InputOf, operationsOf } from '../operation.ts'
import { mintCredentials } from './credentials.ts'
import { hopsTo } from './hops.ts'
import { checkPolicyArns, checkSessionPolicy, packedPercent, type SessionLimits } from './session-policy.ts'
import { checkSessionTags } from './session-tags.ts'
import { ownSeconds } from './session-token.ts'

const sts = operationsOf('sts')
type Input = InputOf<'sts', 'GetFederationToken'>

const limitsOf = ({ Policy, PolicyArns = [], Tags = [] }: Input): SessionLimits => ({
  policy: Policy,
  policyArns: PolicyArns.map(({ arn = '' }) => arn),
  tags: Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
})

/**
 * Temporary credentials for somebody whom a user vouches for (STS API Reference, GetFederationToken): they may what the user may and
 * the session's policies allow as well. Nobody's second factor is asked about, and the session has none.
 */
export const getFederationToken = sts.mint('GetFederationToken', {
  level: 'read',
  takes: ['key'],
  check(input, scene) {
    const limits = limitsOf(input)
    checkSessionTags(scene, limits.tags, [], [])
    checkSessionPolicy(scene, limits)
  },
  needs(input, { caller }) {
    const { tags } = limitsOf(input)
    const need = (action: string): Need => ({
      action,
      resource: stsArn(caller.account, `federated-user/${input.Name}`),
      ...(tags.length > 0 ? { requestTags: tags } : {}),
    })
    return [need('sts:GetFederationToken'), ...(tags.length > 0 ? [need('sts:TagSession')] : [])]
  },
  run(scene, input) {
    const { caller } = scene
    const { account } = caller
    const limits = limitsOf(input)
    checkPolicyArns(scene, account, limits.policyArns)
    // QUIRK: federation-packed-size. The size is told also where nothing was given.
    const packed = packedPercent(scene, limits)
    const credentials = mintCredentials(
      scene,
      {
        kind: 'federated',
        account,
        principalId: caller.userId,
        sessionName: input.Name,
        ...(limits.policy === undefined ? {} : { inlinePolicy: limits.policy }),
        policyArns: limits.policyArns,
        tags: limits.tags,
        chainDepth: 0,
        via: hopsTo(caller),
      },
      ownSeconds(caller, input.DurationSeconds),
    )
    return {
      Credentials: credentials,
      FederatedUser: {
        FederatedUserId: `${account}:${input.Name}`,
        Arn: stsArn(account, `federated-user/${input.Name}`),
      },
      PackedPolicySize: packed,
    }
  },
})
