import { InvalidArgumentError } from 'commander'

/** The text of `--listen` and its like: `127.0.0.1:4599`, `[::1]:443`, `:8080` (every address), `4599` (loopback). */
export function addressArgument(text: string): { readonly host: string; readonly port: number } {
  const parts = /^(?:(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text)
  const port = Number(parts?.[3] ?? Number.NaN)
  if (parts === null || !(port <= 65_535))
    throw new InvalidArgumentError(
      'An address is a host and a port: 127.0.0.1:4599, [::1]:443, :8080 for every address.',
    )
  const host = parts[1] ?? parts[2]
  return { host: host === undefined ? '127.0.0.1' : host === '' ? '::' : host, port }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A span of time, in milliseconds: `30s`, `15m`, `1.5h`. */
export function durationArgument(text: string): number {
  const parts = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text)
  const unit = units[parts?.[2] ?? '']
  if (parts === null || unit === undefined)
    throw new InvalidArgumentError('A span of time is a number and a unit: 30s, 15m, 1h.')
  return Math.round(Number(parts[1]) * unit)
}

/** A point in time, in milliseconds since the epoch, whole seconds: `2026-11-01`, `2026-11-01T12:30Z`. Without a zone it is UTC. */
export function instantArgument(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  const time = Date.parse(`${parts?.[1]}T${parts?.[2] ?? '00:00'}${parts?.[3] ?? 'Z'}`)
  // A day that there is not (31 April) may be read as one that there is.
  const day = Date.parse(`${parts?.[1]}T00:00Z`)
  if (!(time >= 0 && day >= 0) || new Date(day).toISOString().slice(0, 10) !== parts?.[1])
    throw new InvalidArgumentError('A time is a date, and perhaps a time of day: 2026-11-01T12:30Z.')
  return time
}

/** A whole number between bounds, both allowed. */
export const countArgument =
  (least: number, most: number) =>
  (text: string): number => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (count >= least && count <= most) return count
    throw new InvalidArgumentError(`This is a whole number from ${least} to ${most}.`)
  }

/** A text that may not be empty: an empty one is a variable that was never set. */
export function textArgument(text: string): string {
  if (text !== '') return text
  throw new InvalidArgumentError('It is empty.')
}

/** Where something is reached, without a slash at the end: `https://id.example.com`, perhaps with a path. */
export function urlArgument(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url !== undefined && url.username === '' && url.password === '' && !/[?#]/.test(text)
  if (url === undefined || !plain || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new InvalidArgumentError('An URL begins with https:// and has no user, query or fragment.')
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

export function portArgument(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535.')
}

/** `1 record`, `2,000 records`. */
export const counted = (number: number, what: string): string =>
  `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`
