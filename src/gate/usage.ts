import { lastingId, type Signer } from '../access/caller.ts'
import type { Schedule } from '../base/env.ts'
import { awsServices } from '../model/aws-service.ts'
import type { LastUsed } from '../state/identity.ts'
import type { Activity, Use } from '../state/report.ts'
import type { View } from '../state/view.ts'
import type { Committer } from '../store/committer.ts'

/** AWS keeps last-used times to a quarter of an hour; another service is worth a note sooner. */
const sameServiceMilliseconds = 15 * 60_000
const otherServiceMilliseconds = 60_000

/** A time that lies as far ahead is from a clock that was wrong, and must not stand until it has come. */
const stale = (last: LastUsed | undefined, use: LastUsed): boolean =>
  last === undefined ||
  Math.abs(use.at - last.at) >= (last.service === use.service ? sameServiceMilliseconds : otherServiceMilliseconds)

/** How long what was done may wait for others to be noted with it. */
const patienceMilliseconds = 1_000

/** What principals did that is not written down yet. */
interface Done {
  readonly account: string
  readonly uses: Map<string, { readonly service: string; readonly action: string; readonly use: Use }>
}

/**
 * When keys and roles were last used, really recorded: a small write of its own, at most one a key in that time. And when each
 * principal last did what: that is gathered for a second and written for all of them at once, each action at most once in a quarter of
 * an hour, so that no request costs a write.
 */
export class Usage {
  readonly #view: View
  readonly #committer: Committer
  readonly #schedule: Schedule
  readonly #underWay = new Set<string>()
  #done = new Map<string, Done>()
  #cancel: (() => void) | undefined

  constructor(view: View, committer: Committer, schedule: Schedule) {
    this.#view = view
    this.#committer = committer
    this.#schedule = schedule
  }

  /** `action`: the operation's name. Attempts count, also those that are refused. */
  note(caller: Signer, use: LastUsed, action: string): void {
    this.#gather(caller, use, action)
    if (caller.session === undefined) this.#touch('access-key', caller.accessKeyId, use)
    else if (caller.kind === 'role-session') this.#touch('role', caller.role.id, use)
  }

  #touch(kind: 'access-key' | 'role', id: string, use: LastUsed): void {
    if (this.#underWay.has(id) || !stale(this.#view.get(kind, id)?.lastUsed, use)) return
    this.#underWay.add(id)
    this.#committer
      .write((draft) => {
        const entity = draft.get(kind, id)
        if (entity !== undefined) draft.put({ ...entity, lastUsed: { ...use, at: Math.floor(use.at / 1000) * 1000 } })
        return { result: undefined, trail: [] }
      })
      // A note that cannot be written now is made again with the next use: nobody waits for it.
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(id))
  }

  #gather(caller: Signer, { at, service, region }: LastUsed, action: string): void {
    if (!awsServices().has(service)) return
    const id = lastingId(caller)
    const last = lastOf(this.#view.get('activity', id), service, action)
    if (last !== undefined && at - last.at < sameServiceMilliseconds) return
    const done = this.#done.get(id) ?? { account: caller.account, uses: new Map() }
    this.#done.set(id, done)
    done.uses.set(`${service} ${action}`, { service, action, use: { at: wholeSecond(at), region } })
    this.#cancel ??= this.#schedule(patienceMilliseconds, () => void this.flush())
  }

  /** Writes what was gathered. What cannot be written is noted anew with its next use: nobody waits for it. */
  async flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const gathered = this.#done
    if (gathered.size === 0) return
    this.#done = new Map()
    await this.#committer
      .write((draft) => {
        for (const [id, { account, uses }] of gathered) {
          // Who was deleted meanwhile has done nothing.
          if (!(draft.get('user', id) ?? draft.get('role', id) ?? draft.get('account', id))) continue
          draft.put(grown(draft.get('activity', id) ?? { kind: 'activity', id, account, services: {} }, uses.values()))
        }
        return { result: undefined, trail: [] }
      })
      .catch(() => undefined)
  }
}

const wholeSecond = (at: number): number => Math.floor(at / 1000) * 1000

const lastOf = (activity: Activity | undefined, service: string, action: string): Use | undefined =>
  activity?.services[service]?.[action]

/** With further uses. Another node may have noted later ones: the latest stays. */
function grown(activity: Activity, uses: Iterable<{ service: string; action: string; use: Use }>): Activity {
  const services = { ...activity.services }
  for (const { service, action, use } of uses) {
    const last = services[service]?.[action]
    if (last === undefined || last.at < use.at) services[service] = { ...services[service], [action]: use }
  }
  return { ...activity, services }
}
