import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Binding, CannotOpen, type Sealed } from '../../src/base/sealed.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { isSealed, KeyRing, keyIdOf, type SealingKey, sealingKey } from '../../src/token/vault.ts'
import { freshKey } from './keys.ts'

const random = machineRandom()
const clock = { now: () => 0 }
const ringOf = (...keys: readonly SealingKey[]): KeyRing =>
  new KeyRing({ kind: 'file', read: () => keys }, clock, random)

const one = freshKey()
const two = freshKey()
const row: Binding = { kind: 'access-key', id: 'AKIAIOSFODNN7EXAMPLE', account: '111122223333' }

/** Anything that a row may be called, and above all what is nearly the same. */
const part = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ab', '1:', '1:a', 'access-key', 'token-key', '__proto__'),
  fc.string({ maxLength: 6 }),
)
const anyRow = fc.record({ kind: part, id: part, account: part })

const refused = (vault: KeyRing, text: string, at: Binding): boolean => {
  try {
    vault.open(text as Sealed, at)
    return false
  } catch (error) {
    if (error instanceof CannotOpen) return true
    throw error
  }
}

describe('a sealed secret', () => {
  test('opens in its row, under its key: any text, any row', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyRow, (secret, at) => {
        // A lone half of a surrogate pair is no text, and no secret of ours has one.
        fc.pre(Buffer.from(secret).toString() === secret)
        const sealed = ringOf(one).seal(secret, at)
        expect(isSealed(sealed)).toBe(true)
        expect(keyIdOf(sealed)).toBe(one.id)
        expect(ringOf(two, one).open(sealed, at)).toBe(secret)
      }),
    )
  })

  test('never opens in another row, however alike, also after it was opened in its own', () => {
    fc.assert(
      fc.property(anyRow, anyRow, (mine, other) => {
        fc.pre(mine.kind !== other.kind || mine.id !== other.id || mine.account !== other.account)
        const vault = ringOf(one)
        const sealed = vault.seal('secret', mine)
        expect(vault.open(sealed, mine)).toBe('secret')
        expect(refused(vault, sealed, other)).toBe(true)
        expect(refused(ringOf(one), sealed, other)).toBe(true)
        expect(vault.open(sealed, mine)).toBe('secret')
      }),
    )
  })

  test.each([
    ['another id', { ...row, id: 'AKIAIOSFODNN7EXAMPLF' }],
    ['another kind', { ...row, kind: 'token-key' }],
    ['another account', { ...row, account: '111122223334' }],
    ['no account', { ...row, account: '' }],
    ['a character that moved from the kind to the account', { ...row, kind: 'access-ke', account: 'y111122223333' }],
    ['a character that moved from the id to the account', { ...row, id: row.id.slice(1), account: `${row.account}A` }],
    ['id and account exchanged', { ...row, id: row.account, account: row.id }],
  ])('never opens in a row of %s', (_what, other) => {
    const vault = ringOf(one)
    const sealed = vault.seal('secret', row)
    expect(refused(vault, sealed, other)).toBe(true)
    expect(vault.open(sealed, row)).toBe('secret')
    expect(refused(vault, sealed, other)).toBe(true)
  })

  test('never opens under another key, nor under one that was given its id', () => {
    const sealed = ringOf(one).seal('secret', row)
    expect(refused(ringOf(two), sealed, row)).toBe(true)
    expect(refused(ringOf({ id: one.id, key: two.key }), sealed, row)).toBe(true)
    const renamed = sealed.replace(one.id, two.id)
    expect(refused(ringOf(one, two), renamed, row)).toBe(true)
    expect(refused(ringOf({ id: two.id, key: one.key }), renamed, row)).toBe(true)
  })

  test('never opens with any bit of its text changed, nor with a character more or less', () => {
    // Secrets of every length of base64: one without loose bits at the end, and two with.
    for (const secret of ['x'.repeat(40), 'x'.repeat(41), 'x'.repeat(42), '']) {
      const sealed = ringOf(one).seal(secret, row)
      const bytes = Buffer.from(sealed, 'latin1')
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect([bit, refused(ringOf(one), changed.toString('latin1'), row)]).toEqual([bit, true])
      }
      for (let length = 0; length < sealed.length; length++)
        expect(refused(ringOf(one), sealed.slice(0, length), row)).toBe(true)
      for (const more of ['A', '=', '\n', ' ', '.', '\0']) expect(refused(ringOf(one), sealed + more, row)).toBe(true)
    }
  })

  test('is another text each time, and says nothing but the key’s id and the secret’s length', () => {
    const vault = ringOf(one)
    const secrets = Array.from({ length: 500 }, () => vault.seal('one and the same secret', row))
    expect(new Set(secrets).size).toBe(500)
    expect(new Set(secrets.map(({ length }) => length)).size).toBe(1)
    // No two share a salt, so no two share key and nonce; and no column of their bytes stands still.
    const bodies = secrets.map((secret) => Buffer.from(secret.slice('v1.00000000.'.length), 'base64url'))
    expect(new Set(bodies.map((body) => body.subarray(0, 16).toString('hex'))).size).toBe(500)
    for (let at = 0; at < (bodies[0]?.length ?? 0); at++)
      expect(new Set(bodies.map((body) => body[at])).size).toBeGreaterThan(100)
  })

  test('is no text that any other does not know from a plain secret', () => {
    for (const plain of ['', 's', 'x'.repeat(40), 'v1.', randomBytes(32).toString('base64')])
      expect(isSealed(plain)).toBe(false)
  })

  test.each([
    ['a plain secret', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['no text', ''],
    ['another version', `v2.${one.id}.${'A'.repeat(96)}`],
    ['too short to hold salt and tag', `v1.${one.id}.AAAA`],
    ['a key’s id in capitals', `v1.ABCDEF01.${'A'.repeat(96)}`],
  ])('does not open where it is %s', (_what, text) => {
    expect(refused(ringOf(one), text, row)).toBe(true)
  })
})

/** As `docs/operating.md` and the room itself tell of it: what stands in a database today must open tomorrow. */
describe('what is kept', () => {
  const bytes = Buffer.alloc(32, 9)
  const salt = Buffer.alloc(16, 3)
  const fixed = () => new KeyRing({ kind: 'file', read: () => [sealingKey(bytes)] }, clock, { bytes: () => salt })

  test('is sealed as anybody could reckon it who has the key', () => {
    const id = createHash('sha256').update('rolecall key id\0').update(bytes).digest('hex').slice(0, 8)
    expect(sealingKey(bytes).id).toBe(id)
    const own = createHmac('sha512', bytes).update('\x01rolecall seal v1\0').update(salt).digest()
    const cipher = createCipheriv('aes-256-gcm', own.subarray(0, 32), own.subarray(32, 44))
    cipher.setAAD(Buffer.from(`2:v18:${id}10:access-key12:11112222333320:AKIAIOSFODNN7EXAMPLE`))
    const body = Buffer.concat([salt, cipher.update('secret'), cipher.final(), cipher.getAuthTag()])
    expect(fixed().seal('secret', row)).toBe(`v1.${id}.${body.toString('base64url')}`)
  })
})

describe('a trouble', () => {
  const said = (work: () => unknown): string => {
    try {
      work()
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
    return ''
  }

  test('is told in words', () => {
    const ring = ringOf(one, two)
    const three = freshKey()
    const sealed = ringOf(three).seal('s', row)
    const mine = ring.seal('s', row)
    const keys = `(${one.id}, ${two.id})`
    expect(said(() => ring.open(sealed, row))).toBe(
      `the secret of access-key ${row.id} is sealed under key ${three.id}, which is not among the keys here ${keys}`,
    )
    expect(said(() => ring.seal('s', row, three.id))).toBe(
      `nothing can be sealed under key ${three.id}, which is not among the keys here ${keys}`,
    )
    expect(said(() => ring.reread(three.id))).toBe(
      `key ${three.id}, which secrets are sealed under, is not among the keys ${keys}`,
    )
    for (const text of ['plain', `v1.${one.id}.AAAA`])
      expect(said(() => ring.open(text as Sealed, row))).toBe(
        `the secret of access-key ${row.id} is not sealed as it should be`,
      )
    expect(said(() => ring.open(mine, { ...row, account: '' }))).toBe(
      `the secret of access-key ${row.id} does not open under key ${one.id}: it was altered, or belongs to another row`,
    )
  })

  test('names row and key by their ids, and nothing of secret or key', () => {
    const sealed = ringOf(one).seal('canary-of-a-secret', row)
    const bytes = [one.key.export().toString('base64'), one.key.export().toString('hex'), sealed.slice(13)]
    const messages = [
      () => ringOf(two).open(sealed, row),
      () => ringOf(one).open(`${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'B' : 'A'}` as Sealed, row),
      () => ringOf(one).open('canary-of-a-secret' as Sealed, row),
      () => ringOf(one).seal('canary-of-a-secret', row, two.id),
    ].map((work) => {
      try {
        work()
        return ''
      } catch (error) {
        return `${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`
      }
    })
    expect(messages[0]).toContain(`the secret of access-key ${row.id} is sealed under key ${one.id}`)
    expect(messages[0]).toContain(`not among the keys here (${two.id})`)
    for (const message of messages) {
      expect(message).toMatch(/CannotOpen/)
      for (const hidden of ['canary', ...bytes]) expect(message).not.toContain(hidden)
    }
  })

  test('a key shows nothing of itself where it is printed', () => {
    const hex = one.key.export().toString('hex')
    for (const shown of [JSON.stringify(one), String(one.key), `${Object.values(one)}`])
      expect(shown).not.toContain(hex)
  })
})

describe('a ring', () => {
  test('seals under its first key, or under the one that is named; opens under all', () => {
    const ring = ringOf(one, two)
    expect(keyIdOf(ring.seal('s', row))).toBe(one.id)
    expect(keyIdOf(ring.seal('s', row, two.id))).toBe(two.id)
    expect(ring.open(ring.seal('s', row, two.id), row)).toBe('s')
    expect(ring.keyIds()).toEqual([one.id, two.id])
  })

  test('holds a key once that is listed twice, and refuses two of one id, and none', () => {
    expect(ringOf(one, one, two).keyIds()).toEqual([one.id, two.id])
    expect(() => ringOf(one, { id: one.id, key: two.key })).toThrow(/two different keys have the id/)
    expect(() => ringOf()).toThrow('there is no key')
  })

  test('looks for a key that it does not know once, and then leaves it for a while', () => {
    let now = 1000
    let keys: readonly SealingKey[] = [one]
    let reads = 0
    const ring = new KeyRing(
      {
        kind: 'file',
        read() {
          reads++
          return keys
        },
      },
      { now: () => now },
      random,
    )
    const sealed = ringOf(two).seal('s', row)
    expect(reads).toBe(1)
    for (let again = 0; again < 50; again++) expect(refused(ring, sealed, row)).toBe(true)
    expect(reads).toBe(2)
    keys = [two, one]
    expect(refused(ring, sealed, row)).toBe(true)
    now += 10_000
    expect(ring.open(sealed, row)).toBe('s')
    expect(keyIdOf(ring.seal('s', row))).toBe(two.id)
    expect(reads).toBe(3)
  })

  test('looks again where the clock was set back', () => {
    let now = 1_000_000
    let keys: readonly SealingKey[] = [one]
    const ring = new KeyRing({ kind: 'file', read: () => keys }, { now: () => now }, random)
    const sealed = ringOf(two).seal('s', row)
    expect(refused(ring, sealed, row)).toBe(true)
    keys = [two]
    now -= 1
    expect(ring.open(sealed, row)).toBe('s')
  })

  test('moves a secret from one key to another', () => {
    const ring = ringOf(one, two)
    const moved = ring.reseal(ring.seal('s', row), row, two.id)
    expect(keyIdOf(moved)).toBe(two.id)
    expect(ringOf(two).open(moved, row)).toBe('s')
    expect(keyIdOf(ring.reseal(moved, row))).toBe(one.id)
    expect(() => ring.reseal(moved, { ...row, id: 'x' })).toThrow(CannotOpen)
  })

  test('is read again as a whole, or stays what it was', () => {
    let keys = [one]
    const ring = new KeyRing({ kind: 'file', read: () => keys }, clock, random)
    keys = [two]
    expect(() => ring.reread(one.id)).toThrow(one.id)
    expect(ring.keyIds()).toEqual([one.id])
    keys = [two, one]
    ring.reread(one.id)
    expect(ring.keyIds()).toEqual([two.id, one.id])
    keys = [two]
    ring.reread()
    expect(ring.keyIds()).toEqual([two.id])
  })

  test('goes on with the keys that it has where none can be read', () => {
    let broken = false
    const ring = new KeyRing(
      {
        kind: 'file',
        read() {
          if (broken) throw new Error('the file is gone')
          return [one]
        },
      },
      clock,
      random,
    )
    const sealed = ring.seal('s', row)
    broken = true
    expect(refused(ring, ringOf(two).seal('s', row), row)).toBe(true)
    expect(() => ring.reread()).toThrow('the file is gone')
    expect(ring.open(sealed, row)).toBe('s')
  })

  test('forgets with a key what it has opened', () => {
    let keys = [one, two]
    const ring = new KeyRing({ kind: 'file', read: () => keys }, clock, random)
    const sealed = ring.seal('s', row, two.id)
    expect(ring.open(sealed, row)).toBe('s')
    keys = [one]
    ring.reread()
    expect(refused(ring, sealed, row)).toBe(true)
  })
})

describe('a key', () => {
  test('has the same id wherever it is kept, and another key another', () => {
    const bytes = randomBytes(32)
    expect(sealingKey(bytes).id).toBe(sealingKey(Uint8Array.from(bytes)).id)
    expect(sealingKey(bytes).id).toMatch(/^[0-9a-f]{8}$/)
    expect(new Set(Array.from({ length: 100 }, () => freshKey().id)).size).toBe(100)
  })

  test('has 32 bytes', () => {
    for (const length of [0, 16, 31, 33, 64]) expect(() => sealingKey(randomBytes(length))).toThrow(/32 bytes/)
  })
})
