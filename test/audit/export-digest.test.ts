import { createHash, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkExport, type Flaw, type Found } from '../../src/audit/export-check.ts'
import { type DigestRead, digestFile, type Earlier, metadataText, readDigest } from '../../src/audit/export-digest.ts'
import { digestName, digestSeries, logName, logTime, metadataName, ownerKey } from '../../src/audit/export-name.ts'
import { format } from '../../src/audit/export-progress.ts'
import { DigestVerifier, digestKeyIn, digestKeyPem, signedDigest } from '../../src/token/digest-key.ts'

// An exported folder in memory, file by file: how a real one is checked is told in `export-check.test.ts`.

const newKey = () =>
  digestKeyIn(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  )
const signing = newKey()
const bucket = { bucket: 'logs', prefix: '', trail: 'rolecall' }
const owner = { account: '111122223333', region: 'us-east-1' }
const hour = 3_600_000
const start = Date.UTC(2026, 10, 23, 10)
const sha = (text: string) => createHash('sha256').update(text).digest('hex')
const verifier = new DigestVerifier([signing])

const log = (at: number, text: string) => ({ name: logName(bucket, owner, at, sha(text)), text })
const logs = [
  log(start, '{"Records":[1]}'),
  log(start + 300_000, '{"Records":[2]}'),
  log(start + hour, '{"Records":[3]}'),
  log(start + 2 * hour, '{"Records":[4]}'),
]
const [one = '', two = '', three = '', four = ''] = logs.map(({ name }) => name)
/** One that is listed nowhere. */
const more = log(start + 2 * hour + 300_000, '{}').name
const listed = ({ name, text }: { name: string; text: string }, at: number) => ({
  name,
  hash: sha(text),
  oldest: at + 1000,
  newest: at + 2000,
})

/** What the third digest file lists. */
const last = [listed(logs[3] ?? log(0, ''), start + 2 * hour)]

const digestOf = (
  number: number,
  files: Parameters<typeof digestFile>[3],
  before: Earlier | undefined,
  key = signing,
) => digestFile(bucket, owner, { start: start + (number - 1) * hour, end: start + number * hour }, files, before, key)
const digests = () => {
  const a = digestOf(1, [listed(logs[0] ?? log(0, ''), start), listed(logs[1] ?? log(0, ''), start)], undefined)
  const b = digestOf(2, [listed(logs[2] ?? log(0, ''), start + hour)], a)
  return [a, b, digestOf(3, last, b)] as const
}
/** For the rows. What asks how they are written writes them itself: nothing may be made before it is asked about. */
const [first, second, third] = digests()

const noted = (parts: object = {}): string =>
  JSON.stringify({
    format,
    settings: bucket,
    fingerprint: signing.fingerprint,
    until: start + 3 * hour,
    chains: {},
    digests: { [ownerKey(owner)]: { name: third.name, hash: third.hash, signature: third.signature, end: third.end } },
    ...parts,
  })

type Files = Map<string, string>
const whole = (): Files =>
  new Map([
    ...logs.map(({ name, text }) => [name, text] as const),
    ...[first, second, third].flatMap((digest) => [
      [digest.name, digest.text] as const,
      [metadataName(digest.name), metadataText(digest)] as const,
    ]),
  ])
/** What begins with a star is no compressed file. */
const found = (files: Files, parts: Partial<Found> = {}): Found => ({
  files: [...files.keys()].sort(),
  odd: [],
  noted: noted(),
  text: (name) => files.get(name) ?? '',
  unpacked: (name) => (files.get(name)?.startsWith('*') ? undefined : files.get(name)),
  ...parts,
})

describe('names', () => {
  const hash = sha('x')
  const unique = BigInt(`0x${hash}`).toString(36).slice(-16)
  const logged = `AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/23/111122223333_CloudTrail_us-east-1_20261123T1005Z_${unique}.json.gz`
  const digested =
    'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/23/111122223333_CloudTrail-Digest_us-east-1_rolecall_us-east-1_20261123T110000Z.json.gz'

  test('are CloudTrail’s', () => {
    expect(logName(bucket, owner, start + 5 * 60_000, hash)).toBe(logged)
    expect(digestName(bucket, owner, start + hour)).toBe(digested)
    expect(digestName({ ...bucket, prefix: 'a/b' }, owner, start + hour)).toBe(`a/b/${digested}`)
    expect(metadataName('x')).toBe('x.metadata.json')
    expect(ownerKey(owner)).toBe('111122223333 us-east-1')
  })

  test('of log files tell when they begin', () => {
    expect(logTime(logged)).toBe('20261123T1005')
    expect(logTime(`a/b/${logged}`)).toBe('20261123T1005')
    const others = [
      digested,
      `x${logged}`,
      `${logged}x`,
      logged.replace('/CloudTrail/', '/Other/'),
      logged.replace('111122223333/', '444455556666/'),
      logged.replace('us-east-1/', 'eu-west-1/'),
      logged.replace('1005Z', '100500Z'),
      logged.replace(unique, 'short'),
    ]
    for (const other of others) expect(logTime(other), other).toBeUndefined()
  })

  test('of digest files tell which they follow', () => {
    const series = 'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/ rolecall'
    expect(digestSeries(digested)).toEqual({ ...owner, series })
    expect(digestSeries(`a/${digested}`)).toEqual({ ...owner, series: `a/${series}` })
    const others = [
      logged,
      `x${digested}`,
      `${digested}x`,
      digested.replace('111122223333/', '444455556666/'),
      digested.replace('us-east-1/', 'eu-west-1/'),
      digested.replace('110000Z', '1100Z'),
      digested.replace('_rolecall_', '__'),
    ]
    for (const other of others) expect(digestSeries(other), other).toBeUndefined()
  })
})

describe('a digest file', () => {
  test('reads as CloudTrail writes it', () => {
    const [first, second] = digests()
    expect(JSON.parse(first.text)).toEqual({
      awsAccountId: '111122223333',
      digestStartTime: '2026-11-23T10:00:00Z',
      digestEndTime: '2026-11-23T11:00:00Z',
      digestS3Bucket: 'logs',
      digestS3Object: first.name,
      digestPublicKeyFingerprint: signing.fingerprint,
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime: '2026-11-23T10:00:02Z',
      oldestEventTime: '2026-11-23T10:00:01Z',
      previousDigestS3Bucket: null,
      previousDigestS3Object: null,
      previousDigestHashValue: null,
      previousDigestHashAlgorithm: null,
      previousDigestSignature: null,
      logFiles: [one, two].map((name, at) => ({
        s3Bucket: 'logs',
        s3Object: name,
        hashValue: sha(logs[at]?.text ?? ''),
        hashAlgorithm: 'SHA-256',
        newestEventTime: '2026-11-23T10:00:02Z',
        oldestEventTime: '2026-11-23T10:00:01Z',
      })),
    })
    expect(JSON.parse(second.text)).toMatchObject({
      previousDigestS3Bucket: 'logs',
      previousDigestS3Object: first.name,
      previousDigestHashValue: sha(first.text),
      previousDigestHashAlgorithm: 'SHA-256',
      previousDigestSignature: first.signature,
    })
    expect(metadataText(first)).toBe(`{"signature":"${first.signature}","signature-algorithm":"SHA256withRSA"}\n`)
  })

  test('tells of the oldest and the newest record in it, whatever their order', () => {
    const at = (oldest: number, newest: number) => ({
      name: 'n',
      hash: 'h',
      oldest: start + oldest,
      newest: start + newest,
    })
    const { text } = digestOf(1, [at(5000, 6000), at(1000, 9000), at(3000, 4000)], undefined)
    expect(JSON.parse(text)).toMatchObject({
      oldestEventTime: '2026-11-23T10:00:01Z',
      newestEventTime: '2026-11-23T10:00:09Z',
    })
  })

  test('is signed as anybody can verify who has the public key and CloudTrail’s guide', () => {
    const [first, second] = digests()
    for (const [digest, before] of [
      [first, 'null'],
      [second, first.signature],
    ] as const) {
      const end = JSON.parse(digest.text).digestEndTime
      const signed = `${end}\nlogs/${digest.name}\n${sha(digest.text)}\n${before}`
      expect(verify('sha256', Buffer.from(signed), digestKeyPem(signing), Buffer.from(digest.signature, 'hex'))).toBe(
        true,
      )
    }
  })

  test('is read as it was written', () => {
    const read: DigestRead = {
      hash: sha(second.text),
      signature: second.signature,
      account: '111122223333',
      name: second.name,
      start: '2026-11-23T11:00:00Z',
      end: '2026-11-23T12:00:00Z',
      fingerprint: signing.fingerprint,
      before: { name: first.name, hash: sha(first.text), signature: first.signature },
      files: [{ name: three, hash: sha(logs[2]?.text ?? '') }],
    }
    expect(readDigest(second.text, metadataText(second), verifier)).toEqual(read)
    expect(readDigest(first.text, metadataText(first), verifier)).toMatchObject({ before: undefined })
  })

  const beside = metadataText(first)
  const rows: readonly (readonly [what: string, text: string, metadata: string, trouble: string])[] = [
    ['without its signature', first.text, '{}', 'has no signature beside it'],
    ['with a signature that is no text', first.text, '{"signature":1}', 'has no signature beside it'],
    ['beside what is no JSON', first.text, '{', 'has no signature beside it'],
    ['that is no JSON', '{', beside, 'is no digest file'],
    ['that is a list', '[]', beside, 'is no digest file'],
    ['that is null', 'null', beside, 'is no digest file'],
    ...['digestEndTime', 'digestS3Bucket', 'digestPublicKeyFingerprint'].map(
      (name): [string, string, string, string] => [
        `without ${name}`,
        first.text.replace(`"${name}"`, '"x"'),
        beside,
        'is no digest file',
      ],
    ),
    ['of another algorithm', first.text.replace('SHA256withRSA', 'x'), beside, 'is not signed by SHA256withRSA'],
    [
      'of another key',
      first.text.replace(signing.fingerprint, '0'.repeat(32)),
      beside,
      'is signed with a key that is not known',
    ],
    ['that was changed', first.text.replace('10:00:02Z', '10:00:03Z'), beside, 'is not what was signed'],
    ['with the signature of another', first.text, metadataText(second), 'is not what was signed'],
  ]
  test.each(rows)('%s is none', (_what, text, metadata, trouble) => {
    expect(readDigest(text, metadata, verifier)).toBe(trouble)
  })
})

describe('a digest file that is signed, and says what ours do not', () => {
  /** What whoever has the key wrote, and not as we do. */
  const signed = (parts: object, name = second.name) => {
    const said = { ...JSON.parse(second.text), digestS3Object: name, ...parts }
    const text = JSON.stringify(said)
    const before = said.previousDigestSignature ?? 'null'
    const signature = signedDigest(signing, `${said.digestEndTime}\nlogs/${name}\n${sha(text)}\n${before}`)
    return { name, text, metadata: metadataText({ signature }) }
  }
  const read = (parts: object) => {
    const { text, metadata } = signed(parts)
    return readDigest(text, metadata, verifier)
  }

  test('follows none where it does not say all of the one before', () => {
    expect(read({})).toMatchObject({ before: { name: first.name } })
    for (const name of ['previousDigestS3Object', 'previousDigestHashValue', 'previousDigestSignature'])
      expect(read({ [name]: null }), name).toMatchObject({ before: undefined })
  })

  test('lists nothing where its list is none, and what it lists may have no name', () => {
    for (const logFiles of [null, {}, 'x', undefined]) expect(read({ logFiles })).toMatchObject({ files: [] })
    expect(read({ logFiles: [null, { s3Object: 1 }] })).toMatchObject({
      files: [
        { name: '', hash: '' },
        { name: '', hash: '' },
      ],
    })
    expect(read({ digestStartTime: null })).toMatchObject({ start: '' })
  })

  test('is of another account than it lies under, or of nowhere', () => {
    const put = ({ name, text, metadata }: ReturnType<typeof signed>) =>
      checkExport(
        found(
          new Map([
            [name, text],
            [metadataName(name), metadata],
          ]),
          { noted: undefined },
        ),
        verifier,
      ).flaws
    expect(put(signed({ awsAccountId: '444455556666' }))).toEqual([
      { file: second.name, what: 'altered', detail: 'is of another account' },
    ])
    const nowhere = { ...JSON.parse(second.text), digestS3Object: undefined }
    expect(readDigest(JSON.stringify(nowhere), metadataText(second), verifier)).toBe('is not what was signed')
  })
})

describe('a folder', () => {
  test('is sound as it was written', () => {
    expect(checkExport(found(whole()), verifier)).toEqual({
      flaws: [],
      series: [{ ...owner, from: '2026-11-23T10:00:00Z', until: '2026-11-23T13:00:00Z', digestFiles: 3, logFiles: 4 }],
      digestFiles: 3,
      logFiles: 4,
      unfinished: 0,
      ends: true,
    })
    expect(checkExport(found(whole(), { noted: undefined }), verifier)).toMatchObject({ flaws: [], ends: false })
    expect(checkExport(found(new Map(), { noted: undefined }), verifier)).toEqual({
      flaws: [],
      series: [],
      digestFiles: 0,
      logFiles: 0,
      unfinished: 0,
      ends: false,
    })
  })

  const stranger = newKey()
  const put = (digest: ReturnType<typeof digestOf>) => (files: Files) =>
    files.set(digest.name, digest.text).set(metadataName(digest.name), metadataText(digest))
  const drop =
    (...names: readonly string[]) =>
    (files: Files) => {
      for (const name of names) files.delete(name)
    }
  const flaw = (what: Flaw['what'], file: string, detail: string): Flaw => ({ what, file, detail })
  const rows: readonly (readonly [what: string, alter: (files: Files) => unknown, due: readonly Flaw[]])[] = [
    ['a log file changed', (files) => files.set(one, '{}'), [flaw('altered', one, `is not what ${first.name} lists`)]],
    [
      'a log file that is none',
      (files) => files.set(one, '*'),
      [flaw('altered', one, `is not what ${first.name} lists`)],
    ],
    ['a log file taken away', drop(one), [flaw('missing', one, `is missing: ${first.name} lists it`)]],
    ['a log file put in', (files) => files.set(more, '{}'), [flaw('extra', more, 'is listed by no digest file')]],
    ['a file put in', (files) => files.set('x', ''), [flaw('extra', 'x', 'is none of CloudTrail’s files')]],
    [
      'a signature of nothing put in',
      (files) => files.set('x.metadata.json', ''),
      [flaw('extra', 'x.metadata.json', 'is of no digest file')],
    ],
    [
      'a digest file that is no compressed one',
      (files) => files.set(third.name, '*'),
      [
        flaw('altered', third.name, 'cannot be unpacked'),
        flaw('extra', metadataName(third.name), 'is of no digest file'),
      ],
    ],
    [
      'a signature taken away',
      drop(metadataName(third.name)),
      [flaw('missing', metadataName(third.name), 'is missing, and with it the signature')],
    ],
    [
      'a digest file changed',
      (files) => files.set(third.name, `${third.text} `),
      [flaw('altered', third.name, 'is not what was signed')],
    ],
    [
      'a digest file signed by a stranger',
      put(digestOf(3, last, second, stranger)),
      [flaw('altered', third.name, 'is signed with a key that is not known')],
    ],
    [
      'the first digest file taken away',
      drop(first.name, metadataName(first.name)),
      [
        flaw('missing', first.name, `is what ${second.name} follows`),
        flaw('extra', one, 'is listed by no digest file'),
        flaw('extra', two, 'is listed by no digest file'),
      ],
    ],
    [
      'the newest digest file taken away',
      drop(third.name, metadataName(third.name)),
      [flaw('missing', third.name, 'is missing: the export wrote it')],
    ],
    [
      'a digest file that begins anew',
      put(digestOf(3, last, undefined)),
      [flaw('chain', third.name, `begins anew, and does not follow ${second.name}`)],
    ],
    [
      'a digest file that follows one further back',
      put(digestOf(3, last, first)),
      [flaw('chain', first.name, `is what ${third.name} follows`)],
    ],
    [
      'a digest file that follows one of another hash',
      put(digestOf(3, last, { ...second, hash: first.hash })),
      [flaw('chain', third.name, `does not follow ${second.name} as that is now`)],
    ],
    [
      'a digest file that follows one of another signature',
      put(digestOf(3, last, { ...second, signature: first.signature })),
      [flaw('chain', third.name, `does not follow ${second.name} as that is now`)],
    ],
    [
      'a log file that two digest files list',
      put(digestOf(3, [...last, listed(logs[0] ?? log(0, ''), start)], second)),
      [flaw('chain', one, `is listed by ${first.name} and by ${third.name}`)],
    ],
    [
      'a digest file under the name of another',
      (files) => files.set(third.name, second.text).set(metadataName(third.name), metadataText(second)),
      [flaw('altered', third.name, `is the file of ${second.name}`)],
    ],
  ]
  test.each(rows)('is not, with %s', (_what, alter, due) => {
    const files = whole()
    alter(files)
    // What only the third digest file lists is listed by nothing where that cannot be read.
    const { flaws } = checkExport(found(files), verifier)
    expect(flaws.filter(({ file }) => file !== four)).toEqual(due)
  })

  test('counts no log file that is missing', () => {
    const files = whole()
    files.delete(one)
    expect(checkExport(found(files), verifier)).toMatchObject({ digestFiles: 3, logFiles: 3 })
  })

  test('is told of as far as it can be read', () => {
    const files = whole()
    files.set(second.name, '*')
    expect(checkExport(found(files), verifier).series).toEqual([
      { ...owner, from: '2026-11-23T10:00:00Z', until: '2026-11-23T13:00:00Z', digestFiles: 3, logFiles: 3 },
    ])
  })

  test('is not, with what is no file, or with notes that are none', () => {
    expect(checkExport(found(whole(), { odd: ['link'] }), verifier).flaws).toEqual([
      flaw('extra', 'link', 'is no file'),
    ])
    expect(checkExport(found(whole(), { noted: '{}' }), verifier)).toMatchObject({
      flaws: [flaw('altered', 'progress.json', 'is not what an export notes')],
      ends: false,
    })
  })

  test('is unfinished where an export was ended, from the hour on in which that was', () => {
    const cut = noted({ until: start + 2 * hour, plan: { until: start + 3 * hour, ends: {} } })
    const beside = 'AWSLogs/x.metadata.json'
    const files = whole().set(more, '{}').set(beside, '')
    expect(checkExport(found(files, { noted: cut }), verifier)).toMatchObject({ flaws: [], unfinished: 1 })
    // A log file of an hour before belongs to a digest file that was written.
    const edge = log(start + 2 * hour, '{}').name
    expect(checkExport(found(new Map(files).set(edge, '{}'), { noted: cut }), verifier)).toMatchObject({
      flaws: [],
      unfinished: 2,
    })
    const late = log(start + 2 * hour - 300_000, '{}').name
    expect(checkExport(found(files.set(late, '{}'), { noted: cut }), verifier)).toMatchObject({
      flaws: [flaw('extra', late, 'is listed by no digest file')],
      unfinished: 1,
    })
  })
})
