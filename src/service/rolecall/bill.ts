import { billIn } from '../../audit/bill-sum.ts'
import type { View } from '../../state/view.ts'
import { type InputOf, operationsOf, type Scene, type ServiceId } from '../operation.ts'
import { markerAt, positionIn } from './marker.ts'

const rolecall = operationsOf('rolecall')
type Input = InputOf<'rolecall', 'GetBill'>

/** What AWS charges for a call, in USD: nothing for any that is answered here. A service that is added must say what it costs. */
const prices: Readonly<Record<ServiceId, number>> = { iam: 0, sts: 0, organizations: 0, cloudtrail: 0, rolecall: 0 }
/** Whatever else was asked for has failed, and costs nothing. */
const priceOf = (service: string): number =>
  // A key that the table has is one of its own.
  Object.hasOwn(prices, service) ? prices[service as ServiceId] : 0

const monthIn = ({ Month }: Input, { now }: Pick<Scene, 'now'>): string =>
  Month ?? new Date(now).toISOString().slice(0, 7)

/** When a month begins and when the next one does, in UTC, as AWS's bills have it. `undefined` where there is no such month. */
function spanOf(month: string): { readonly start: number; readonly end: number } | undefined {
  const [year = Number.NaN, number = Number.NaN] = month.split('-').map(Number)
  if (year < 1970 || !(number >= 1 && number <= 12)) return undefined
  return { start: Date.UTC(year, number - 1), end: Date.UTC(year, number) }
}

/** Bills of an organization's accounts go to the one that manages it (AWS Billing User Guide, "Consolidating billing"). */
function payerOf(state: View, account: string): string {
  const membership = state.get('membership', account)
  const organization = membership && state.get('organization', membership.organization)
  return organization?.account ?? account
}

/**
 * What the caller's account is billed for in a month, and what its trail holds that another is billed for. A month is told in parts, from
 * the newest record back: whoever asks adds them up.
 */
export const getBill = rolecall.data('GetBill', {
  level: 'read',
  check(input, scene) {
    if (spanOf(monthIn(input, scene)) === undefined)
      scene.fail('ValidationError', `${input.Month} is no month: it is written as 2026-11.`)
  },
  needs: (input, scene) => [
    {
      action: 'rolecall:GetBill',
      resource: `arn:aws:rolecall::${scene.caller.account}:bill/${monthIn(input, scene)}`,
    },
  ],
  async run(scene, input) {
    const { trail, caller, state, fail } = scene
    const month = monthIn(input, scene)
    const { start, end } = spanOf(month) ?? fail('ValidationError')
    const { lines, next } = await billIn(trail.lookup, caller.account, {
      from: start,
      until: end - 1,
      before: input.Marker === undefined ? undefined : positionIn(input.Marker),
    })
    return {
      AccountId: caller.account,
      PayerAccountId: payerOf(state, caller.account),
      Month: month,
      Lines: lines.map(({ account, owner, because, service, operation, calls, failed }) => ({
        AccountId: account,
        OwnerId: owner,
        Reason: because,
        Service: service,
        ...(operation === undefined ? {} : { Operation: operation }),
        Calls: calls,
        Failed: failed,
        Cost: (calls * priceOf(service)).toFixed(2),
      })),
      IsTruncated: next !== undefined,
      ...(next === undefined ? {} : { Marker: markerAt(next) }),
    }
  },
})
