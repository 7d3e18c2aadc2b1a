import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messageCharactersMax, openMessage, sealMessage } from '../../src/token/message.ts'
import { openSession, sealSession, type TokenKeyLike } from '../../src/token/session.ts'

const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) }
const key: TokenKeyLike = { id: '01ab23cd', secret: randomBytes(32).toString('base64') }
const ring = (id: string) => (id === key.id ? key.secret : undefined)
const account = '111122223333'
const message = { requestId: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d', decoded: '{"allowed":false}' }

const sealed = (about = message, of = account): string => {
  const text = sealMessage(about, of, key, random)
  if (text === undefined) throw new Error('too long')
  return text
}

/** The same as anybody could make it who has the ring. */
function made(plain: string, salt = randomBytes(16)): string {
  const own = createHmac('sha512', Buffer.from(key.secret, 'base64'))
    .update('\x01rolecall authorization message v1\0')
    .update(salt)
    .digest()
  const head = Buffer.from(`01${key.id}`, 'hex')
  const cipher = createCipheriv('aes-256-gcm', own.subarray(0, 32), own.subarray(32, 44))
  cipher.setAAD(Buffer.concat([Buffer.from('authorization message\0'), head, Buffer.from(account)]))
  const body = [head, salt, cipher.update(deflateRawSync(plain)), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(body).toString('base64url')
}

describe('an authorization message', () => {
  test('is sealed as anybody could reckon it who has the ring', () => {
    const salt = Buffer.alloc(16, 3)
    const text = sealMessage(message, account, key, { bytes: () => salt })
    expect(text).toBe(made(`${message.requestId}\n${message.decoded}`, salt))
    expect(openMessage(made('r\n{"a":\n1}'), account, ring)).toEqual({ requestId: 'r', decoded: '{"a":\n1}' })
  })

  test('opens under no key that is not there', () => {
    expect(openMessage(sealed(), account, () => undefined)).toBeUndefined()
    expect(openMessage(sealed(), account, () => 'no key at all')).toBeUndefined()
  })

  test('has up to 10,240 characters, and unfolds to 256 KB, to the last of them', () => {
    // Letters that do not pack, the same each time.
    const noise = Array.from({ length: 300 }, (_, n) => createHash('sha256').update(`${n}`).digest('base64url')).join(
      '',
    )
    const lengths = Array.from({ length: 120 }, (_, more) => {
      const text = sealMessage({ requestId: 'r', decoded: noise.slice(0, 10_050 + more) }, account, key, random)
      if (text !== undefined) expect(openMessage(text, account, ring)).toBeDefined()
      return text?.length ?? 0
    })
    expect(Math.max(...lengths)).toBe(messageCharactersMax)
    expect(lengths).toContain(0)
    expect(openMessage(made(`r\n${noise}`), account, ring)).toBeUndefined()

    const most = { requestId: 'r', decoded: 'x'.repeat(256 * 1024 - 2) }
    expect(openMessage(sealed(most), account, ring)).toEqual(most)
    expect(sealMessage({ ...most, requestId: 'rr' }, account, key, random)).toBeUndefined()
    expect(openMessage(made(`rr\n${most.decoded}`), account, ring)).toBeUndefined()
  })

  test('opens to what was sealed, for its account', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ unit: 'grapheme', maxLength: 400 }), (requestId, decoded) => {
        expect(openMessage(sealed({ requestId, decoded }), account, ring)).toEqual({ requestId, decoded })
      }),
    )
  })

  test('is text that needs no escape anywhere, never the same twice, and shows nothing of what it says', () => {
    const [one, two] = [sealed(), sealed()]
    expect(one).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(one).not.toBe(two)
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('allowed')
  })

  test('opens for no other account', () => {
    for (const other of ['444455556666', '', '11112222333', '1111222233330'])
      expect(openMessage(sealed(), other, ring)).toBeUndefined()
  })

  test('does not open once a single bit of it is turned over, cut, made longer or spelled otherwise', () => {
    const text = sealed()
    const bytes = Buffer.from(text, 'base64url')
    const secretOfAny = () => key.secret
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(openMessage(changed.toString('base64url'), account, secretOfAny)).toBeUndefined()
    }
    for (let length = 0; length < text.length; length++)
      expect(openMessage(text.slice(0, length), account, ring)).toBeUndefined()
    for (const more of [`${text}A`, `${text}=`, ` ${text}`, `${text}\n`, `${text.slice(0, 9)}\n${text.slice(9)}`])
      expect(openMessage(more, account, ring)).toBeUndefined()
  })

  test('is never taken for a session token, nor one of those for it', () => {
    const claims = {
      accessKeyId: 'ASIAQQQQQQQQQQQQQQQQ',
      secretAccessKey: 'S'.repeat(40),
      kind: 'role',
      account,
      principalId: 'AROAQQQQQQQQQQQQQQQQQ',
      issuedAt: 0,
      expiresAt: 1,
      chainDepth: 0,
    } as const
    const token = Buffer.from(sealSession(claims, key, random), 'base64')
    expect(openMessage(token.toString('base64url'), account, ring)).toBeUndefined()
    expect(openSession(Buffer.from(sealed(), 'base64url').toString('base64'), ring)).toBeUndefined()
  })

  test('is not made by whoever has the ring and seals as tokens are sealed', () => {
    // What only another key keeps apart would open here: this is a message's layout under a token's key and words.
    const head = Buffer.from(`01${key.id}`, 'hex')
    const salt = randomBytes(16)
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.secret, 'base64'), salt.subarray(0, 12))
    cipher.setAAD(head)
    const bytes = Buffer.concat([head, salt, cipher.update('x'), cipher.final(), cipher.getAuthTag()])
    expect(openMessage(bytes.toString('base64url'), account, ring)).toBeUndefined()
  })

  test('fits into 10,240 characters, or is none', () => {
    const noise = (bytes: number) => ({ ...message, decoded: randomBytes(bytes).toString('latin1') })
    let longest = 0
    for (let bytes = 3_000; bytes < 8_000; bytes += 250)
      longest = Math.max(longest, sealMessage(noise(bytes), account, key, random)?.length ?? 0)
    expect(longest).toBeLessThanOrEqual(messageCharactersMax)
    expect(longest).toBeGreaterThan(messageCharactersMax * 0.9)
    expect(sealMessage(noise(20_000), account, key, random)).toBeUndefined()
    // What packs well is not unpacked without a bound.
    expect(sealMessage({ ...message, decoded: 'x'.repeat(10_000_000) }, account, key, random)).toBeUndefined()
  })

  test('never throws when it is read, whatever text it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 20 }), (text, secret) => {
        expect(openMessage(text, account, () => secret)).toBeUndefined()
      }),
    )
    expect(openMessage('A'.repeat(1_000_000), account, ring)).toBeUndefined()
  })

  test('is sealed under no key that is none', () => {
    for (const bad of [
      { id: '01ab23cd', secret: 'short' },
      { id: 'XYZ', secret: key.secret },
      { id: `${key.id}0`, secret: key.secret },
      { id: `x${key.id}`, secret: key.secret },
    ])
      expect(() => sealMessage(message, account, bad, random)).toThrow(/malformed/)
  })
})
