import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { discovery, type IssuerSettings } from '../../src/host/discovery.ts'
import { fetchBytes } from '../../src/host/outbound.ts'
import type { Issuer } from '../../src/token/issuer.ts'
import { edPair, keySet } from '../token/forge.ts'
import { type Issued, issue } from '../token/x509.ts'

const now = Date.now()
const root = issue('root', undefined, now, undefined, undefined, { authority: true })
const between = issue('between', root, now, undefined, undefined, { authority: true })
const leaf = issue('issuer.example', between, now, undefined, undefined, { hosts: ['issuer.example'] })
const thumbprint = ({ certificate }: Issued): string =>
  new X509Certificate(certificate).fingerprint.replaceAll(':', '').toLowerCase()
const keys = keySet([edPair(), { kid: 'a' }]).toString()

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}
const secured = (answer: RequestListener, chain: readonly Issued[] = [leaf, between]): Promise<number> =>
  listening(
    createSecureServer(
      { key: chain[0]?.key ?? '', cert: chain.map(({ certificate }) => certificate).join('') },
      answer,
    ) as unknown as Server,
  )
const plain = (answer: RequestListener): Promise<number> => listening(createServer(answer))

/** Every test may call this machine; the guard is looked at where it says otherwise. */
const here: IssuerSettings = { networks: ['127.0.0.1/32'], keys: [] }
const resolve = () => Promise.resolve(['127.0.0.1'])
const authorities = [root.certificate]
/** As long as it takes a machine that is busy with something else: who is not waited for has a test below. */
const reach = { resolve, authorities, milliseconds: 20_000 }

/** Pages by path; what is asked for is written down. */
let asked: string[] = []
beforeEach(() => {
  asked = []
})
const pages =
  (page: (path: string) => string | undefined, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (request, response) => {
    asked.push(`${request.headers.host}${request.url}`)
    const body = page(request.url ?? '')
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json', ...headers })
    response.end(body)
  }
const document = (issuer: string, place = `${issuer}/keys`) => JSON.stringify({ issuer, jwks_uri: place })

/** An issuer as it should be; `answers` in the place of its pages where a test has others. */
async function issuerWith(answers: (url: string, path: string) => string | undefined, path = ''): Promise<Issuer> {
  let url = ''
  const port = await secured(pages((asking) => answers(url, asking)))
  url = `https://issuer.example:${port}${path}`
  return { url, thumbprints: [] }
}
const honest = (url: string, path: string) =>
  path.endsWith('/.well-known/openid-configuration') ? document(url) : path.endsWith('/keys') ? keys : undefined

describe('an issuer’s keys', () => {
  test('are had from where its discovery document says', async () => {
    const issuer = await issuerWith(honest)
    await expect(discovery(here, reach)(issuer)).resolves.toMatchObject({ keys: [{ kid: 'a' }], vouched: 'authority' })
    const host = issuer.url.slice('https://'.length)
    expect(asked).toEqual([`${host}/.well-known/openid-configuration`, `${host}/keys`])
  })

  test('are had below a path', async () => {
    const issuer = await issuerWith(honest, '/realms/a')
    await expect(discovery(here, reach)(issuer)).resolves.toMatchObject({ keys: [{ kid: 'a' }] })
    expect(asked.map((url) => url.slice(url.indexOf('/')))).toEqual([
      '/realms/a/.well-known/openid-configuration',
      '/realms/a/keys',
    ])
  })

  test('are had of an issuer whose URL ends with a slash', async () => {
    const issuer = await issuerWith(
      (url, path) =>
        path === '/keys' ? keys : path.startsWith('/.well-known/') ? document(url, `${url}keys`) : undefined,
      '/',
    )
    await expect(discovery(here, reach)(issuer)).resolves.toMatchObject({ keys: [{ kid: 'a' }] })
    expect(asked.map((url) => url.slice(url.indexOf('/')))).toEqual(['/.well-known/openid-configuration', '/keys'])
  })
})

describe('an answer is none', () => {
  const answers = async (said: (url: string, path: string) => string | undefined) =>
    discovery(here, reach)(await issuerWith(said))
  const found = (path: string) => path.endsWith('/openid-configuration')

  test.each<[string, (url: string, path: string) => string | undefined, string]>([
    ['that is not there', () => undefined, '404'],
    ['that is a web page', () => '<!doctype html>', 'no JSON'],
    ['that is a list', () => '[]', 'another issuer'],
    ['that is another issuer’s', (url) => document(`${url}x`), 'another issuer'],
    ['that is the issuer’s with a slash', (url) => document(`${url}/`), 'another issuer'],
    ['that is the issuer’s in other letters', (url) => document(url.replace('issuer', 'Issuer')), 'another issuer'],
    ['that has two issuers', (url) => `{"issuer":"https://a","issuer":"${url}","jwks_uri":"${url}/keys"}`, 'no JSON'],
    ['that has no issuer', (url) => JSON.stringify({ jwks_uri: `${url}/keys` }), 'another issuer'],
    ['that names no keys', (issuer) => JSON.stringify({ issuer }), 'no jwks_uri'],
    ['that has keys in a list', (issuer) => JSON.stringify({ issuer, jwks_uri: [`${issuer}/keys`] }), 'no jwks_uri'],
    ['whose keys are not there', (url, path) => (found(path) ? document(url) : undefined), '404'],
    ['whose keys are a web page', (url, path) => (found(path) ? document(url) : '<html>'), 'no JWK Set'],
    ['whose keys are in a file', (url) => document(url, 'file:///etc/passwd'), 'no URL of HTTPS'],
    ['whose keys are in another protocol', (url) => document(url, 'gopher://127.0.0.1/'), 'no URL of HTTPS'],
    ['whose keys are in the text itself', (url) => document(url, 'data:application/json,{}'), 'no URL of HTTPS'],
    ['whose keys are nowhere', (url) => document(url, '/keys'), 'no URL of HTTPS'],
    ['whose keys need a password', (url) => document(url, url.replace('//', '//a:b@')), 'no URL of HTTPS'],
    ['whose keys are at an endless place', (url) => document(url, `${url}/${'a'.repeat(2048)}`), 'no URL of HTTPS'],
    ['whose keys are had by plain HTTP', (url) => document(url, url.replace('https', 'http')), 'plain HTTP'],
    [
      'whose keys are with the cloud’s metadata',
      (url) => document(url, 'https://169.254.169.254/keys'),
      'no issuer may be',
    ],
    [
      'whose keys are with the cloud’s metadata, spelled oddly',
      (url) => document(url, 'https://0xa9fea9fe/'),
      'no issuer may be',
    ],
    ['whose keys are on this machine', (url) => document(url, 'https://[::1]/keys'), 'no issuer may be'],
    [
      'whose keys are on this machine, written in IPv6',
      (url) => document(url, 'https://[::ffff:127.0.0.1]/'),
      'no issuer may be',
    ],
    ['whose keys are on a private network', (url) => document(url, 'https://10.0.0.1/keys'), 'no issuer may be'],
  ])('%s', async (_what, said, why) => {
    await expect(answers(said)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(why) })
  })

  test('that sends elsewhere', async () => {
    const secret = await secured(pages(() => keys))
    const port = await secured((_request, response) => {
      response.writeHead(302, { location: `https://issuer.example:${secret}/` }).end()
    })
    await expect(
      discovery(here, reach)({ url: `https://issuer.example:${port}`, thumbprints: [] }),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('answers 302'),
    })
    expect(asked).toEqual([])
  })

  test('that is compressed', async () => {
    const port = await secured(pages(() => '{}', { 'content-encoding': 'gzip' }))
    await expect(
      discovery(here, reach)({ url: `https://issuer.example:${port}`, thumbprints: [] }),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('in gzip'),
    })
  })

  test('that is longer than any, whatever it says of its length', async () => {
    let sent = 0
    const port = await secured((_request, response) => {
      response.writeHead(200)
      const more = (): void => {
        if (response.destroyed) return
        sent += 4096
        if (response.write('x'.repeat(4096))) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    })
    await expect(
      discovery(here, reach)({ url: `https://issuer.example:${port}`, thumbprints: [] }),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('more than 65536 bytes'),
    })
    // A pipe holds some of it; nobody takes it without end.
    expect(sent).toBeLessThan(16 * 1024 * 1024)
  })

  test('that has endless headers', async () => {
    const port = await secured((_request, response) => {
      response.writeHead(200, { 'x-endless': 'a'.repeat(20_000) }).end('{}')
    })
    await expect(
      discovery(here, reach)({ url: `https://issuer.example:${port}`, thumbprints: [] }),
    ).rejects.toMatchObject({
      kind: 'unreachable',
    })
  })
})

describe('an issuer that', () => {
  const quick = { ...reach, milliseconds: 150 }
  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['never ends', (_request, response) => void response.writeHead(200).write('{')],
    [
      'answers a byte at a time',
      (_request, response) => {
        response.writeHead(200)
        const drip = setInterval(() => response.write(' '), 20)
        response.once('close', () => clearInterval(drip))
      },
    ],
  ])('%s is not waited for', async (_what, answer) => {
    const port = await secured(answer)
    let late: NodeJS.Timeout | undefined
    // Another timer, not the clock: a machine that stands still for a while holds up both.
    const waited = new Promise((done) => {
      late = setTimeout(() => done('waited'), 1_500)
    })
    const found = discovery(here, quick)({ url: `https://issuer.example:${port}`, thumbprints: [] })
    await expect(Promise.race([found, waited])).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('takes too long'),
    })
    clearTimeout(late)
  })

  test('takes connections and says nothing of TLS is not waited for', async () => {
    const silent = createTcpServer()
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const sockets = new Set<{ destroy: () => void }>()
    silent.on('connection', (socket) => sockets.add(socket))
    stops.push(async () => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    const { port } = silent.address() as AddressInfo
    await expect(
      discovery(here, quick)({ url: `https://issuer.example:${port}`, thumbprints: [] }),
    ).rejects.toMatchObject({
      kind: 'unreachable',
    })
  })

  test('is to be found once the time has run out is not looked for', async () => {
    const guard = { ...reach, thumbprints: [], allows: () => true, allowsPlain: () => false }
    await expect(
      fetchBytes('https://issuer.example/keys', { ...guard, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringContaining('takes too long') })
  })

  test('is not found is not waited for', async () => {
    const never = { ...quick, resolve: () => new Promise<readonly string[]>(() => {}) }
    await expect(discovery(here, never)({ url: 'https://issuer.example', thumbprints: [] })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('takes too long'),
    })
    const nowhere = { ...quick, resolve: () => Promise.reject(new Error('ENOTFOUND')) }
    await expect(discovery(here, nowhere)({ url: 'https://issuer.example', thumbprints: [] })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ENOTFOUND'),
    })
  })

  test('is not there is told so', async () => {
    const port = await secured(() => undefined)
    await stops.pop()?.()
    await expect(
      discovery(here, reach)({ url: `https://issuer.example:${port}`, thumbprints: [] }),
    ).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('has a second address is asked there where the first is dead', async () => {
    const issuer = await issuerWith(honest)
    const two = { ...reach, resolve: () => Promise.resolve(['127.0.0.9', '127.0.0.1']) }
    const both = { ...here, networks: ['127.0.0.1/32', '127.0.0.9/32'] }
    await expect(discovery(both, two)(issuer)).resolves.toMatchObject({ keys: [{ kid: 'a' }] })
  })
})

describe('the guard', () => {
  test('lets nobody call what is not of the internet, by its address or by a name', async () => {
    const port = await secured(pages(() => keys))
    const named = (...addresses: readonly string[]) => ({ ...reach, resolve: () => Promise.resolve(addresses) })
    const none: IssuerSettings = { networks: [], keys: [] }
    const asks = (url: string, how: object) => discovery(none, { ...reach, ...how })({ url, thumbprints: [] })
    for (const url of ['127.0.0.1', '[::1]', '2130706433', '127.1', '0x7f.1', '017700000001'].map(
      (host) => `https://${host}:${port}`,
    ))
      await expect(asks(url, reach)).rejects.toMatchObject({ kind: 'refused' })
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fd00:ec2::254', '::ffff:127.0.0.1'])
      await expect(asks(`https://issuer.example:${port}`, named(address))).rejects.toMatchObject({ kind: 'refused' })
    // One good address does not let another one in.
    await expect(asks(`https://issuer.example:${port}`, named('140.82.121.3', '127.0.0.1'))).rejects.toMatchObject({
      kind: 'refused',
    })
    expect(asked).toEqual([])
  })

  test('connects to the address that it looked at, whatever the name means a moment later', async () => {
    const issuer = await issuerWith(honest)
    let times = 0
    const rebinding = {
      ...reach,
      resolve: () => {
        times++
        // Each question is answered with another place; only the first is one that may be called.
        return Promise.resolve([times <= 2 ? '127.0.0.1' : '127.0.0.2'])
      },
    }
    await expect(discovery(here, rebinding)(issuer)).resolves.toMatchObject({ keys: [{ kid: 'a' }] })
    // Once for the document and once for the keys: no connection asks again.
    expect(times).toBe(2)
    await expect(discovery(here, rebinding)(issuer)).rejects.toMatchObject({ kind: 'refused' })
  })

  test('speaks no plain HTTP, not even where it may call', async () => {
    const port = await plain(pages(() => keys))
    await expect(discovery(here, reach)({ url: `http://127.0.0.1:${port}`, thumbprints: [] })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('plain HTTP'),
    })
    expect(asked).toEqual([])
  })
})

describe('a certificate', () => {
  const shows = async (chain: readonly Issued[], thumbprints: readonly string[], how: object = { authorities: [] }) => {
    let url = ''
    const port = await secured(
      pages((path) => honest(url, path)),
      chain,
    )
    url = `https://issuer.example:${port}`
    return discovery(here, { ...reach, ...how })({ url, thumbprints })
  }
  const untrusted = { kind: 'certificate' }
  const other = issue('other', undefined, now, undefined, undefined, { authority: true })

  test('that an authority vouches for is believed, whatever the provider’s thumbprints say', async () => {
    await expect(shows([leaf, between], [], { authorities })).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
      vouched: 'authority',
    })
    await expect(shows([leaf, between], ['00'.repeat(20)], { authorities })).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
    })
  })

  test('that no authority vouches for is not', async () => {
    await expect(shows([leaf, between], [])).rejects.toMatchObject(untrusted)
    await expect(shows([leaf, between], [thumbprint(other)])).rejects.toMatchObject(untrusted)
    // By the authorities that Node comes with.
    await expect(shows([leaf, between], [], { authorities: undefined })).rejects.toMatchObject(untrusted)
    expect(asked).toEqual([])
  })

  test('is believed by the thumbprint of any certificate of its chain', async () => {
    await expect(shows([leaf, between], [thumbprint(between)])).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
      vouched: 'thumbprint',
    })
    await expect(shows([leaf, between], [thumbprint(between).toUpperCase()])).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
    })
    await expect(shows([leaf, between], [thumbprint(leaf)])).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
      vouched: 'thumbprint',
    })
    await expect(shows([leaf, between, root], [thumbprint(root)])).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
      vouched: 'thumbprint',
    })
    const self = issue('issuer.example', undefined, now, undefined, undefined, { hosts: ['issuer.example'] })
    await expect(shows([self], [thumbprint(self)])).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
      vouched: 'thumbprint',
    })
  })

  test('is not believed where that certificate did not sign it', async () => {
    const forged = issue('issuer.example', other, now, undefined, undefined, { hosts: ['issuer.example'] })
    await expect(shows([forged, between], [thumbprint(between)])).rejects.toMatchObject(untrusted)
    const noAuthority = issue('no authority', root, now, undefined, undefined, { authority: false })
    const signed = issue('issuer.example', noAuthority, now, undefined, undefined, { hosts: ['issuer.example'] })
    await expect(shows([signed, noAuthority], [thumbprint(noAuthority)])).rejects.toMatchObject(untrusted)
  })

  test('is not believed for another host, by thumbprint or by an authority', async () => {
    const elsewhere = issue('elsewhere.example', between, now, undefined, undefined, { hosts: ['elsewhere.example'] })
    await expect(shows([elsewhere, between], [thumbprint(between)])).rejects.toMatchObject(untrusted)
    await expect(shows([elsewhere, between], [], { authorities })).rejects.toMatchObject(untrusted)
  })

  test('is not believed after its time, by thumbprint or by an authority', async () => {
    const old = issue('issuer.example', between, now, [-90, -1], undefined, { hosts: ['issuer.example'] })
    await expect(shows([old, between], [thumbprint(between)])).rejects.toMatchObject(untrusted)
    await expect(shows([old, between], [], { authorities })).rejects.toMatchObject(untrusted)
    expect(asked).toEqual([])
  })
})

describe('keys that the operator has elsewhere', () => {
  const url = 'https://token.actions.githubusercontent.com'
  const issuer: Issuer = { url, thumbprints: [] }
  const nowhere = { ...reach, resolve: () => Promise.reject(new Error('nobody is asked')) }
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-keys-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const at = (place: string, networks: readonly string[] = []): IssuerSettings => ({
    networks,
    keys: [{ issuer: url, at: place }],
  })

  test('are had by plain HTTP on this machine, in the name of the issuer', async () => {
    const port = await plain(pages((path) => honest(url, path)))
    await expect(discovery(at(`http://127.0.0.1:${port}`), nowhere)(issuer)).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
    })
    await expect(discovery(at(`http://127.0.0.1:${port}/`), nowhere)(issuer)).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
    })
    expect(new Set(asked)).toEqual(
      new Set([`127.0.0.1:${port}/.well-known/openid-configuration`, `127.0.0.1:${port}/keys`]),
    )
    // Other issuers are asked as ever.
    await expect(
      discovery(at(`http://127.0.0.1:${port}`), reach)({ url: `${url}/other`, thumbprints: [] }),
    ).rejects.toMatchObject({ kind: 'refused' })
  })

  test('are had of nobody who speaks for himself', async () => {
    const port = await plain(pages((path) => honest(`http://127.0.0.1:${port}`, path)))
    await expect(discovery(at(`http://127.0.0.1:${port}`), nowhere)(issuer)).rejects.toMatchObject({
      message: expect.stringContaining('another issuer'),
    })
  })

  test('are had by plain HTTP from no other machine, unless its network is named', async () => {
    const port = await plain(pages((path) => honest(url, path)))
    const elsewhere = { ...reach, resolve: () => Promise.resolve(['10.0.0.1']) }
    await expect(discovery(at(`http://oidc:${port}`), elsewhere)(issuer)).rejects.toMatchObject({
      message: expect.stringContaining('plain HTTP'),
    })
    await expect(discovery(at(`http://oidc:${port}`, ['127.0.0.0/8']), reach)(issuer)).resolves.toMatchObject({
      keys: [{ kid: 'a' }],
    })
  })

  test('do not open the way to anything else', async () => {
    const secret = await plain(pages(() => keys))
    const port = await plain(
      pages((path) => (path === '/keys' ? undefined : document(url, `http://127.0.0.1:${secret}/keys`))),
    )
    await expect(discovery(at(`http://127.0.0.1:${port}`), nowhere)(issuer)).rejects.toMatchObject({ kind: 'refused' })
    expect(asked).toHaveLength(1)
    const inward = await plain(pages(() => document(url, 'https://10.0.0.1/keys')))
    await expect(discovery(at(`http://127.0.0.1:${inward}`), nowhere)(issuer)).rejects.toMatchObject({
      message: expect.stringContaining('no issuer may be'),
    })
  })

  test('are had from a file, which is read anew', async () => {
    const file = join(folder, 'jwks.json')
    const fetch = discovery(at(file), nowhere)
    await expect(fetch(issuer)).rejects.toMatchObject({ kind: 'unreachable' })
    writeFileSync(file, keys)
    await expect(fetch(issuer)).resolves.toMatchObject({ keys: [{ kid: 'a' }] })
    writeFileSync(file, keySet([edPair(), { kid: 'b' }]))
    await expect(fetch(issuer)).resolves.toEqual({ keys: [expect.objectContaining({ kid: 'b' })] })
    writeFileSync(file, '<html>')
    await expect(fetch(issuer)).rejects.toMatchObject({ kind: 'refused' })
    writeFileSync(file, ' '.repeat(65_537))
    await expect(fetch(issuer)).rejects.toMatchObject({ message: expect.stringContaining('too large') })
  })
})
