const two: readonly string[] = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const daySeconds = 86_400

let lastDay = Number.NaN
let lastDate = ''

/**
 * `2026-01-31T12:00:00Z`: a time in whole seconds, in UTC. Throws a RangeError for what is no time. Written several times for
 * each request, always about today: the date is kept from the last one, and the rest is arithmetic.
 */
export function isoSeconds(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const day = Math.floor(seconds / daySeconds)
  if (day !== lastDay) {
    const iso = new Date(day * daySeconds * 1000).toISOString()
    lastDate = iso.slice(0, iso.indexOf('T') + 1)
    lastDay = day
  }
  const rest = seconds - day * daySeconds
  return `${lastDate}${two[Math.floor(rest / 3600)]}:${two[Math.floor(rest / 60) % 60]}:${two[rest % 60]}Z`
}
