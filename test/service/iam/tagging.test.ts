import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, document, ec2Trust, here } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  iam.do('CreateUser', { UserName: 'h' })
  iam.do('CreateRole', { RoleName: 'h', AssumeRolePolicyDocument: ec2Trust })
  iam.do('CreatePolicy', { PolicyName: 'h', PolicyDocument: document() })
  iam.do('CreateInstanceProfile', { InstanceProfileName: 'h' })
})
const policyArn = (name: string) => `arn:aws:iam::${here}:policy/${name}`
const asIs = (name: string) => name

const tag = (Key: string, Value = '') => ({ Key, Value })
const many = (count: number, prefix = 'k') => Array.from({ length: count }, (_, at) => tag(`${prefix}${at}`))

describe.each([
  ['User', 'UserName', asIs, true, 'The user with name none cannot be found.'],
  ['Role', 'RoleName', asIs, true, 'The role with name none cannot be found.'],
  ['Policy', 'PolicyArn', policyArn, false, `Policy ${policyArn('none')} was not found.`],
  ['InstanceProfile', 'InstanceProfileName', asIs, false, 'Instance Profile none cannot be found.'],
] as const)('tags of a %s', (word, member, named, folded, missing) => {
  // The operation's name is put together here, so its input cannot be typed; the authority checks its shape.
  const told = (operation: string, more: object, name = 'h') =>
    iam.told(operation as never, { [member]: named(name), ...more } as never)
  const add = (...Tags: readonly object[]) => told(`Tag${word}`, { Tags })
  const list = (more: object = {}) =>
    iam.do(`List${word}Tags` as never, { [member]: named('h'), ...more } as never) as {
      Tags: readonly { Key: string; Value: string }[]
      IsTruncated: boolean
      Marker?: string
    }

  test('QUIRK: tags-in-order. They are added to those that are there, and listed in the order of bytes, or of length and bytes', () => {
    add(tag('abc', '0'), tag('b', '1'), tag('Z', '2'))
    add(tag('a', '3'))
    const [Z, a, abc, b] = [tag('Z', '2'), tag('a', '3'), tag('abc', '0'), tag('b', '1')]
    expect(list()).toEqual({ Tags: folded ? [Z, a, abc, b] : [Z, a, b, abc], IsTruncated: false })
  })

  test('take a new value', () => {
    add(tag('a', '1'))
    add(tag('a', '2'))
    expect(list().Tags).toEqual([tag('a', '2')])
  })

  test('QUIRK: tag-key-case. Keys differ by case where the kind says so', () => {
    expect(add(tag('a', '1'), tag('A', '2'))).toBe(
      folded ? 'InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.' : 'ok',
    )
    add(tag('a', '1'))
    add(tag('A', '3'))
    expect(list().Tags).toEqual(folded ? [tag('A', '3')] : [tag('A', '3'), tag('a', '1')])
    told(`Untag${word}`, { TagKeys: ['a'] })
    expect(list().Tags).toEqual(folded ? [] : [tag('A', '3')])
  })

  test('must not name a key twice', () => {
    expect(add(tag('a', '1'), tag('a', '1'))).toBe(
      folded
        ? 'InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.'
        : 'InvalidInput: Duplicate tag keys found.',
    )
  })

  test('are fifty at most', () => {
    expect(add(...many(50))).toBe('ok')
    expect(add(tag('one more'))).toBe('LimitExceeded: The number of tags has reached the maximum limit.')
    expect(add(tag('k7', 'new'))).toBe('ok')
    expect(add(...many(51))).toMatch(/^ValidationError: .*Value at 'tags' .* less than or equal to 50$/)
  })

  test.each(['aws:x', 'AWS:x', 'Aws:'])('cannot have the key %s, which is for AWS', (key) => {
    expect(add(tag(key))).toMatch(/^InvalidInput: /)
  })

  test('go when they are taken off, and taking off what is not there is no mistake', () => {
    add(tag('a'), tag('b'))
    expect(told(`Untag${word}`, { TagKeys: ['a', 'zzz'] })).toBe('ok')
    expect(list().Tags).toEqual([tag('b')])
  })

  test('come page by page, however long their keys are', () => {
    // The longest keys, of letters that take one, two and three bytes.
    const keys = ['k', '\u00e9', '\u6f22'].map((letter) => letter.repeat(128))
    add(...keys.map((key) => tag(key)))
    const seen: string[] = []
    let marker: string | undefined
    do {
      const { Tags, Marker } = list({ MaxItems: 1, Marker: marker })
      seen.push(...Tags.map(({ Key }) => Key))
      marker = Marker
    } while (marker !== undefined)
    expect(seen.toSorted()).toEqual(keys.toSorted())
  })

  test('belong to something that is there', () => {
    for (const [operation, more] of [
      [`Tag${word}`, { Tags: [tag('a')] }],
      [`Untag${word}`, { TagKeys: ['a'] }],
      [`List${word}Tags`, {}],
    ] as const)
      expect(told(operation, more, 'none')).toBe(`NoSuchEntity: ${missing}`)
  })
})

test('a key that is too long is named by its place in the request', () => {
  expect(iam.told('TagUser', { UserName: 'h', Tags: [tag('k'.repeat(129))] })).toBe(
    "ValidationError: 1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
  )
})

test('AWS’s own policies cannot be tagged', () => {
  const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
  expect(iam.told('TagPolicy', { PolicyArn, Tags: [tag('a')] })).toMatch(/^AccessDenied: /)
  expect(iam.told('UntagPolicy', { PolicyArn, TagKeys: ['a'] })).toMatch(/^AccessDenied: /)
})
