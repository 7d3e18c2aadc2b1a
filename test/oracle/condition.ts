import { arnParts, fits, type Lookup, type Sign, segments, spell } from './pattern.ts'
import { type Conditions, type Lax, list, type Scalar } from './question.ts'
import { all, any, maybe, no, not, type Truth, truth, yes } from './truth.ts'

export interface How {
  /** Version 2012-10-17: variables are replaced. */
  readonly modern: boolean
  readonly lookup: Lookup
  /** Other readings to try, to explain a difference with. */
  readonly lax: readonly Lax[]
}

/** Whether a whole Condition block holds: every operator, every key. */
export function holds(conditions: Conditions | undefined, how: How): Truth {
  return all(
    Object.entries(conditions ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => clause(operator, key, list(wanted), how)),
    ),
  )
}

function clause(operator: string, key: string, wanted: readonly Scalar[], how: How): Truth {
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? []
  const found = how.lookup(key)
  // CHOICE: a test of a key without a known value is unknown, even one that would come out the same for every value.
  if (found === 'unknown') return maybe
  if (name === 'Null') {
    const absent = String(found === 'absent')
    return truth(wanted.some((value) => String(value).toLowerCase() === absent))
  }
  const negated = name.includes('Not')
  if (found === 'absent') return truth(ifExists !== undefined || (set ? set === 'ForAllValues' : negated))

  const kind = name.replace('Not', '')
  const hit = (value: string) => any(wanted.map((one) => matches(kind, value, String(one), how)))
  const satisfied = (value: string) => (negated ? not(hit(value)) : hit(value))
  if (set === 'ForAllValues') {
    // CHOICE: a set that holds nothing but empty texts is the null set; ForAnyValue has no such rule.
    if (found.values.every((value) => value === '')) return yes
    return all(found.values.map(satisfied))
  }
  if (set === 'ForAnyValue') return any(found.values.map(satisfied))
  // CHOICE: several values without a set operator: a positive test fails, as AWS was seen to do, a negated one holds when none matches.
  if (found.values.length > 1 && !negated) return no
  const hits = any(found.values.map(hit))
  return negated ? not(hits) : hits
}

/** Whether one value of the request matches one value of the policy, by the positive form of an operator. */
function matches(kind: string, value: string, wanted: string, how: How): Truth {
  if (kind.startsWith('Numeric')) return compared(kind.slice(7), number(value, how.lax), number(wanted, how.lax))
  if (kind.startsWith('Date')) return compared(kind.slice(4), instant(value, how.lax), instant(wanted, how.lax))
  // CHOICE: no variables in Bool.
  if (kind === 'Bool') {
    const flag = wanted.toLowerCase()
    return truth((flag === 'true' || flag === 'false') && value.toLowerCase() === flag)
  }
  if (kind === 'BinaryEquals') return truth(sameBytes(value, wanted, how.lax))
  if (kind === 'IpAddress') return truth(inNetwork(value, wanted))
  if (!kind.startsWith('String') && !kind.startsWith('Arn')) throw new Error(`no operator ${kind}`)

  const signs = spell(wanted, how.modern, how.lookup)
  if (signs === 'nothing') return no
  if (signs === 'unknown') return maybe
  const exact = signs.map((sign) => sign.char).join('')
  switch (kind) {
    case 'StringEquals':
      return truth(value === exact)
    case 'StringEqualsIgnoreCase':
      return truth(value.toLowerCase() === exact.toLowerCase())
    case 'StringLike':
      return truth(fits(signs, value))
    default:
      return truth(arnFits(signs, value))
  }
}

/**
 * CHOICE: variables may stand anywhere in an ARN of a condition, and a value that contains colons counts with them:
 * `${aws:PrincipalArn}` alone is a whole ARN. CHOICE: a pattern with fewer than six parts, `*` too, matches no ARN.
 */
function arnFits(pattern: readonly Sign[], value: string): boolean {
  const parts = arnParts(value)
  const patterns = segments(pattern)
  return parts !== undefined && patterns.length === 6 && patterns.every((one, index) => fits(one, parts[index] ?? ''))
}

/** CHOICE: a value that is no number or no date equals nothing and is neither less nor greater. */
function compared(test: string, left: bigint | undefined, right: bigint | undefined): Truth {
  if (left === undefined || right === undefined) return no
  if (test === 'Equals') return truth(left === right)
  if (test === 'LessThan') return truth(left < right)
  if (test === 'LessThanEquals') return truth(left <= right)
  if (test === 'GreaterThan') return truth(left > right)
  if (test === 'GreaterThanEquals') return truth(left >= right)
  throw new Error(`no comparison ${test}`)
}

/** A whole number of the smallest units: 10^-40. CHOICE: numbers are compared exactly, and have no exponents. */
function number(text: string, lax: readonly Lax[]): bigint | undefined {
  if (lax.includes('exponents') && /^-?\d+e\d+$/.test(text)) return number(String(Number(text)), lax)
  if (lax.includes('doubles') && /^-?\d{16,}$/.test(text)) return number(BigInt(Number(text)).toString(), [])
  const [, sign, whole, part = ''] = /^([+-]?)(\d+)(?:\.(\d{1,40}))?$/.exec(text) ?? []
  if (whole === undefined) return undefined
  return BigInt(`${whole}${part.padEnd(40, '0')}`) * (sign === '-' ? -1n : 1n)
}

/**
 * Nanoseconds since 1970. CHOICE: no time zone is UTC; four digits alone are seconds, not a year. Seconds run
 * from 0 to 2^63 - 1.
 */
function instant(text: string, lax: readonly Lax[]): bigint | undefined {
  if (/^\d+$/.test(text)) return BigInt(text) < 2n ** 63n ? BigInt(text) * 1_000_000_000n : undefined
  const found =
    /^(\d{4})-(\d\d)(?:-(\d\d)(?:[tT](\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?([zZ]|([+-])(\d\d)(?::?(\d\d))?)?$/.exec(
      text,
    )
  if (found === null) return undefined
  const [, year, month, day = '1', hour = '0', minute = '0', second = '0', part = ''] = found
  const [east, zoneHours = '0', zoneMinutes = '0'] = found.slice(9)
  const inMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > (lax.includes('days') ? 31 : inMonth))
    return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000 * (east === '-' ? -1 : 1)
  return BigInt(local - offset) * 1_000_000n + BigInt(part.padEnd(9, '0'))
}

/** CHOICE: the value of a binary key is given in base64, as the policy's is; other texts equal nothing. */
function sameBytes(left: string, right: string, lax: readonly Lax[]): boolean {
  if (lax.includes('padding')) return sameBytes(padded(left), padded(right), [])
  const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
  if (!base64.test(left) || !base64.test(right)) return false
  return Buffer.from(left, 'base64').equals(Buffer.from(right, 'base64'))
}

const padded = (text: string): string =>
  text.replace(/=+$/, '').padEnd(Math.ceil(text.replace(/=+$/, '').length / 4) * 4, '=')

/** Whether an address lies in a network; a bare address is the network of itself. */
function inNetwork(address: string, network: string): boolean {
  const [base = '', prefix, more] = network.split('/')
  const left = bitsOf(address)
  const right = bitsOf(base)
  if (left === undefined || right === undefined || left.length !== right.length || more !== undefined) return false
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > right.length)) return false
  const fixed = prefix === undefined ? right.length : Number(prefix)
  return left.slice(0, fixed) === right.slice(0, fixed)
}

/** The 32 or 128 bits of an address, as a text of zeros and ones. */
function bitsOf(address: string): string | undefined {
  if (!address.includes(':')) {
    const bytes = address.split('.')
    if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256))
      return undefined
    return bytes.map((byte) => Number(byte).toString(2).padStart(8, '0')).join('')
  }
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const bits = halves.map((half) => (half === '' ? [] : half.split(':')).map(groupBits))
  const known = bits.flat()
  if (known.includes(undefined)) return undefined
  const length = known.join('').length
  if (halves.length === 1) return length === 128 ? known.join('') : undefined
  if (length > 112) return undefined
  return (bits[0] ?? []).join('') + '0'.repeat(128 - length) + (bits[1] ?? []).join('')
}

function groupBits(group: string, index: number, groups: readonly string[]): string | undefined {
  if (group.includes('.')) return index === groups.length - 1 ? bitsOf(group) : undefined
  return /^[0-9a-fA-F]{1,4}$/.test(group) ? Number.parseInt(group, 16).toString(2).padStart(16, '0') : undefined
}
