import { compile, type Decision, decide, explain, type Request } from '../../src/policy/library.ts'
import { type Ask, account, type Engine, type Rule, user } from './scene.ts'

const principal: Request['principal'] = {
  kind: 'user',
  account,
  arns: [`arn:aws:iam::${account}:user/${user}`],
  uniqueId: 'AIDAALICE',
}

function decider(policies: readonly (readonly Rule[])[]): (ask: Ask) => Decision {
  const identity = policies.map((rules, index) =>
    compile(`policy-${index}`, {
      Version: '2012-10-17',
      Statement: rules.map(({ effect, action, resource, teams, below }, at) => ({
        Sid: `S${at}`,
        Effect: effect === 'allow' ? 'Allow' : 'Deny',
        Action: action,
        Resource: resource,
        Condition: {
          StringEquals: { 'aws:PrincipalTag/team': teams },
          NumericLessThan: { 'app:Size': String(below) },
        },
      })),
    }),
  )
  return ({ action, resource, team, size }) => {
    const lookup = (key: string): readonly string[] | null =>
      key === 'aws:principaltag/team' ? [team] : key === 'app:size' ? [String(size)] : null
    return decide({ request: { principal, action, resource, resourceAccount: account, lookup }, identity })
  }
}

/** What the engine says, and nothing of why. */
export function bare(policies: readonly (readonly Rule[])[]): Engine {
  const decided = decider(policies)
  return { name: 'rolecall, the decision', allows: (ask) => decided(ask).effect === 'allow' }
}

/** With the explanation that is kept with every refusal: layers, statements, what is missing, what would help. */
export function reasoned(policies: readonly (readonly Rule[])[]): Engine {
  const decided = decider(policies)
  return { name: 'rolecall, with the full reason', allows: (ask) => explain(decided(ask)).effect === 'allow' }
}
