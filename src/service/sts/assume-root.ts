import { rootLending } from '../../access/organization.ts'
import { isAccountId, parseArn } from '../../base/arn.ts'
import { managedPolicy } from '../../model/managed.ts'
import { rootArn } from '../../state/entity.ts'
import { type InputOf, operationsOf, type Scene } from '../operation.ts'
import { mintCredentials } from './credentials.ts'
import { hopsTo } from './hops.ts'

const sts = operationsOf('sts')
type Input = InputOf<'sts', 'AssumeRoot'>

/** The most that there is, and what is given where nobody says. */
const defaultSeconds = 900

/** The account whose root is meant: by its number, or by root's ARN. */
function targetOf({ TargetPrincipal }: Input): string | undefined {
  if (isAccountId(TargetPrincipal)) return TargetPrincipal
  const account = parseArn(TargetPrincipal)?.account ?? ''
  return isAccountId(account) && TargetPrincipal === rootArn(account) ? account : undefined
}

const taskOf = ({ TaskPolicyArn }: Input): string => TaskPolicyArn.arn ?? ''

function check(input: Input, { caller, fail }: Scene): void {
  if (caller.kind === 'root') fail('AccessDenied', 'Cannot call AssumeRoot with root credentials')
  if (targetOf(input) === undefined) fail('ValidationError', `${input.TargetPrincipal} is invalid`)
  // AWS has made a policy for each task that there is.
  if (managedPolicy(taskOf(input))?.path !== '/root-task/')
    fail('ValidationError', `${taskOf(input)} is not a policy of a root task`)
}

/**
 * Credentials of another account's root for one task (STS API Reference, AssumeRoot). An account's root is lent out by its
 * organization. That is the target's side of the need, and where no organization speaks there, nobody is let in: whatever the
 * caller's own policies say, and in the same words whether or not there is such an account.
 */
export const assumeRoot = sts.mint('AssumeRoot', {
  level: 'write',
  check,
  needs(input, { state, caller }) {
    const account = targetOf(input) ?? ''
    const closed = state.get('account', account)?.closedAt !== undefined
    const lent = closed ? undefined : rootLending(state, account, caller.account)
    return [
      {
        action: 'sts:AssumeRoot',
        resource: rootArn(account),
        ...(lent === undefined
          ? { assuming: { account, role: undefined } }
          : { consent: { account, policies: [lent] } }),
        context: { 'sts:TaskPolicyArn': [taskOf(input)] },
      },
    ]
  },
  touches(input) {
    const account = targetOf(input) ?? ''
    return [{ arn: rootArn(account), account, type: 'AWS::IAM::Root' }]
  },
  run(scene, input) {
    const { caller } = scene
    const account = targetOf(input) ?? ''
    const { sourceIdentity, chainDepth = -1 } = caller.session ?? {}
    const inherited = sourceIdentity === undefined ? {} : { sourceIdentity }
    const credentials = mintCredentials(
      scene,
      {
        kind: 'root',
        account,
        principalId: account,
        policyArns: [taskOf(input)],
        ...inherited,
        chainDepth: chainDepth + 1,
        via: hopsTo(caller),
      },
      input.DurationSeconds ?? defaultSeconds,
    )
    return {
      Credentials: credentials,
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    }
  },
})
