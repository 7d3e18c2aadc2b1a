import { EnableOutboundWebIdentityFederationCommand } from '@aws-sdk/client-iam'
import { GetWebIdentityTokenCommand } from '@aws-sdk/client-sts'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, makeAccount } from './actor.ts'
import { hasAws, leftOut, openAws } from './aws.ts'
import { discard, type Env, envOf, have, type Running, rolecall, run, startRolecall } from './process.ts'

/** Whoever knows no more than the issuer's URL verifies what stock clients were given, as services outside AWS do: by discovery. */
const home = '012345678901'
const audience = 'api.example.com'
const administrator = `arn:aws:iam::${home}:user/administrator`

const started: Running[] = []
afterAll(() => Promise.all(started.map(discard)))

async function start(
  options: Parameters<typeof startRolecall>[0] = {},
): Promise<Actor & { readonly running: Running }> {
  const running = await startRolecall({ ...options, args: ['--account-id', home, ...(options.args ?? [])] })
  started.push(running)
  return { ...actorOf(await envOf(running)), running }
}

const enable = async ({ iam }: Actor): Promise<string> =>
  (await iam.send(new EnableOutboundWebIdentityFederationCommand({}))).IssuerIdentifier ?? ''

/** Verifies as an OpenID Connect client does: configuration first, then the keys that it names. */
async function verified(token: string | undefined, issuer: string): Promise<JWTPayload> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`)
  expect(response.status).toBe(200)
  const configuration = (await response.json()) as { readonly issuer: string; readonly jwks_uri: string }
  expect(configuration.issuer).toBe(issuer)
  const keys = createRemoteJWKSet(new URL(configuration.jwks_uri))
  return (await jwtVerify(token ?? '', keys, { issuer, audience })).payload
}

describe('a web identity token', () => {
  let here: Actor & { readonly running: Running }
  let issuer: string
  const variables = ({ endpoint, region, accessKeyId, secretAccessKey }: Env) => ({
    AWS_ENDPOINT_URL: endpoint,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
  })

  test('that the SDK was given', async () => {
    here = await start()
    issuer = await enable(here)
    expect(issuer).toMatch(new RegExp(`^${here.running.endpoint}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`))
    for (const SigningAlgorithm of ['RS256', 'ES384']) {
      const command = new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm, DurationSeconds: 600 })
      const { WebIdentityToken, Expiration } = await here.sts.send(command)
      const claims = await verified(WebIdentityToken, issuer)
      expect(claims).toMatchObject({ sub: administrator, exp: (Expiration?.getTime() ?? 0) / 1000 })
    }
  })

  test.skipIf(!hasAws)(`that the aws CLI was given${leftOut}`, async () => {
    const aws = await openAws()
    const { code, stdout, stderr } = await aws.run(
      [
        ...['sts', 'get-web-identity-token', '--audience', audience, '--signing-algorithm', 'ES384'],
        ...['--tags', 'Key=job,Value=17', '--query', 'WebIdentityToken', '--output', 'text'],
      ],
      variables(here.env),
    )
    aws.close()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await verified(stdout.trim(), issuer)).toMatchObject({
      sub: administrator,
      'https://sts.amazonaws.com/': { aws_account: home, request_tags: { job: '17' } },
    })
  })

  test('that boto3 was given', async ({ skip }) => {
    if (!(await have('python3', ['-c', 'import boto3']))) skip('python3 has no boto3 here')
    const script = `
import boto3
answer = boto3.client("sts").get_web_identity_token(Audience=["${audience}", "two"], SigningAlgorithm="RS256")
print(answer["WebIdentityToken"])`
    const { code, stdout, stderr } = await run('python3', ['-c', script], variables(here.env))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await verified(stdout.trim(), issuer)).toMatchObject({ sub: administrator, aud: [audience, 'two'] })
  })

  test('of another account is of another issuer, and verified by no key of this one', async () => {
    const { administrator: there } = await makeAccount(here.running, '987654321098')
    const foreign = await enable(there)
    const { WebIdentityToken } = await there.sts.send(
      new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: 'RS256' }),
    )
    await verified(WebIdentityToken, foreign)
    await expect(verified(WebIdentityToken, issuer)).rejects.toThrow()
  })

  test('outlives the process, and so does its issuer', async () => {
    const { WebIdentityToken } = await here.sts.send(
      new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: 'RS256' }),
    )
    await here.running.stop()
    const { data } = here.running
    const port = new URL(here.running.endpoint).port
    const again = await startRolecall({ data, args: ['--port', port] })
    started.push(again)
    await verified(WebIdentityToken, issuer)
  })
})

describe('the issuer', () => {
  test('begins with the address of several processes that listen together, and each of them answers for it', async () => {
    const here = await start({ workers: 2 })
    const issuer = await enable(here)
    expect(issuer.startsWith(`${here.running.endpoint}/`)).toBe(true)
    for (let round = 0; round < 6; round++) {
      const { WebIdentityToken } = await here.sts.send(
        new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: 'ES384' }),
      )
      await verified(WebIdentityToken, issuer)
    }
  })

  test('begins with the URL that the operator named, and is served where that leads to', async () => {
    const here = await start({ args: ['--public-url', 'https://id.example.com/aws/'] })
    const issuer = await enable(here)
    expect(issuer).toMatch(/^https:\/\/id\.example\.com\/aws\/[0-9a-f-]{36}$/)
    const uuid = issuer.slice(issuer.lastIndexOf('/') + 1)
    const response = await fetch(`${here.running.endpoint}/${uuid}/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` })
    const head = await fetch(`${here.running.endpoint}/${uuid}/.well-known/jwks.json`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test.each(['id.example.com', 'ftp://id.example.com', 'https://user@id.example.com', 'https://id.example.com?a', ''])(
    'begins with no such thing as %j',
    async (url) => {
      for (const verb of ['up', 'serve']) {
        const { code, stdout, stderr } = await rolecall([verb, '--public-url', url])
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
        expect(stderr).toContain('An URL begins with https:// and has no user, query or fragment.')
      }
    },
  )
})
