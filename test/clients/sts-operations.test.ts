import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateOpenIDConnectProviderCommand,
  CreateSAMLProviderCommand,
  EnableOutboundWebIdentityFederationCommand,
} from '@aws-sdk/client-iam'
import * as sdk from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadService } from '../../src/model/service.ts'
import { aws as attribute, identityProvider, login } from '../token/idp.ts'
import { type Actor, actorOf, allow, makeAccount, makeRole, makeUser, statement } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws } from './aws.ts'
import { call } from './call.ts'
import { tokenOf } from './oidc.ts'
import { discard, type Env, envOf, have, type Running, rolecall, root, run, startRolecall } from './process.ts'

/** Every operation of STS, through each of three clients that are not ours: what it answers is the same to all of them. */
const home = '012345678901'
const other = '987654321098'
const role = `arn:aws:iam::${home}:role/any`
const saml = `arn:aws:iam::${home}:saml-provider/corp`
const oidc = 'oidc.example.com'
const idp = identityProvider()
const hasBoto3 = await have('python3', ['-c', 'import boto3'])
const withoutBoto3 = hasBoto3 ? '' : ' (left out: python3 has no boto3 here)'
if (!hasBoto3) console.warn(`tests with boto3${withoutBoto3}`)

type Values = Readonly<Record<string, unknown>>
/** What a client makes of the answer: the output, or AWS's code and words. */
type Told = { readonly output: Values } | { readonly code: string; readonly message: string }

interface Operation {
  /** Made anew for each client: what is good once is used once. */
  readonly input: () => Promise<Values> | Values
  /** Who shows a token in the place of a signature needs no keys. */
  readonly unsigned?: boolean
  readonly told: object
}

let running: Running
let folder: string
let here: Actor
let user: Actor & { readonly arn: string }

const credentials = {
  AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
  SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
  SessionToken: expect.stringMatching(/^[A-Za-z0-9+/=]{100,}$/),
  Expiration: expect.anything(),
}
const became = (name: string) => ({
  Arn: `arn:aws:sts::${home}:assumed-role/any/${name}`,
  AssumedRoleId: expect.stringMatching(new RegExp(`^AROA[A-Z2-7]{17}:${name}$`)),
})
const tags = [{ Key: 'team', Value: 'red' }]
const policy = JSON.stringify(allow('sts:GetCallerIdentity'))

/** What the provider says of whoever logs in. */
const said = { attributes: { [attribute('Role')]: [`${role},${saml}`], [attribute('RoleSessionName')]: ['saml'] } }

const operations: Readonly<Record<string, Operation>> = {
  AssumeRole: {
    input: () => ({
      RoleArn: role,
      RoleSessionName: 'one',
      DurationSeconds: 900,
      Policy: policy,
      Tags: tags,
      TransitiveTagKeys: ['team'],
      SourceIdentity: 'hal',
      ExternalId: 'e-42',
    }),
    told: {
      output: {
        AssumedRoleUser: became('one'),
        Credentials: credentials,
        PackedPolicySize: expect.any(Number),
        SourceIdentity: 'hal',
      },
    },
  },
  AssumeRoleWithSAML: {
    input: () => ({ RoleArn: role, PrincipalArn: saml, SAMLAssertion: login(idp, { ...said, at: Date.now() }) }),
    unsigned: true,
    told: {
      output: {
        AssumedRoleUser: became('saml'),
        Credentials: credentials,
        Issuer: idp.issuer,
        Audience: 'https://signin.aws.amazon.com/saml',
        Subject: expect.any(String),
        SubjectType: expect.any(String),
        NameQualifier: expect.any(String),
      },
    },
  },
  AssumeRoleWithWebIdentity: {
    input: async () => ({
      RoleArn: role,
      RoleSessionName: 'web',
      WebIdentityToken: await tokenOf(folder, ['--issuer', `https://${oidc}`, '--sub', 'ann', '--aud', 'app']),
    }),
    unsigned: true,
    told: {
      output: {
        AssumedRoleUser: became('web'),
        Credentials: credentials,
        Audience: 'app',
        Provider: `arn:aws:iam::${home}:oidc-provider/${oidc}`,
        SubjectFromWebIdentityToken: 'ann',
      },
    },
  },
  AssumeRoot: {
    input: () => ({
      TargetPrincipal: other,
      TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
    }),
    told: {
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${home}:user/user is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::${other}:root`,
    },
  },
  DecodeAuthorizationMessage: {
    input: async () => {
      const nobody = await makeUser(here, `nobody-${Math.random().toString(36).slice(2)}`)
      const { message = '' } = await call(running.endpoint, nobody.env, 'rolecall', 'ListQuotas')
      return { EncodedMessage: message.slice(message.lastIndexOf(' ') + 1) }
    },
    told: { output: { DecodedMessage: expect.stringContaining('"action":"rolecall:ListQuotas"') } },
  },
  GetAccessKeyInfo: {
    input: () => ({ AccessKeyId: user.env.accessKeyId }),
    told: { output: { Account: home } },
  },
  GetCallerIdentity: {
    input: () => ({}),
    told: { output: { Account: home, Arn: `arn:aws:iam::${home}:user/user`, UserId: expect.stringMatching(/^AIDA/) } },
  },
  GetDelegatedAccessToken: {
    input: () => ({ TradeInToken: 'token' }),
    told: { code: 'ValidationError', message: 'The trade-in token is not valid.' },
  },
  GetFederationToken: {
    input: () => ({ Name: 'bob', Policy: policy, DurationSeconds: 900, Tags: tags }),
    told: {
      output: {
        Credentials: credentials,
        FederatedUser: { Arn: `arn:aws:sts::${home}:federated-user/bob`, FederatedUserId: `${home}:bob` },
        PackedPolicySize: expect.any(Number),
      },
    },
  },
  GetSessionToken: { input: () => ({ DurationSeconds: 900 }), told: { output: { Credentials: credentials } } },
  GetWebIdentityToken: {
    input: () => ({ Audience: ['api'], SigningAlgorithm: 'ES384', DurationSeconds: 60, Tags: tags }),
    told: {
      output: { WebIdentityToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), Expiration: expect.anything() },
    },
  },
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-sts-'))
  const keys = join(folder, 'keys.json')
  await tokenOf(folder, ['--issuer', `https://${oidc}`, '--sub', 'ann', '--aud', 'app'])
  writeFileSync(keys, (await rolecall(['oidc', 'keys', '--data', folder])).stdout)
  running = await startRolecall({ args: ['--account-id', home, '--issuer-keys', `https://${oidc}=${keys}`] })
  here = actorOf(await envOf(running))
  await makeAccount(running, other)
  user = await makeUser(here, 'user', allow('sts:*'))
  await here.iam.send(new CreateSAMLProviderCommand({ Name: 'corp', SAMLMetadataDocument: idp.metadata }))
  await here.iam.send(new CreateOpenIDConnectProviderCommand({ Url: `https://${oidc}`, ClientIDList: ['app'] }))
  await here.iam.send(new EnableOutboundWebIdentityFederationCommand({}))
  const provider = `arn:aws:iam::${home}:oidc-provider/${oidc}`
  await makeRole(
    here,
    'any',
    statement(
      {
        Effect: 'Allow',
        Principal: { AWS: user.arn },
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      },
      { Effect: 'Allow', Principal: { Federated: saml }, Action: 'sts:AssumeRoleWithSAML' },
      { Effect: 'Allow', Principal: { Federated: provider }, Action: 'sts:AssumeRoleWithWebIdentity' },
    ),
  )
})
afterAll(async () => {
  await discard(running)
  rmSync(folder, { recursive: true, force: true })
})

const model = loadService('sts')
const every = Object.entries(operations)

test('no operation of AWS’s model is left out, and none is made up', () => {
  expect(Object.keys(operations).sort()).toEqual([...model.operations.keys()].sort())
})

describe('the AWS SDK for JavaScript', () => {
  /** The client has a command for each operation, by its name. */
  const commands = sdk as unknown as Readonly<Record<string, new (input: Values) => never>>

  test.each(every)('%s', async (name, { input, unsigned, told }) => {
    const { endpoint, region } = user.env
    const client = unsigned ? new sdk.STSClient({ endpoint, region, maxAttempts: 1 }) : user.sts
    const Command = commands[`${name}Command`]
    if (Command === undefined) throw new Error(`the SDK has no ${name}`)
    const seen = await client.send(new Command(await input())).then(
      ({ $metadata: _, ...output }): Told => ({ output: { ...output } }),
      (error: Error): Told => ({ code: error.name, message: error.message }),
    )
    expect(seen).toEqual(told)
  })
})

const surroundings = ({ endpoint, region, accessKeyId, secretAccessKey }: Env, unsigned: boolean | undefined) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_DEFAULT_REGION: region,
  ...(unsigned ? {} : { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }),
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  AWS_CONFIG_FILE: join(folder, 'none'),
  AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
  AWS_PAGER: '',
  HOME: folder,
  PYTHONDONTWRITEBYTECODE: '1',
})

describe.skipIf(!hasAws)(`the aws CLI${leftOut}`, () => {
  let aws: Aws
  beforeAll(async () => {
    aws = await openAws()
  })
  afterAll(() => aws.close())

  test.each(every)('%s', async (name, { input, unsigned, told }) => {
    const command = name.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
    const given = ['--cli-input-json', JSON.stringify(await input()), '--output', 'json']
    const ran = await aws.run(['sts', command, ...given], surroundings(user.env, unsigned))
    const [, code = '', message = ''] =
      /An error occurred \((\w+)\) when calling the \w+ operation: (.*)/.exec(ran.stderr) ?? []
    const seen: Told = code === '' ? { output: JSON.parse(ran.stdout || 'null') ?? ran.stderr } : { code, message }
    expect(seen).toEqual(told)
  })
})

describe.skipIf(!hasBoto3)(`boto3${withoutBoto3}`, () => {
  const script = `
import json, sys, boto3
from botocore import xform_name
from botocore.exceptions import ClientError
name, given = sys.argv[1], json.load(sys.stdin)
try:
    answer = getattr(boto3.client("sts"), xform_name(name))(**given)
    answer.pop("ResponseMetadata")
    print(json.dumps({"output": answer}, default=str))
except ClientError as error:
    print(json.dumps({"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}))`

  test.each(every)('%s', async (name, { input, unsigned, told }) => {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify(await input()))
    writeFileSync(join(folder, 'call.py'), script)
    const shell = `exec python3 ${join(folder, 'call.py')} ${name} < ${file}`
    const { stdout, stderr } = await run('sh', ['-c', shell], surroundings(user.env, unsigned), root)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(told)
  })
})
