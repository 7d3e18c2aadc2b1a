import { compileText } from '../policy/compile.ts'
import type { AttachedPolicy } from '../policy/decide.ts'
import type { View } from '../state/view.ts'
import type { Caller } from './caller.ts'
import type { Need } from './need.ts'

/** What needs bear that are the business of whoever runs the authority, and of no tenant. */
const key = 'rolecall:Authority'

/** To do this is for principals of the first account, as their policies allow it, and for nobody else. */
export const ofAuthority = (action: string): Need => ({ action, resource: '*', context: { [key]: ['true'] } })

const text = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Sid: 'OnlyTheFirstAccount', Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { [key]: 'true' } } },
  ],
})
const policy = compileText(text)
if (policy === undefined) throw new Error('a policy of our own does not compile')
// It belongs to no account, so everybody is shown it.
const ceiling: AttachedPolicy = { policy, source: { type: 'scp', name: 'only the first account', account: '', text } }

/**
 * What stands over every account but the first, root users included: the authority itself is not a tenant's to run, whatever policies
 * say. Over what is nothing of the authority's it would say yes, and is left out. A level of its own, below those of
 * an organization.
 */
export function authorityCeiling(
  view: View,
  caller: Caller,
  need: Need,
): readonly (readonly AttachedPolicy[])[] | undefined {
  if (need.context?.[key] === undefined) return undefined
  return view.get('account', caller.account)?.home === true ? undefined : [[ceiling]]
}
