import type { Failing } from '../operation.ts'

interface Asked {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

export interface Page<T> {
  readonly shown: readonly T[]
  /** What every paginated response ends with. QUIRK: page-end. IsTruncated always, Marker only where there is more. */
  readonly end: { readonly IsTruncated: boolean; readonly Marker?: string }
}

const itemsByDefault = 100

/**
 * One page of a list, in the order of its keys. QUIRK: names-in-order. `AmazonX` comes before `AWSX`: case decides only between keys that
 * are the same without it. `list` says which list this is (operation, account and whose): a marker is good
 * for its own list only. A marker names the last key shown rather than a place, so what is added or deleted between two pages
 * neither repeats nor hides another item. Keys are unique in the list, at most 200 ASCII characters.
 */
export function page<T>(
  scene: Failing,
  asked: Asked,
  list: string,
  items: readonly T[],
  keyOf: (item: T, index: number) => string,
): Page<T> {
  const keyed = items.map((item, index) => ({ item, ...placeOf(keyOf(item, index)) }))
  keyed.sort(inOrder)

  const after = asked.Marker === undefined ? undefined : read(asked.Marker, list)
  if (after === null) scene.fail('ValidationError', 'Invalid Marker.')
  const last = after ? placeOf(after) : undefined
  const rest = last === undefined ? keyed : keyed.filter((one) => inOrder(one, last) > 0)

  const shown = rest.slice(0, asked.MaxItems ?? itemsByDefault)
  const final = shown.at(-1)
  const end =
    final !== undefined && shown.length < rest.length
      ? { IsTruncated: true, Marker: write(final.key, list) }
      : { IsTruncated: false }
  return { shown: shown.map(({ item }) => item), end }
}

/** Where an item stands: its key, and the key without regard to case. */
interface Place {
  readonly key: string
  readonly folded: string
}

const placeOf = (key: string): Place => ({ key, folded: key.toLowerCase() })

function inOrder(a: Place, b: Place): number {
  if (a.folded !== b.folded) return a.folded < b.folded ? -1 : 1
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

const write = (key: string, list: string): string => btoa(`${checksum(`${list}\n${key}`)}${key}`)

/** The key in a marker, or `null` where the marker was not written for this list. */
function read(marker: string, list: string): string | null {
  let text: string
  try {
    text = atob(marker)
  } catch {
    return null
  }
  const key = text.slice(8)
  // Written back, a marker must be the same: `atob` also reads what `btoa` would not have written.
  return write(key, list) === marker ? key : null
}

/** FNV-1a, eight hex digits. It tells a marker from nonsense and from another list's; whoever forges one gains no item. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
