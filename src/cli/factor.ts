import { Recorded } from '../audit/recorded.ts'
import { type Call, callsOf } from './history.ts'
import { accountsOf, homeOf, type Seen } from './seen.ts'

/** Sessions that grow out of sessions: further back nobody is asked. */
const hopsMost = 64

/**
 * Whether a second factor stands behind calls. A role's session never says so itself, whoever began it: what it grew out of is looked up
 * in the trails, back to whoever came in. Each session is looked up once.
 */
export class Factors {
  readonly #seen: Seen
  readonly #begun = new Map<string, Promise<Call | undefined>>()

  constructor(seen: Seen) {
    this.#seen = seen
  }

  /** Where the trails do not tell, none was shown. */
  async behind(call: Call): Promise<boolean> {
    let step: Call | undefined = call
    for (let hop = 0; step !== undefined && hop < hopsMost; hop++) {
      const record = new Recorded(step.event)
      if (isShown(record)) return true
      const key: string | undefined = record.text('userIdentity', 'accessKeyId')
      if (record.text('userIdentity', 'type') !== 'AssumedRole' || key === undefined) return false
      step = await this.#beginning(key)
    }
    return false
  }

  #beginning(key: string): Promise<Call | undefined> {
    const known = this.#begun.get(key) ?? this.#lookedUp(key)
    this.#begun.set(key, known)
    return known
  }

  /** The call that gave a session its key: as the account tells it that it was made from, where that can be asked. */
  async #lookedUp(key: string): Promise<Call | undefined> {
    const home = homeOf(key)
    const order = [...accountsOf(this.#seen)].sort((a, b) => Number(b === home) - Number(a === home))
    for (const account of order) {
      const gave = ({ event }: Call) =>
        new Recorded(event).text('responseElements', 'credentials', 'accessKeyId') === key && !isReceived(event)
      const asked = { key: 'ResourceName', value: key }
      const [call] = (await callsOf(this.#seen, account, asked, { limit: 1, keep: gave })).calls
      if (call !== undefined) return call
    }
    return undefined
  }
}

/** Whether a call showed a factor, or was made by who had shown one for these very credentials. */
const isShown = (record: Recorded): boolean =>
  record.text('requestParameters', 'serialNumber') !== undefined ||
  record.text('userIdentity', 'sessionContext', 'attributes', 'mfaAuthenticated') === 'true'

/** Whether it is the record of another account's call: that account has one which says more. */
const isReceived = (event: string): boolean => new Recorded(event).text('userIdentity', 'type') === 'AWSAccount'

/** Whether a call from elsewhere is also told by the account that it was made from, which can be asked. */
export function isToldTwice({ accounts }: Seen, { event }: Call): boolean {
  const caller = new Recorded(event).text('userIdentity', 'accountId')
  return isReceived(event) && caller !== undefined && accounts.has(caller)
}
