/** The six segments of an ARN. `resource` is everything after the fifth colon, further colons included. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

/** Splits an ARN, or answers `undefined` where the text is none (fewer than six segments, or no `arn:` in front). */
export function parseArn(text: string): Arn | undefined {
  const ends: number[] = []
  for (let from = 0; ends.length < 5; ) {
    const at = text.indexOf(':', from)
    if (at < 0) return undefined
    ends.push(at)
    from = at + 1
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = ends
  if (text.slice(0, a) !== 'arn') return undefined
  return {
    partition: text.slice(a + 1, b),
    service: text.slice(b + 1, c),
    region: text.slice(c + 1, d),
    account: text.slice(d + 1, e),
    resource: text.slice(e + 1),
  }
}

/** AWS account ids are twelve digits, and always text: leading zeros count. */
export const isAccountId = (text: string): boolean => /^\d{12}$/.test(text)

export const iamArn = (account: string, resource: string): string => `arn:aws:iam::${account}:${resource}`
export const organizationsArn = (account: string, resource: string): string =>
  `arn:aws:organizations::${account}:${resource}`
export const stsArn = (account: string, resource: string): string => `arn:aws:sts::${account}:${resource}`
