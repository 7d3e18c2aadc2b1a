import type { Caller } from '../access/caller.ts'
import type { LastUsed } from '../state/entity.ts'
import type { View } from '../state/view.ts'
import type { Committer } from '../store/committer.ts'

/** AWS keeps last-used times to a quarter of an hour; another service is worth a note sooner. */
const sameServiceMilliseconds = 15 * 60_000
const otherServiceMilliseconds = 60_000

/** A time that lies as far ahead is from a clock that was wrong, and must not stand until it has come. */
const stale = (last: LastUsed | undefined, use: LastUsed): boolean =>
  last === undefined ||
  Math.abs(use.at - last.at) >= (last.service === use.service ? sameServiceMilliseconds : otherServiceMilliseconds)

/** When keys and roles were last used, really recorded: a small write of its own, at most one a key in that time. */
export class Usage {
  readonly #view: View
  readonly #committer: Committer
  readonly #underWay = new Set<string>()

  constructor(view: View, committer: Committer) {
    this.#view = view
    this.#committer = committer
  }

  note(caller: Caller, use: LastUsed): void {
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
}
