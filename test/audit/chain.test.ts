import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  emptyHead,
  Follower,
  fortyBits,
  genesis,
  headText,
  hexSha256,
  linked,
  markOf,
  movedText,
} from '../../src/audit/chain.ts'
import { anchorOf, type Digest, digestOf, digestText, lastHash, signedText } from '../../src/audit/digest.ts'
import { makeAuditKey, pemOf, Signer, Verifier } from '../../src/audit/key.ts'
import { accountOf, entryOf, lineOf } from '../../src/audit/line.ts'
import { hopsIn, type Minted, mintedText, readMinted, subjectsOf } from '../../src/audit/minted.ts'
import { chained } from '../../src/audit/run.ts'
import { accessKeyId } from '../../src/base/id.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { seeded } from './scene.ts'

/** As anybody may reckon it who has the bytes and the documentation, and nothing of ours. */
const sha = (text: string, as: 'hex' | 'base64url' = 'base64url') => createHash('sha256').update(text).digest(as)

const row = (parts: Partial<TrailRow> = {}): TrailRow => ({
  eventId: 'e-1',
  at: 1_700_000_000_000,
  account: '111122223333',
  requestId: 'r-1',
  event: '{"eventName":"GetUser"}',
  ...parts,
})

describe('a line', () => {
  const start = '111122223333\t1700000000000\te-1\tr-1\t{"eventName":"GetUser"}'
  const rows: readonly (readonly [what: string, parts: Partial<TrailRow>, text: string, refused: string])[] = [
    ['of a call', {}, start, ''],
    ['of a refusal', { decision: '{"why":1}' }, `${start}\t{"why":1}`, 'r-1'],
    ['of a call that made a session', { session: '{"minted":1}' }, `${start}\t\t{"minted":1}`, ''],
    ['of both', { decision: '{"why":1}', session: '{"minted":1}' }, `${start}\t{"why":1}\t{"minted":1}`, 'r-1'],
  ]
  test.each(rows)('%s', (_what, parts, text, refused) => {
    expect(lineOf(row(parts))).toEqual({ account: '111122223333', refused, text })
    const entry = entryOf(`markmarkmark\t7\t4099\t${text}`)
    const { account, at, eventId, requestId, event } = row()
    expect(entry).toStrictEqual({ sequence: 4099, account, at, eventId, requestId, event, ...parts })
    expect(accountOf(`markmarkmark\t7\t4099\t${text}`)).toBe('111122223333')
  })

  test('of too few fields has the rest empty, and one of nobody has no account', () => {
    const nothing = { sequence: 0, at: 0, account: '', eventId: '', requestId: '', event: '' }
    expect(entryOf('markmarkmark\t7')).toStrictEqual(nothing)
    expect(entryOf('markmarkmark\t7\t\t\t\t\t\t\t')).toStrictEqual(nothing)
    expect(lineOf(row({ account: '' })).text).toBe(start.slice('111122223333'.length))
  })

  test.each(['account', 'eventId', 'requestId', 'event', 'decision', 'session'])(
    'is one line of fields: %s has no tab and no line feed',
    (field) => {
      for (const breaking of ['a\tb', 'a\nb', '\t', '\n'])
        expect(() => lineOf(row({ [field]: breaking }))).toThrow('an audit record is one line, without tabs')
    },
  )
})

describe('a chain', () => {
  test('begins with the name of its node, and goes on with each line', () => {
    expect(genesis('one')).toBe(sha('rolecall audit chain 1\tone'))
    expect(linked('HASH', '1\t4096\tline')).toBe(sha('HASH\t1\t4096\tline'))
    expect(markOf(linked('HASH', 'line'))).toBe(sha('HASH\tline').slice(0, 12))
    expect(emptyHead('one')).toEqual({ sequence: 0, number: 0, hash: genesis('one'), at: 0 })
    expect(hexSha256('x')).toBe(sha('x', 'hex'))
    expect(fortyBits('x')).toBe(Number.parseInt(sha('x', 'hex').slice(0, 10), 16))
  })

  test('is vouched for in words that nothing else has', () => {
    const head = { sequence: 1, number: 2, hash: 'H', at: 3 }
    expect(headText('one', head)).toBe('rolecall audit head 1\tone\t1\t2\tH\t3')
    expect(movedText('b', 'one')).toBe('rolecall audit moved 1\tb\tone')
    expect(signedText('{}')).toBe('rolecall audit digest 1\n{}')
  })

  test('takes records of one account behind one another, in places that rise with the number of the append', () => {
    const lines = [
      lineOf(row({ account: 'a', eventId: '1' })),
      lineOf(row({ account: 'b', eventId: '2', requestId: 'r-2', decision: 'no' })),
      lineOf(row({ account: 'a', eventId: '3' })),
    ]
    const from = { sequence: 10, number: 4, hash: 'H', at: 0 }
    const { head, runs, refusals } = chained(lines, from, 5, 99)
    let hash = 'H'
    const kept = [0, 2, 1].map((which, at) => {
      const line = `${11 + at}\t${5 * 4096 + at}\t${lines[which]?.text}`
      hash = sha(`${hash}\t${line}`)
      return `${hash.slice(0, 12)}\t${line}`
    })
    expect(runs).toEqual([
      { high: 5 * 4096 + 1, first: 11, last: 12, account: 'a', body: `${kept[0]}\n${kept[1]}` },
      { high: 5 * 4096 + 2, first: 13, last: 13, account: 'b', body: kept[2] },
    ])
    expect(refusals).toEqual([{ place: 5 * 4096 + 2, account: 'b', requestId: 'r-2' }])
    expect(head).toEqual({ sequence: 13, number: 5, hash, at: 99 })
  })

  test('has runs of 64 records, and 4,096 in one append', () => {
    const many = (count: number) => Array.from({ length: count }, () => lineOf(row()))
    const spans = (count: number) =>
      chained(many(count), emptyHead('one'), 1, 0).runs.map(({ first, last }) => [first, last])
    expect(spans(64)).toEqual([[1, 64]])
    expect(spans(65)).toEqual([
      [1, 64],
      [65, 65],
    ])
    expect(spans(4096).at(-1)).toEqual([4033, 4096])
    expect(() => spans(4097)).toThrow('no more than 4096 records have a place in one append')
    expect(chained([], emptyHead('one'), 1, 7)).toEqual({
      head: { ...emptyHead('one'), number: 1, at: 7 },
      runs: [],
      refusals: [],
    })
  })

  test('is followed over bytes as over text, however long a line is', () => {
    const follower = new Follower(genesis('one'))
    let hash = genesis('one')
    // Shorter than what is read into, as long as that to the byte and one longer, and shorter again behind the longest.
    const room = 128 * 1024 - 44
    for (const length of [0, 5, room, room + 1, 300_000, 5]) {
      const line = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1)
      const bytes = Buffer.from(`before${line}behind`)
      hash = linked(hash, line)
      expect(follower.follows(bytes, markOf(hash), 6, bytes.length - 6)).toBe(true)
      expect(follower.hash).toBe(hash)
    }
    expect(follower.follows(Buffer.from('x'), markOf(hash), 0, 1)).toBe(false)
  })
})

describe('a digest', () => {
  const digest: Digest = {
    node: 'one',
    segment: 2,
    first: 3,
    last: 4,
    from: 5,
    until: 6,
    sealed: 7,
    previousHash: 'P',
    blocks: [
      { last: 3, high: 9, hash: 'H1', content: 'C1' },
      { last: 3, high: 10, hash: 'HX', content: 'CX' },
      { last: 4, high: 11, hash: 'H2', content: 'C2' },
    ],
    previousSignature: 'S',
    key: 'K',
  }
  const text = JSON.stringify(digest)

  test('has one text, however it was put together', () => {
    expect(digestText(digest)).toBe(text)
    const turned = Object.fromEntries(Object.entries({ ...digest, more: 1 }).reverse()) as unknown as Digest
    expect(digestText(turned)).toBe(text)
    expect(digestOf(text)).toEqual(digest)
  })

  test.each([
    ['no JSON', '{'],
    ['nothing', 'null'],
    ['other JSON', '{}'],
    ['white space', text.replace(':', ': ')],
    ['a member more', text.replace('{"node"', '{"more":1,"node"')],
    ['a member of a block more', text.replace('{"last"', '{"more":1,"last"')],
    ['no blocks', text.replace(/\[.*\]/, '[]')],
    ['another order', text.replace('"node":"one","segment":2', '"segment":2,"node":"one"')],
    ...['segment', 'first', 'last', 'from', 'until', 'sealed'].flatMap((name): [string, string][] => [
      [`a ${name} that is no number`, text.replace(new RegExp(`"${name}":\\d`), `"${name}":"1"`)],
      [`a ${name} that is not whole`, text.replace(new RegExp(`"${name}":\\d`), `"${name}":1.5`)],
    ]),
  ])('is none with %s', (_what, other) => {
    expect(other).not.toBe(text)
    expect(digestOf(other)).toBeUndefined()
  })

  test('ends with the hash of its last block, and is noted by that', () => {
    expect(lastHash(digest)).toBe('H2')
    expect(lastHash({ ...digest, blocks: [] })).toBe('P')
    expect(anchorOf(digest, 'SIG')).toEqual({ node: 'one', segment: 2, sequence: 4, hash: 'H2', signature: 'SIG' })
  })
})

describe('the keys of a trail', () => {
  // Made in each test: what is made while rows are collected is made before anything can be wrong with it.
  const made = () => {
    const [key, older] = [makeAuditKey(seeded(7)), makeAuditKey(seeded(5))]
    return { key, older, signer: new Signer([key, older]) }
  }

  test('sign with the newest, as anybody can verify with the public one', () => {
    const { key, signer } = made()
    expect(key.id).toBe(createHash('sha256').update(Buffer.from(key.publicKey, 'base64')).digest('hex').slice(0, 16))
    expect(Buffer.from(key.publicKey, 'base64')).toHaveLength(32)
    expect(signer.id).toBe(key.id)
    const signature = signer.sign('text')
    expect(verify(null, Buffer.from('text'), createPublicKey(pemOf(key)), Buffer.from(signature, 'base64'))).toBe(true)
    expect(() => new Signer([])).toThrow('an audit trail needs a key')
  })

  test('know signatures of all again, in their one spelling, and no others', () => {
    const { key, older, signer } = made()
    const { verifier } = signer
    const [mine, before] = [signer.sign('text'), new Signer([older]).sign('text')]
    expect(verifier.size).toBe(2)
    expect([key.id, older.id, 'x'].map((id) => verifier.knows(id))).toEqual([true, true, false])
    expect(verifier.verifies(key.id, 'text', mine)).toBe(true)
    expect(verifier.verifies(older.id, 'text', before)).toBe(true)
    expect(verifier.verifies(key.id, 'text', before)).toBe(false)
    expect(verifier.verifies('x', 'text', mine)).toBe(false)
    expect(verifier.verifies(key.id, 'texts', mine)).toBe(false)
    for (const other of [
      ` ${mine}`,
      mine.replace(/=+$/, ''),
      `${mine.replaceAll('+', '-').replaceAll('/', '_')}\n`,
      '',
    ])
      expect(verifier.verifies(key.id, 'text', other)).toBe(false)
    expect(new Verifier([]).size).toBe(0)
  })

  test('make codes that only they make', () => {
    const { key, older, signer } = made()
    const secret = createHmac('sha256', Buffer.from(key.secret, 'base64')).update('rolecall audit code 1').digest()
    const due = createHmac('sha256', secret).update('text').digest('base64url')
    expect(signer.code('text')).toBe(`${key.id}.${due}`)
    expect(signer.coded('text', `${key.id}.${due}`)).toBe(true)
    expect(signer.coded('text', new Signer([older]).code('text'))).toBe(true)
    for (const other of [
      '',
      '.',
      key.id,
      `${key.id}.`,
      `x.${due}`,
      `${older.id}.${due}`,
      `${key.id}.${due}x`,
      `.${due}`,
    ])
      expect(signer.coded('text', other), other).toBe(false)
    expect(signer.coded('texts', `${key.id}.${due}`)).toBe(false)
  })
})

describe('a session that was made', () => {
  const [mine, other] = ['111122223333', '444455556666']
  const chance = seeded(3)
  const at = (account: string) => accessKeyId(chance, 'AKIA', account)
  const [own, first, second] = [accessKeyId(chance, 'ASIA', mine), at(other), at(mine)]
  const minted: Minted = {
    key: own,
    kind: 'role',
    account: mine,
    principal: 'AROA',
    arn: 'arn',
    issuedAt: 1,
    expiresAt: 2,
    revision: 3,
    mfa: false,
    tagKeys: [],
    via: [
      { key: '', identity: 'idp sub' },
      { key: first, identity: 'AIDAFIRST' },
      { key: second, identity: 'AROASECOND' },
    ],
  }

  test('is read as it was written', () => {
    expect(mintedText(minted).startsWith('{"minted":{"key":')).toBe(true)
    expect(readMinted(mintedText(minted))).toEqual(minted)
  })

  test('is found in an account by what is the account’s of it, and by nothing that stands behind it elsewhere', () => {
    const [login, one, two] = minted.via
    // A login lies where the session lies that it began.
    expect(hopsIn(minted, other)).toEqual([login, one])
    expect(hopsIn(minted, mine)).toEqual([two])
    expect(subjectsOf(minted, mine)).toEqual([own, 'AROA', second, 'AROASECOND'])
    expect(subjectsOf(minted, other)).toEqual([first, 'AIDAFIRST'])
    const begun = { ...minted, via: [{ key: '', identity: 'idp sub' }] }
    expect(hopsIn(begun, mine)).toEqual(begun.via)
    expect(hopsIn(begun, other)).toEqual([])
  })
})
