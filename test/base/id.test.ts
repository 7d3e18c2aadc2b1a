import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Random } from '../../src/base/env.ts'
import { accessKeyId, accountOfKey, uuid } from '../../src/base/id.ts'

/** Hands out the given bytes, from the start each time. */
const dealt = (bytes: Uint8Array): Random => ({ bytes: (count) => bytes.slice(0, count) })
const accounts = fc.integer({ min: 0, max: 999_999_999_999 }).map((number) => String(number).padStart(12, '0'))
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

describe('an access key id', () => {
  test.each([
    ['the lowest account', '000000000000', [0, 0, 0, 0, 0], 'ASIAQAAAAAAAAAAAAAAA'],
    ['the highest account', '999999999999', [255, 255, 255, 255, 255], 'ASIA6RVFFB7777777777'],
    ['any account', '123456789012', [7, 1, 2, 3, 4], 'ASIARZPUZDIKA4AQEAYE'],
  ])('is base32 over set bit, account and chance: %s', (_what, account, given, expected) => {
    expect(accessKeyId(dealt(Uint8Array.from(given)), 'ASIA', account)).toBe(expected)
  })

  test('tells its account, whatever chance adds', () => {
    fc.assert(
      fc.property(accounts, bytes(5), (account, given) => {
        const id = accessKeyId(dealt(given), 'AKIA', account)
        expect(id).toMatch(/^AKIA[A-Z2-7]{16}$/)
        expect(accountOfKey(id)).toBe(account)
      }),
    )
  })
})

test('a request id is a version 4 UUID that holds the bytes it was made from', () => {
  fc.assert(
    fc.property(bytes(16), (given) => {
      const id = uuid(dealt(given))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      const plain = Buffer.from(id.replaceAll('-', ''), 'hex')
      expect([...plain].map((byte, at) => (at === 6 ? byte & 0x0f : at === 8 ? byte & 0x3f : byte))).toEqual(
        [...given].map((byte, at) => (at === 6 ? byte & 0x0f : at === 8 ? byte & 0x3f : byte)),
      )
    }),
  )
})
