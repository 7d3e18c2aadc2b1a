import type { TrailEntry } from '../store/store.ts'
import { hexSha256 } from './chain.ts'
import type { Listed } from './export-digest.ts'
import { type Bucket, homeRegion, logName, type Owner, ownerKey } from './export-name.ts'
import { Recorded } from './recorded.ts'

/** Characters in a file, and in all that are not full yet: as much as is held in memory. */
const fileMost = 16 * 1024 * 1024
const allMost = 64 * 1024 * 1024

/** A log file with all that it holds. */
export interface LogFile extends Listed {
  readonly owner: Owner
  readonly text: string
}

interface Filling {
  readonly owner: Owner
  events: string[]
  characters: number
  oldest: number
  newest: number
}

/** Sorts records into files by account and region. The same records in the same order make the same files. */
export class Shelves {
  readonly #bucket: Bucket
  readonly #filling = new Map<string, Filling>()
  #slot = 0
  #characters = 0

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  /** From here on records are of that slot. Answers what is full with that. */
  at(slot: number): readonly LogFile[] {
    if (slot === this.#slot) return []
    const files = this.drained()
    this.#slot = slot
    return files
  }

  /** Answers what is full with that. */
  put({ account, at, event }: TrailEntry): readonly LogFile[] {
    const owner = { account, region: regionOf(event) }
    const name = ownerKey(owner)
    let filling = this.#filling.get(name)
    if (filling === undefined) {
      filling = { owner, events: [], characters: 0, oldest: at, newest: at }
      this.#filling.set(name, filling)
    }
    filling.events.push(event)
    filling.characters += event.length
    filling.oldest = Math.min(filling.oldest, at)
    filling.newest = Math.max(filling.newest, at)
    this.#characters += event.length
    if (this.#characters >= allMost) return this.drained()
    if (filling.characters < fileMost) return []
    this.#filling.delete(name)
    this.#characters -= filling.characters
    return [this.#file(filling)]
  }

  drained(): readonly LogFile[] {
    const files = [...this.#filling.values()].map((filling) => this.#file(filling))
    this.#filling.clear()
    this.#characters = 0
    return files
  }

  #file({ owner, events, oldest, newest }: Filling): LogFile {
    const text = `{"Records":[${events.join(',')}]}`
    const hash = hexSha256(text)
    return { owner, name: logName(this.#bucket, owner, this.#slot, hash), text, hash, oldest, newest }
  }
}

/** A caller may have signed for any region, and what it called so becomes no name of a folder. */
function regionOf(event: string): string {
  const region = new Recorded(event).text('awsRegion')
  return region !== undefined && /^[a-z]{2,8}(?:-[a-z0-9]{1,16}){1,4}$/.test(region) ? region : homeRegion
}
