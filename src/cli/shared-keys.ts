import { Recorded } from '../audit/recorded.ts'
import { oneLine } from '../audit/redact.ts'
import { type Call, timeText } from './history.ts'
import { homeOf } from './seen.ts'
import { wrapped } from './session-list.ts'

/** An address that a key was used from. Times are ISO 8601. */
interface Place {
  readonly sourceIp: string
  /** The programs that used it there, as they call themselves: `aws-cli/1.45.11`; no more than a few. */
  readonly agents: readonly string[]
  readonly calls: number
  readonly first: string
  readonly last: string
  /** Accounts other than the key's whose users, roles or root called from there, too. */
  readonly alsoThere: readonly string[]
}

/** A lasting key that was used from more than one address, its places the busiest first. */
export interface SharedKey {
  readonly accessKeyId: string
  readonly accountId: string
  readonly username?: string
  readonly places: readonly Place[]
}

type Noted = { -readonly [Member in keyof Omit<Place, 'agents' | 'alsoThere'>]: Place[Member] } & {
  readonly agents: Set<string>
}

const agentsMost = 5

/** Where lasting keys were used from, as the trails tell it, in whatever order their calls are noted. */
export class KeyPlaces {
  readonly #keys = new Map<string, { username: string | undefined; readonly places: Map<string, Noted> }>()
  readonly #accounts = new Map<string, Set<string>>()

  note(call: Call): void {
    const { accessKeyId, accountId, sourceIp, username, userAgent, time } = call
    const record = new Recorded(call.event)
    // Refused before it was known whose the key is: anybody can name one.
    const isUnproven = record.text('userIdentity', 'arn') === undefined
    if (accessKeyId === undefined || sourceIp === undefined || isUnproven) return
    const accounts = this.#accounts.get(sourceIp) ?? new Set()
    this.#accounts.set(sourceIp, accounts.add(record.text('userIdentity', 'accountId') ?? accountId))
    // What another account's trail tells of the same call is the same call.
    if (!accessKeyId.startsWith('AKIA') || homeOf(accessKeyId) !== accountId) return
    const key = this.#keys.get(accessKeyId) ?? { username, places: new Map() }
    this.#keys.set(accessKeyId, key)
    key.username ??= username
    const place = key.places.get(sourceIp) ?? { sourceIp, agents: new Set(), calls: 0, first: time, last: time }
    key.places.set(sourceIp, place)
    place.calls++
    if (time < place.first) place.first = time
    if (time > place.last) place.last = time
    const [agent = ''] = (userAgent ?? '').split(' ')
    if (agent !== '' && place.agents.size < agentsMost) place.agents.add(agent)
  }

  shared(): readonly SharedKey[] {
    return [...this.#keys]
      .filter(([, { places }]) => places.size > 1)
      .map(([accessKeyId, { username, places }]) => {
        const accountId = homeOf(accessKeyId) ?? ''
        const others = (sourceIp: string) =>
          [...(this.#accounts.get(sourceIp) ?? [])].filter((account) => account !== accountId).sort()
        return {
          accessKeyId,
          accountId,
          ...(username === undefined ? {} : { username }),
          places: [...places.values()]
            .sort((a, b) => b.calls - a.calls)
            .map(({ agents, ...place }) => ({ ...place, agents: [...agents], alsoThere: others(place.sourceIp) })),
        }
      })
      .sort((a, b) => b.places.length - a.places.length)
  }
}

/** Lines of a terminal so wide. Agents are what somebody else chose: nothing of them steers it. */
export function sharedText(keys: readonly SharedKey[], columns: number): readonly string[] {
  const lines: string[] = []
  const say = (text: string, indent = '') => lines.push(...wrapped(oneLine(text, 4096), indent, columns))
  for (const { accessKeyId, accountId, username, places } of keys) {
    const whose = username === undefined ? '' : ` of ${username}`
    say(`${accessKeyId}${whose}, account ${accountId}, was used from ${places.length} addresses:`)
    for (const { sourceIp, agents, calls, last, alsoThere } of places) {
      say(`${sourceIp}  ${calls} call${calls === 1 ? '' : 's'}, the last ${timeText(last)}`, '  ')
      if (agents.length > 0) say(`by ${agents.join(', ')}`, '    ')
      if (alsoThere.length > 0) say(`where account ${alsoThere.join(' and ')} works, too`, '    ')
    }
  }
  if (keys.length === 0) return ['No lasting key was used from more than one address.']
  lines.push('')
  say(
    'A lasting key in several places was handed around, or leaked: whoever has it is the user. Give each place a role to assume, and take the key away (rolecall contain AKIA…).',
  )
  return lines
}
