import type { Position } from '../../audit/lookup.ts'

/** Where a page ended, bound to the question that it answered. Whoever forges one sees no more than without. */
export function writeToken({ at, sequence }: Position, question: string): string {
  // Beyond every place: the page ended before a time, not behind a record.
  const place = Number.isFinite(sequence) ? String(sequence) : ''
  return btoa(`${checksum(`${question}\n${at}\n${place}`)} ${at} ${place}`)
}

/** `undefined` where the token was not written for this question. */
export function readToken(token: string, question: string): Position | undefined {
  let text: string
  try {
    text = atob(token)
  } catch {
    return undefined
  }
  const [, at = '', place = ''] = /^[0-9a-f]{16} (-?\d{1,16}) (\d{0,16})$/.exec(text) ?? []
  if (at === '') return undefined
  const position = { at: Number(at), sequence: place === '' ? Number.POSITIVE_INFINITY : Number(place) }
  // Written back, a token must be the same: `atob` also reads what `btoa` would not have written.
  return writeToken(position, question) === token ? position : undefined
}

/** FNV-1a over both halves of what its characters hold, sixteen hex digits. */
function checksum(text: string): string {
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code ^ (low >>> 15), 0x01000193)
  }
  const hex = (number: number) => (number >>> 0).toString(16).padStart(8, '0')
  return hex(high) + hex(low)
}
