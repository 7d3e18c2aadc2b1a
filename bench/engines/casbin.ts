import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import { type Ask, type Engine, type Rule, user } from './scene.ts'

/** The cheapest comparisons stand first: what they refuse costs no pattern. */
const model = `
[request_definition]
r = sub, obj, act, team, size

[policy_definition]
p = sub, obj, act, team, other, below, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.sub == p.sub && (r.team == p.team || r.team == p.other) && r.size < p.below && keyMatch(r.act, p.act) && keyMatch(r.obj, p.obj)
`

/** node-casbin, by its synchronous call: its asynchronous one is slower. */
export async function casbin(policies: readonly (readonly Rule[])[]): Promise<Engine> {
  const lines = policies
    .flat()
    .map(({ effect, action, resource, teams, below }) =>
      ['p', user, resource, action, ...teams, String(below), effect].join(', '),
    )
  const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(lines.join('\n')))
  return {
    name: 'casbin, synchronous',
    allows: ({ action, resource, team, size }: Ask) => enforcer.enforceSync(user, resource, action, team, size),
  }
}
