import { beforeEach, describe, expect, test } from 'vitest'
import { IssuerTrouble } from '../../src/token/issuer.ts'
import {
  denied,
  evil,
  Federation,
  host,
  invalid,
  issuer,
  noKey,
  provider,
  refusal,
  seconds,
  sub,
  token,
  unknownIssuer,
  wrongAudience,
} from './federation.ts'
import { roleArn } from './scene.ts'

let it: Federation
beforeEach(async () => {
  it = await Federation.open()
})

describe('the issuer', () => {
  test('is asked once for many tokens', async () => {
    for (let at = 0; at < 5; at++) expect((await it.assume(token())).status).toBe(200)
    await Promise.all(Array.from({ length: 20 }, () => it.assume(token())))
    expect(it.asked).toBe(1)
  })

  test('that turns its keys is followed, and the old key is good as long as it lists it', async () => {
    expect((await it.assume(token())).status).toBe(200)
    it.scene.pass(5)
    it.listed = [[evil, { kid: 'two' }], ...it.listed]
    expect((await it.assume(token({}, { kid: 'two' }, evil.privateKey))).status).toBe(200)
    expect((await it.assume(token())).status).toBe(200)
    expect(it.asked).toBe(2)
    it.listed = [[evil, { kid: 'two' }]]
    it.scene.pass(600)
    expect(refusal(await it.assume(token({ exp: seconds + 3600 })))).toEqual(noKey)
    expect((await it.assume(token({ exp: seconds + 3600 }, { kid: 'two' }, evil.privateKey))).status).toBe(200)
  })

  test('is not hammered with keys that it never had', async () => {
    for (let at = 0; at < 200; at++) expect((await it.assume(token({}, { kid: `garbage ${at}` }))).status).toBe(400)
    expect(it.asked).toBe(1)
  })

  test('that is down is told as such, and taken up again', async () => {
    const up = it.scene.fetchKeys
    it.scene.fetchKeys = () => Promise.reject(new IssuerTrouble('unreachable', 'ECONNREFUSED at 10.0.0.7'))
    const answer = await it.assume(token())
    expect(answer).toMatchObject({ status: 400, code: 'IDPCommunicationError' })
    expect(answer.text).not.toContain('10.0.0.7')
    // The operator is told why.
    expect(it.scene.alarms.join()).toContain('ECONNREFUSED at 10.0.0.7')
    it.scene.fetchKeys = up
    it.scene.pass(5)
    expect((await it.assume(token())).status).toBe(200)
  })

  test('that is nobody’s who is trusted is told as such', async () => {
    it.scene.fetchKeys = () => Promise.reject(new IssuerTrouble('certificate', 'self-signed'))
    expect(refusal(await it.assume(token()))).toEqual(
      invalid("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"),
    )
    it.scene.pass(5)
    it.scene.fetchKeys = () => Promise.reject(new IssuerTrouble('refused', 'it redirects'))
    expect(refusal(await it.assume(token()))).toEqual(noKey)
  })

  test('is believed by the thumbprints of the provider', async () => {
    const print = 'ab'.repeat(20)
    await it.scene.done(it.scene.administrator, 'iam', 'UpdateOpenIDConnectProviderThumbprint', {
      OpenIDConnectProviderArn: provider,
      'ThumbprintList.member.1': print,
    })
    const seen: unknown[] = []
    const up = it.scene.fetchKeys
    it.scene.fetchKeys = (from) => {
      seen.push(from)
      return up(from)
    }
    await it.assume(token())
    expect(seen).toEqual([expect.objectContaining({ url: issuer, thumbprints: [print] })])
  })

  test('that is slow lets in nobody whom its account has put out meanwhile', async () => {
    const up = it.scene.fetchKeys
    let answer: () => void = () => {}
    let waiting: () => void = () => {}
    const waits = new Promise<void>((resolve) => (waiting = resolve))
    it.scene.fetchKeys = async (from) => {
      waiting()
      await new Promise<void>((resolve) => (answer = resolve))
      return up(from)
    }
    const pending = it.assume(token())
    await waits
    await it.scene.done(it.scene.administrator, 'iam', 'DeleteOpenIDConnectProvider', {
      OpenIDConnectProviderArn: provider,
    })
    answer()
    expect(refusal(await pending)).toEqual(unknownIssuer(issuer))
  })
})

describe('an audience', () => {
  test('is one of several', async () => {
    const answer = await it.assume(token({ aud: ['x', 'sts.amazonaws.com'] }))
    expect(answer.result.Audience).toBe('sts.amazonaws.com')
  })

  test('azp-is-the-audience: whom it was issued to is the audience, and what it calls so is oaud', async () => {
    await it.role('hybrid', { StringEquals: { [`${host}:aud`]: 'another', [`${host}:oaud`]: 'sts.amazonaws.com' } })
    const hybrid = { RoleArn: roleArn('hybrid') }
    expect((await it.assume(token({ azp: 'another' }), hybrid)).result.Audience).toBe('another')
    expect(refusal(await it.assume(token({ azp: 'another' })))).toEqual(denied())
    expect(refusal(await it.assume(token(), hybrid))).toEqual(denied())
  })

  test('that was taken from the provider is taken no longer', async () => {
    await it.assume(token())
    await it.scene.done(it.scene.administrator, 'iam', 'RemoveClientIDFromOpenIDConnectProvider', {
      OpenIDConnectProviderArn: provider,
      ClientID: 'sts.amazonaws.com',
    })
    expect(refusal(await it.assume(token()))).toEqual(wrongAudience)
  })
})

describe('a provider that every account has', () => {
  test('is named by its domain, and is registered nowhere', async () => {
    const google = 'https://accounts.google.com'
    const aud = (azp: string, oaud: string) => ({
      StringEquals: { 'accounts.google.com:aud': azp, 'accounts.google.com:oaud': oaud },
    })
    await it.role('google', aud('107', 'aws'), undefined, 'accounts.google.com')
    const into = { RoleArn: roleArn('google') }
    const answer = await it.assume(token({ iss: google, azp: '107', aud: 'aws' }), into)
    expect(answer.result).toMatchObject({ Provider: google.slice('https://'.length), Audience: '107' })
    expect(refusal(await it.assume(token({ iss: google, azp: '108', aud: 'aws' }), into))).toEqual(denied())
  })
})

describe('a trust policy asks for', () => {
  const asks = async (claims: object, conditions: Record<string, object>) => {
    await it.role('asking', conditions)
    const answer = await it.assume(token(claims), { RoleArn: roleArn('asking') })
    await it.scene.done(it.scene.administrator, 'iam', 'DeleteRole', { RoleName: 'asking' })
    return answer.status === 200
  }

  test('what a token of GitHub says', async () => {
    const said = {
      repository_id: 74,
      actor: 'octocat',
      environment: 'prod',
      ref: 'refs/heads/main',
      enterprise_id: true,
    }
    const equals = {
      repository_id: '74',
      actor: 'octocat',
      environment: 'prod',
      ref: 'refs/heads/main',
      enterprise_id: 'true',
    }
    const conditions = { StringEquals: Object.fromEntries(Object.entries(equals).map(([k, v]) => [`${host}:${k}`, v])) }
    expect(await asks(said, conditions)).toBe(true)
    expect(await asks({ ...said, environment: 'dev' }, conditions)).toBe(false)
    expect(await asks({ ...said, environment: { name: 'prod' } }, conditions)).toBe(false)
    expect(await asks({}, conditions)).toBe(false)
  })

  test('no claim that AWS does not read', async () => {
    expect(await asks({ event_name: 'push' }, { StringEquals: { [`${host}:event_name`]: 'push' } })).toBe(false)
    expect(await asks({ email: 'a@b.example' }, { StringEquals: { [`${host}:email`]: 'a@b.example' } })).toBe(true)
  })

  test('methods, several of them', async () => {
    const any = { 'ForAnyValue:StringEquals': { [`${host}:amr`]: 'mfa' } }
    expect(await asks({ amr: ['pwd', 'mfa'] }, any)).toBe(true)
    expect(await asks({ amr: ['pwd'] }, any)).toBe(false)
    expect(await asks({}, any)).toBe(false)
  })

  test('the provider, the name of the session, and nothing of who asks', async () => {
    expect(await asks({}, { StringEquals: { 'aws:FederatedProvider': provider, 'sts:RoleSessionName': 'one' } })).toBe(
      true,
    )
    for (const key of [
      'aws:PrincipalArn',
      'aws:userid',
      'aws:PrincipalAccount',
      'aws:PrincipalType',
      'aws:SourceIdentity',
    ])
      expect(await asks({}, { Null: { [key]: 'true' } })).toBe(true)
  })

  test('case in names of keys aside', async () => {
    expect(await asks({}, { StringEquals: { [`${host.toUpperCase()}:SUB`]: sub } })).toBe(true)
  })
})
