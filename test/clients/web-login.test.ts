import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand } from '@aws-sdk/client-iam'
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromTokenFile, fromWebToken } from '@aws-sdk/credential-providers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, refusal, statement, textOf } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws } from './aws.ts'
import { discardIssuer, type RunningIssuer, startIssuer, tokenOf } from './oidc.ts'
import { discard, envOf, have, type Running, rolecall, run, startRolecall } from './process.ts'
import { watched } from './watch.ts'

/** Trust policies as they stand in production, tried offline: a job of GitHub Actions and a pod of Kubernetes, by clients that are not ours. */
const home = '012345678901'
const github = 'token.actions.githubusercontent.com'
const cluster = 'oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE'
const roleArn = (name: string) => `arn:aws:iam::${home}:role/${name}`
const sessionArn = (role: string, name: string) => `arn:aws:sts::${home}:assumed-role/${role}/${name}`

let issuer: RunningIssuer
let running: Running
let here: Actor
let folder: string
let surroundings: Readonly<Record<string, string>>
/** Whom a job and a pod find in their environment, and where their tokens are. */
let job: Readonly<Record<string, string>>
let pod: Readonly<Record<string, string>>

const trust = (host: string, conditions: object) =>
  textOf(
    statement({
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${home}:oidc-provider/${host}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: conditions,
    }),
  )

async function trusts(RoleName: string, host: string, conditions: object): Promise<void> {
  await here.iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(host, conditions), MaxSessionDuration: 7200 }),
  )
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-login-'))
  issuer = await startIssuer(['--issuer', `https://${github}`])
  // The cluster's issuer runs nowhere: its keys are a file.
  const keys = join(folder, 'keys.json')
  const podToken = join(folder, 'pod-token')
  const ofCluster = ['--data', join(folder, 'cluster'), '--issuer', `https://${cluster}`]
  const ran = await rolecall(['oidc', 'token', ...ofCluster, '--service-account', 'default:app', '--out', podToken])
  expect(ran).toMatchObject({ code: 0, stdout: '' })
  const { stdout } = await rolecall(['oidc', 'keys', '--data', join(folder, 'cluster')])
  writeFileSync(keys, stdout)
  const jobToken = join(folder, 'job-token')
  await issuer.token('--github-repository', 'octo-org/octo-repo', '--environment', 'prod', '--out', jobToken)

  running = await startRolecall({
    args: [
      ...['--account-id', home],
      ...['--issuer-keys', `https://${github}=${issuer.endpoint}`],
      ...['--issuer-keys', `https://${cluster}=${keys}`],
    ],
  })
  here = actorOf(await envOf(running))
  for (const host of [github, cluster])
    await here.iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: `https://${host}`, ClientIDList: ['sts.amazonaws.com'] }),
    )
  await trusts('deploy', github, {
    StringEquals: {
      [`${github}:aud`]: 'sts.amazonaws.com',
      [`${github}:sub`]: 'repo:octo-org/octo-repo:environment:prod',
      [`${github}:job_workflow_ref`]: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
    },
  })
  await trusts('app', cluster, {
    StringEquals: {
      [`${cluster}:aud`]: 'sts.amazonaws.com',
      [`${cluster}:sub`]: 'system:serviceaccount:default:app',
    },
  })
  surroundings = {
    AWS_ENDPOINT_URL: running.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
    HOME: folder,
  }
  job = {
    ...surroundings,
    AWS_ROLE_ARN: roleArn('deploy'),
    AWS_WEB_IDENTITY_TOKEN_FILE: jobToken,
    AWS_ROLE_SESSION_NAME: 'job',
  }
  pod = {
    ...surroundings,
    AWS_ROLE_ARN: roleArn('app'),
    AWS_WEB_IDENTITY_TOKEN_FILE: podToken,
    AWS_ROLE_SESSION_NAME: 'pod',
  }
  writeFileSync(
    join(folder, 'config'),
    `[profile pod]
region = us-east-1
role_arn = ${roleArn('app')}
web_identity_token_file = ${podToken}
role_session_name = by-profile
`,
  )
})
afterAll(async () => {
  await discard(running)
  await discardIssuer(issuer)
  rmSync(folder, { recursive: true, force: true })
})

test('a token is written for its owner alone', () => {
  expect(statSync(String(pod.AWS_WEB_IDENTITY_TOKEN_FILE)).mode & 0o777).toBe(0o600)
})

test('an authority says whose keys it has from elsewhere', () => {
  expect(running.output()).toContain(`believes     https://${github} by the keys of ${issuer.endpoint}\n`)
})

describe("AWS's SDK for JavaScript", () => {
  const own = () => ({ endpoint: running.endpoint, region: 'us-east-1' })
  test.each([
    ['deploy', () => job],
    ['app', () => pod],
  ])('becomes %s by a token in a file', async (role, environment) => {
    const credentials = fromTokenFile({
      roleArn: roleArn(role),
      roleSessionName: 'sdk',
      webIdentityTokenFile: String(environment().AWS_WEB_IDENTITY_TOKEN_FILE),
      clientConfig: own(),
    })
    const { Arn } = await new STSClient({ ...own(), credentials }).send(new GetCallerIdentityCommand({}))
    expect(Arn).toBe(sessionArn(role, 'sdk'))
  })

  test('asks without credentials, and is told all that there is to tell', async () => {
    const anonymous = watched('sts', new STSClient({ ...own(), credentials: { accessKeyId: '', secretAccessKey: '' } }))
    const WebIdentityToken = await issuer.token('--github-repository', 'octo-org/octo-repo', '--environment', 'prod')
    const answer = await anonymous.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn('deploy'),
        RoleSessionName: 'whole',
        WebIdentityToken,
        DurationSeconds: 7200,
        Policy: textOf(statement({ Effect: 'Allow', Action: 'sts:*', Resource: '*' })),
      }),
    )
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: 'repo:octo-org/octo-repo:environment:prod',
      Audience: 'sts.amazonaws.com',
      Provider: `arn:aws:iam::${home}:oidc-provider/${github}`,
      AssumedRoleUser: { Arn: sessionArn('deploy', 'whole') },
    })
    expect(answer.PackedPolicySize).toBeGreaterThan(0)
    expect(answer.Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now() + 7_000_000)
  })

  test('is refused in the words of AWS', async () => {
    const asked = async (role: string, token: string) =>
      refusal(
        new STSClient({
          ...own(),
          maxAttempts: 1,
          credentials: fromWebToken({
            roleArn: roleArn(role),
            webIdentityToken: token,
            clientConfig: { ...own(), maxAttempts: 1 },
          }),
        }).send(new GetCallerIdentityCommand({})),
      )
    const fork = await issuer.token('--github-repository', 'evil/octo-repo', '--environment', 'prod')
    expect(await asked('deploy', fork)).toMatchObject({
      code: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    })
    const { stdout: why } = await rolecall(['why', '--last', '--data', running.data])
    expect(why).toContain(`the token says:\n  ${github}:aud "sts.amazonaws.com"\n`)
    expect(why).toMatch(
      /"repo:octo-org\/octo-repo:environment:prod"; the\s+request has\s+"repo:evil\/octo-repo:environment:prod"/,
    )
    const elsewhere = await issuer.token(
      '--github-repository',
      'octo-org/octo-repo',
      '--aud',
      'https://github.com/octo-org',
    )
    expect(await asked('deploy', elsewhere)).toMatchObject({ message: 'Incorrect token audience' })
    const forged = await tokenOf(join(folder, 'forger'), [
      '--issuer',
      `https://${github}`,
      '--github-repository',
      'octo-org/octo-repo',
      '--environment',
      'prod',
    ])
    expect(await asked('deploy', forged)).toMatchObject({
      message:
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    })
    const old = await issuer.token('--github-repository', 'octo-org/octo-repo', '--claim', 'exp:=1700000000')
    expect(await asked('deploy', old)).toMatchObject({ code: 'ExpiredTokenException' })
    // Whoever could read the fork's token in the answer, the log or the terminal could use it elsewhere.
    expect(running.output()).not.toContain('eyJ')
  })
})

describe.skipIf(!hasAws)(`the aws CLI${leftOut}`, () => {
  let aws: Aws
  beforeAll(async () => {
    aws = await openAws()
  })
  afterAll(() => aws.close())
  const who = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text']

  test.each([
    ['a job of GitHub Actions', () => job, 'deploy', 'job'],
    ['a pod of Kubernetes', () => pod, 'app', 'pod'],
  ])('becomes a role in %s', async (_what, environment, role, name) => {
    expect(await aws.run(who, environment())).toEqual({ code: 0, stdout: `${sessionArn(role, name)}\n`, stderr: '' })
  })

  test('becomes a role by a profile', async () => {
    expect(await aws.run(who, { ...surroundings, AWS_PROFILE: 'pod' })).toMatchObject({
      code: 0,
      stdout: `${sessionArn('app', 'by-profile')}\n`,
    })
  })

  test('assumes a role by hand, without any credentials', async () => {
    const token = readFileSync(String(pod.AWS_WEB_IDENTITY_TOKEN_FILE), 'utf8').trim()
    const ran = await aws.run(
      [
        ...['sts', 'assume-role-with-web-identity', '--role-arn', roleArn('app'), '--role-session-name', 'by-hand'],
        ...['--web-identity-token', token, '--query', '[SubjectFromWebIdentityToken,Audience]', '--output', 'text'],
      ],
      surroundings,
    )
    expect(ran).toMatchObject({ code: 0, stdout: 'system:serviceaccount:default:app\tsts.amazonaws.com\n' })
  })
})

const hasBoto3 = await have('python3', ['-c', 'import boto3'])
describe.skipIf(!hasBoto3)(`boto3${hasBoto3 ? '' : ' (left out: python3 has no boto3 here)'}`, () => {
  test('finds the token of a pod by itself', async () => {
    const script = 'import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])'
    const ran = await run('python3', ['-c', script], pod)
    expect(ran).toMatchObject({ code: 0, stdout: `${sessionArn('app', 'pod')}\n` })
  })
})
