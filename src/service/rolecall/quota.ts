import { ofAuthority } from '../../access/authority.ts'
import type { Quotas } from '../../state/account.ts'
import { usageOfQuota } from '../iam/headroom.ts'
import type { Place } from '../iam/lookup.ts'
import { defaultOf, limitOf, type QuotaName, quotaNamed, quotaNames, rangeOf } from '../iam/quota.ts'
import { type Failing, operationsOf, type Scene, type Writable } from '../operation.ts'

const rolecall = operationsOf('rolecall')

/** The account that is meant, and where its quotas are looked at. */
function placeOf(scene: Pick<Scene, 'state' | 'caller'> & Failing<'NoSuchAccount'>, asked: string | undefined): Place {
  const { state, caller } = scene
  const account = asked ?? caller.account
  if (state.get('account', account) === undefined) scene.fail('NoSuchAccount', `There is no account ${account}.`)
  return { state, caller: { account } }
}

const nameOf = (scene: Failing<'NoSuchQuota'>, name: string): QuotaName =>
  quotaNamed(name) ?? scene.fail('NoSuchQuota', `There is no quota ${name}.`)

export const listQuotas = rolecall.read('ListQuotas', {
  level: 'list',
  // An account's own are its own business.
  needs: ({ AccountId }, { caller }) => [
    AccountId === undefined || AccountId === caller.account
      ? { action: 'rolecall:ListQuotas', resource: '*' }
      : ofAuthority('rolecall:ListQuotas'),
  ],
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

/** As AWS gives quotas to its accounts, whoever runs the authority gives them here. */
export const setQuota = rolecall.write('SetQuota', {
  level: 'write',
  needs: () => [ofAuthority('rolecall:SetQuota')],
  run: (scene, { AccountId, Name, Limit }) => {
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
  needs: () => [ofAuthority('rolecall:ResetQuota')],
  run: (scene, { AccountId, Name }) => {
    const { account } = placeOf(scene, AccountId).caller
    const limits = new Map(Object.entries(scene.state.get('quotas', account)?.limits ?? {}))
    if (Name === undefined) limits.clear()
    else limits.delete(nameOf(scene, Name))
    keep(scene, account, limits)
    return { AccountId: account }
  },
})
