import type { Quotas } from '../../state/entity.ts'
import { usageOfQuota } from '../iam/headroom.ts'
import type { Place } from '../iam/lookup.ts'
import { defaultOf, limitOf, type QuotaName, quotaNamed, quotaNames, rangeOf } from '../iam/quota.ts'
import { type Failing, operationsOf, type Scene, type Writable } from '../operation.ts'

const rolecall = operationsOf('rolecall')

const isHome = ({ state, caller }: Pick<Scene, 'state' | 'caller'>): boolean =>
  state.get('account', caller.account)?.home === true

/** As AWS gives quotas to its accounts, whoever runs the authority gives them here: the first account, to each. */
function mustBeHome(scene: Pick<Scene, 'state' | 'caller'> & Failing): void {
  if (!isHome(scene)) scene.fail('AccessDenied', 'Quotas are changed by the principals of the first account only.')
}

/** The account that is meant, and where its quotas are looked at: the caller's, or for the first account any. */
function placeOf(scene: Pick<Scene, 'state' | 'caller'> & Failing<'NoSuchAccount'>, asked: string | undefined): Place {
  const { state, caller } = scene
  const account = asked ?? caller.account
  if (account !== caller.account && !isHome(scene))
    scene.fail('AccessDenied', 'The quotas of other accounts are the business of the first account only.')
  if (state.get('account', account) === undefined) scene.fail('NoSuchAccount', `There is no account ${account}.`)
  return { state, caller: { account } }
}

const nameOf = (scene: Failing<'NoSuchQuota'>, name: string): QuotaName =>
  quotaNamed(name) ?? scene.fail('NoSuchQuota', `There is no quota ${name}.`)

export const listQuotas = rolecall.read('ListQuotas', {
  level: 'list',
  needs: () => [{ action: 'rolecall:ListQuotas', resource: '*' }],
  run: (scene, { AccountId }) => {
    const place = placeOf(scene, AccountId)
    return {
      AccountId: place.caller.account,
      Quotas: quotaNames.map((name) => {
        const limit = limitOf(place, name)
        const { used, by } = usageOfQuota(place, name)
        const [least, most] = rangeOf(name)
        return {
          Name: name,
          Limit: limit,
          Default: defaultOf(name),
          Least: least,
          Most: most,
          Used: used,
          // A limit may be lowered below what is there; nothing is taken away by that.
          Left: Math.max(0, limit - used),
          ...(by === undefined ? {} : { UsedBy: by }),
        }
      }),
    }
  },
})

/** The account's limits with some of them changed; without any there is nothing to keep. */
function keep({ state }: { readonly state: Writable }, account: string, limits: ReadonlyMap<string, number>): void {
  const kept: Quotas = { kind: 'quotas', id: account, account, limits: Object.fromEntries(limits) }
  if (limits.size > 0) state.put(kept)
  else if (state.get('quotas', account) !== undefined) state.remove('quotas', account)
}

export const setQuota = rolecall.write('SetQuota', {
  level: 'write',
  needs: () => [{ action: 'rolecall:SetQuota', resource: '*' }],
  run: (scene, { AccountId, Name, Limit }) => {
    mustBeHome(scene)
    const { account } = placeOf(scene, AccountId).caller
    const name = nameOf(scene, Name)
    const [least, most] = rangeOf(name)
    if (Limit < least || Limit > most)
      scene.fail(
        'QuotaOutOfRange',
        least === most ? `${name} is ${most} and cannot be changed.` : `${name} can be ${least} to ${most}.`,
      )
    const limits = new Map(Object.entries(scene.state.get('quotas', account)?.limits ?? {}))
    if (Limit === defaultOf(name)) limits.delete(name)
    else limits.set(name, Limit)
    keep(scene, account, limits)
    return { AccountId: account, Name: name, Limit }
  },
})

/** Puts AWS's default back: of one quota, or of all. */
export const resetQuota = rolecall.write('ResetQuota', {
  level: 'write',
  needs: () => [{ action: 'rolecall:ResetQuota', resource: '*' }],
  run: (scene, { AccountId, Name }) => {
    mustBeHome(scene)
    const { account } = placeOf(scene, AccountId).caller
    const limits = new Map(Object.entries(scene.state.get('quotas', account)?.limits ?? {}))
    if (Name === undefined) limits.clear()
    else limits.delete(nameOf(scene, Name))
    keep(scene, account, limits)
    return { AccountId: account }
  },
})
