import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { discardIssuer, type RunningIssuer, startIssuer, tokenOf } from '../clients/oidc.ts'
import { rolecall } from '../clients/process.ts'

const folders: string[] = []
const running: RunningIssuer[] = []
let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'rolecall-issuer-'))
  folders.push(data)
})
afterAll(async () => {
  await Promise.all(running.map(discardIssuer))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
const start = async (args: readonly string[] = []): Promise<RunningIssuer> => {
  const issuer = await startIssuer(args, data)
  running.push(issuer)
  return issuer
}
const oidc = (...args: readonly string[]) => rolecall(['oidc', ...args, '--data', data])
const keysIn = async (): Promise<JSONWebKeySet> => JSON.parse((await oidc('keys')).stdout) as JSONWebKeySet
const said = async (...args: readonly string[]) => decodeJwt(await tokenOf(data, args))

describe('an issuer', () => {
  test('publishes what another implementation verifies its tokens with', async () => {
    const { endpoint } = await start()
    const document = (await (await fetch(`${endpoint}/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >
    expect(document).toMatchObject({ issuer: 'https://oidc.test', jwks_uri: 'https://oidc.test/keys' })
    const keys = createRemoteJWKSet(new URL(`${endpoint}/keys`))
    for (const algorithm of ['RS256', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
      const token = await tokenOf(data, ['--sub', 'me', '--algorithm', algorithm])
      // Keys that were made a moment ago are published already.
      await keys.reload()
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: 'https://oidc.test',
        audience: 'sts.amazonaws.com',
      })
      expect([payload.sub, protectedHeader.alg]).toEqual(['me', algorithm])
    }
  })

  test('answers nothing else, and no secret', async () => {
    const { endpoint } = await start()
    expect((await fetch(`${endpoint}/issuer.json`)).status).toBe(404)
    expect((await fetch(`${endpoint}/../issuer.json`)).status).toBe(404)
    expect((await fetch(`${endpoint}/keys`, { method: 'POST' })).status).toBe(405)
    const text = await (await fetch(`${endpoint}/keys`)).text()
    for (const { d } of (JSON.parse(text) as { keys: { d?: string }[] }).keys) expect(d).toBeUndefined()
    expect((await fetch(`${endpoint}/keys`)).headers.get('content-type')).toBe('application/json')
  })

  test('keeps its keys and its name over a restart, for its owner alone', async () => {
    const first = await start(['--issuer', 'https://token.actions.githubusercontent.com'])
    const before = await (await fetch(`${first.endpoint}/keys`)).text()
    expect(await first.stop()).toBe(0)
    expect(first.output()).toContain('rolecall oidc has stopped')
    const second = await start()
    expect(await (await fetch(`${second.endpoint}/keys`)).text()).toBe(before)
    expect(second.output()).toContain('issuer       https://token.actions.githubusercontent.com\n')
    expect((await said('--sub', 'me')).iss).toBe('https://token.actions.githubusercontent.com')
    for (const file of readdirSync(data)) expect(statSync(join(data, file)).mode & 0o077, file).toBe(0)
  })

  test('says in its first words how it is believed', async () => {
    const issuer = await start()
    const { output, endpoint } = issuer
    expect(output()).toMatch(new RegExp(`^ {2}believe it {3}.*up --issuer-keys https://oidc.test=${endpoint}$`, 'm'))
    expect(output()).toContain('aws iam create-open-id-connect-provider --url https://oidc.test')
  })

  test('turns its keys: the new one signs, and the old one is published until it is dropped', async () => {
    const { endpoint } = await start()
    const kids = async () => {
      const { keys } = (await (await fetch(`${endpoint}/keys`)).json()) as JSONWebKeySet
      return keys.map(({ kid }) => kid)
    }
    const old = await tokenOf(data, ['--sub', 'me'])
    const [first] = await kids()
    expect(await oidc('rotate')).toMatchObject({ code: 0 })
    const both = await kids()
    expect(both).toHaveLength(2)
    expect(both[1]).toBe(first)
    const fresh = await tokenOf(data, ['--sub', 'me'])
    expect([old, fresh].map((token) => decodeProtectedHeader(token).kid)).toEqual([first, both[0]])
    for (const token of [old, fresh]) await jwtVerify(token, createLocalJWKSet(await keysIn()))
    const { stdout } = await oidc('rotate', '--drop-old', '--json')
    expect(await kids()).toEqual((JSON.parse(stdout) as { keys: string[] }).keys)
    await expect(jwtVerify(old, createLocalJWKSet(await keysIn()))).rejects.toThrow()
  })
})

describe('a token says', () => {
  const now = () => Math.floor(Date.now() / 1000)

  test('what it is told to', async () => {
    const claims = await said(
      ...['--sub', 'me', '--aud', 'a', '--aud', 'b', '--amr', 'mfa', '--source-identity', 'alice'],
      ...[
        '--tag',
        'team=blue',
        '--tag',
        'cost=a=b',
        '--transitive',
        'team',
        '--role',
        'arn:aws:iam::012345678901:role/r',
      ],
      ...['--claim', 'email=a@b.example', '--claim', 'groups:=["x"]', '--expires-in', '90s'],
    )
    expect(claims).toEqual({
      iss: 'https://oidc.test',
      sub: 'me',
      aud: ['a', 'b'],
      iat: expect.any(Number),
      nbf: claims.iat,
      exp: Number(claims.iat) + 90,
      amr: ['mfa'],
      email: 'a@b.example',
      groups: ['x'],
      'https://aws.amazon.com/source_identity': 'alice',
      'https://aws.amazon.com/roles': ['arn:aws:iam::012345678901:role/r'],
      'https://aws.amazon.com/tags': {
        principal_tags: { team: ['blue'], cost: ['a=b'] },
        transitive_tag_keys: ['team'],
      },
    })
    expect(Math.abs(Number(claims.iat) - now())).toBeLessThan(30)
    expect(await said('--sub', 'me')).toEqual({
      iss: 'https://oidc.test',
      sub: 'me',
      aud: 'sts.amazonaws.com',
      iat: expect.any(Number),
      nbf: expect.any(Number),
      exp: expect.any(Number),
    })
  })

  test('what a job of GitHub Actions has in its own', async () => {
    const job = ['--github-repository', 'octo-org/octo-repo']
    expect(await said(...job)).toMatchObject({
      sub: 'repo:octo-org/octo-repo:ref:refs/heads/main',
      aud: 'sts.amazonaws.com',
      ref: 'refs/heads/main',
      ref_type: 'branch',
      repository: 'octo-org/octo-repo',
      repository_owner: 'octo-org',
      repository_id: '74',
      actor: 'octocat',
      job_workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    })
    expect((await said(...job, '--environment', 'prod')).sub).toBe('repo:octo-org/octo-repo:environment:prod')
    expect(await said(...job, '--event', 'pull_request', '--ref', 'refs/pull/7/merge')).toMatchObject({
      sub: 'repo:octo-org/octo-repo:pull_request',
      event_name: 'pull_request',
    })
    const tag = await said(...job, '--ref', 'refs/tags/v1', '--claim', 'repository_id=123')
    expect(tag).toMatchObject({
      ref_type: 'tag',
      repository_id: '123',
      sub: 'repo:octo-org/octo-repo:ref:refs/tags/v1',
    })
    expect(Number(tag.exp) - Number(tag.iat)).toBe(300)
    expect(Number(tag.nbf)).toBe(Number(tag.iat) - 600)
  })

  test('what a pod of Kubernetes has in its own', async () => {
    const claims = await said('--service-account', 'default:app')
    expect(claims).toMatchObject({
      sub: 'system:serviceaccount:default:app',
      aud: ['sts.amazonaws.com'],
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'app' }, pod: { name: 'app-0' } },
    })
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600)
  })
})

describe('a token is put', () => {
  test('into a file whole, and for its owner alone, whatever the file was before', async () => {
    const out = join(data, 'token')
    writeFileSync(out, 'before', { mode: 0o644 })
    expect(await oidc('token', '--sub', 'me', '--out', out)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    await jwtVerify(readFileSync(out, 'utf8'), createLocalJWKSet(await keysIn()))
    expect(readdirSync(data).sort()).toEqual(['issuer.json', 'issuer.lock', 'token'])
  })

  test('into JSON with what it says', async () => {
    const { stdout } = await oidc('token', '--sub', 'me', '--json')
    const { token, claims } = JSON.parse(stdout) as { token: string; claims: object }
    expect(decodeJwt(token)).toEqual(claims)
  })
})

describe('what is typed wrong is told so:', () => {
  test.each<[readonly string[], string]>([
    [[], 'a token is about one'],
    [['--sub', 'a', '--service-account', 'default:app'], 'a token is about one'],
    [['--service-account', 'app'], 'a namespace and a name'],
    [['--github-repository', 'octo-repo'], 'an owner and a name'],
    [['--sub', 'a', '--claim', 'email'], 'a name and a value'],
    [['--sub', 'a', '--claim', 'groups:=[x'], 'After := comes JSON'],
    [['--sub', 'a', '--algorithm', 'HS256'], 'HS256'],
    [['--sub', 'a', '--algorithm', 'none'], 'none'],
    [['--sub', 'a', '--expires-in', 'soon'], 'A span of time'],
    [['--sub', 'a', '--issuer', 'http://oidc.test'], 'An issuer is an URL'],
    [['--sub', ''], 'It is empty'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await oidc('token', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
  })

  test('a folder without an issuer, and one with something else', async () => {
    const none = await oidc('keys')
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expect(none.stderr).toContain('there is no issuer in')
    expect((await oidc('rotate')).code).toBe(1)
    expect(existsSync(join(data, 'issuer.json'))).toBe(false)
    for (const text of ['secret', '{"issuer":1,"keys":[]}', '{"issuer":"https://a","keys":["secret"]}']) {
      writeFileSync(join(data, 'issuer.json'), text)
      const damaged = await oidc('token', '--sub', 'me')
      expect(damaged.code).toBe(1)
      expect(damaged.stderr).not.toContain('secret')
      expect(damaged.stderr).not.toContain('    at ')
    }
  })

  test('a port that is in use', async () => {
    const { endpoint } = await start()
    const { code, stderr } = await oidc('--port', new URL(endpoint).port)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `rolecall: port ${new URL(endpoint).port} is in use. Choose another with --port, or --port 0 for any.\n`,
    })
  })

  test.each([
    ['--issuer-keys', 'https://oidc.test', 'an issuer and a place'],
    ['--issuer-keys', 'http://oidc.test=keys.json', 'An issuer is an URL'],
    ['--issuer-keys', 'https://oidc.test=http://a:b@127.0.0.1', 'An URL begins'],
    ['--issuer-network', '10.0.0.0', 'A network is'],
    ['--issuer-network', 'localhost', 'A network is'],
  ])('rolecall up %s %s', async (option, value, words) => {
    const { code, stderr } = await rolecall(['up', '--data', data, option, value])
    expect(code).toBe(2)
    expect(stderr).toContain(words)
  })
})
