import { X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issue } from '../token/x509.ts'
import { type Actor, actorOf, refusal, statement, textOf } from './actor.ts'
import { eventsOf, recordIn } from './history.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** An issuer with TLS of its own, asked by a real authority: several processes of one, as `rolecall serve` starts them. */
const home = '012345678901'
const certificate = issue('issuer', undefined, Date.now(), undefined, undefined, { hosts: ['127.0.0.1'] })
const thumbprint = new X509Certificate(certificate.certificate).fingerprint.replaceAll(':', '')

let url: string
let asked = 0
let token: string
let close: () => void
const running: Running[] = []

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'ES256' }
  const server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, response) => {
    asked++
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url === '/keys' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/keys` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => server.close()
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  token = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'JWT' })
    .setIssuer(url)
    .setSubject('somebody')
    .setAudience('app')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey)
})
afterAll(async () => {
  await Promise.all(running.map(discard))
  close()
})

async function start(options: Parameters<typeof startRolecall>[0]): Promise<Actor & { readonly provider: string }> {
  const authority = await startRolecall(options)
  running.push(authority)
  const here = actorOf(await envOf(authority))
  const { OpenIDConnectProviderArn = '' } = await here.iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: ['app'] }),
  )
  const trust = {
    Effect: 'Allow',
    Principal: { Federated: OpenIDConnectProviderArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${url.slice('https://'.length)}:sub`]: 'somebody' } },
  }
  await here.iam.send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: textOf(statement(trust)) }))
  return { ...here, provider: OpenIDConnectProviderArn }
}
const assume = ({ env }: Actor) =>
  new STSClient({ endpoint: env.endpoint, region: env.region, maxAttempts: 1 }).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${home}:role/app`,
      RoleSessionName: 'one',
      WebIdentityToken: token,
    }),
  )

describe('an issuer on this machine', () => {
  test('is not asked unless the operator says so', async () => {
    const here = await start({ args: ['--account-id', home] })
    expect(await refusal(assume(here))).toMatchObject({
      code: 'InvalidIdentityToken',
      message: expect.stringContaining("Couldn't retrieve verification key"),
    })
    expect(asked).toBe(0)
    // Whoever asked is not told where it was looked for; the operator is. What a process says may come after what it answers.
    await expect
      .poll(() => running.at(-1)?.output())
      .toMatch(/the keys of https:\/\/127\.0\.0\.1:\d+ could not be had: .*--issuer-network/)
  })

  test('is believed by the thumbprint of its certificate, by every process of an authority', async () => {
    const here = await start({ workers: 2, args: ['--account-id', home, '--issuer-network', '127.0.0.0/8'] })
    expect(await refusal(assume(here))).toMatchObject({
      code: 'InvalidIdentityToken',
      message: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    })
    expect(asked).toBe(0)
    await here.iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: here.provider,
        ThumbprintList: [thumbprint],
      }),
    )
    // Connections go to the processes in turn.
    for (let at = 0; at < 6; at++) expect((await assume(here)).SubjectFromWebIdentityToken).toBe('somebody')
    // What another process answered is found by and by. The call that was refused before anybody was believed says nothing of it.
    const told = async () =>
      (await eventsOf(here, 'EventName', 'AssumeRoleWithWebIdentity'))
        .map(recordIn)
        .map(({ errorCode, additionalEventData }) => errorCode ?? additionalEventData)
    const method = {
      ExtendedRequestId: expect.any(String),
      RequestDetails: { awsServingRegion: 'us-east-1', endpointType: 'regional' },
      identityProviderConnectionVerificationMethod: 'Thumbprint',
    }
    await expect.poll(told).toEqual([...Array.from({ length: 6 }, () => method), 'InvalidIdentityTokenException'])
    // Two pages by each of them, once.
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(4)
  })
})
