import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { samlMetadata } from '../token/saml.ts'
import { issue, sshKey } from '../token/x509.ts'
import { actorOf, allow, makeRole, textOf, trusting } from './actor.ts'
import { discard, envOf, have, type Running, root, run, startRolecall } from './process.ts'

/** boto3's own view: the scripts beside this file that are named below make the calls, this one has the outcome of each. */
const home = '012345678901'
const hasBoto3 = await have('python3', ['-c', 'import boto3'])

const leftOut = hasBoto3 ? '' : ' (left out: python3 has no boto3 here)'
if (!hasBoto3) console.warn(`tests with boto3${leftOut}`)

const here = join(root, 'test', 'clients')

/** What each script checks, by the names of its functions. */
const checks: Readonly<Record<string, readonly string[]>> = {
  'boto.py': [
    'identity',
    'documents_are_read_as_objects',
    'times_are_times',
    'exceptions_have_classes',
    'roles_are_assumed_and_chained',
    'session_policies_narrow',
    'profiles_follow_roles',
    'pages_are_turned',
    'waiters_see_what_is_there',
    'resources_walk',
    'numbers_and_booleans_are_such',
    'parameters_are_checked_by_both',
    'cluster_tokens_tell_who_asks',
  ],
  'boto_iam.py': [
    'passwords',
    'second_factors',
    'keys_and_certificates_of_users',
    'server_certificates',
    'identity_providers',
    'what_an_account_is',
    'reports',
    'roles_of_services',
    'instance_profiles',
    'tags_of_all_eight_kinds',
    'simulations',
    'who_holds_a_policy',
    'what_there_is_not',
  ],
  'boto_organizations.py': [
    'an_organization_is_founded',
    'accounts_are_made_and_waited_for',
    'pages_are_turned',
    'refusals_have_reasons',
    'ceilings_hold',
    'policies_are_inherited',
  ],
}

describe.skipIf(!hasBoto3)(`boto3${leftOut}`, () => {
  let running: Running
  let folder: string
  const outcomes = new Map<string, Readonly<Record<string, string>>>()

  beforeAll(async () => {
    running = await startRolecall({ args: ['--account-id', home] })
    const env = await envOf(running)
    const own = actorOf(env)
    await makeRole(own, 'py-profile', trusting(home), { MaxSessionDuration: 7_200 })
    await makeRole(own, 'py-chained', trusting(home))
    const PolicyDocument = textOf(allow('sts:AssumeRole'))
    await own.iam.send(new PutRolePolicyCommand({ RoleName: 'py-profile', PolicyName: 'assume', PolicyDocument }))

    folder = mkdtempSync(join(tmpdir(), 'rolecall-boto3-'))
    const config = join(folder, 'config')
    writeFileSync(
      config,
      `[profile admin]
aws_access_key_id = ${env.accessKeyId}
aws_secret_access_key = ${env.secretAccessKey}

[profile py-profile]
role_arn = arn:aws:iam::${home}:role/py-profile
source_profile = admin
role_session_name = by-profile
duration_seconds = 7200

[profile py-chained]
role_arn = arn:aws:iam::${home}:role/py-chained
source_profile = py-profile
role_session_name = chained
`,
    )
    const authority = issue('root', undefined, Date.now())
    const leaf = issue('www', authority, Date.now())
    const key = sshKey(2048)
    for (const [name, content] of Object.entries({
      'root.pem': authority.certificate,
      'leaf.pem': leaf.certificate,
      'leaf.key': leaf.key,
      'other.key': authority.key,
      'own.pem': issue('own', undefined, Date.now()).certificate,
      'key.pub': key.ssh,
      'key.pem': key.pem,
      'metadata.xml': samlMetadata(),
    }))
      writeFileSync(join(folder, name), content)
    const environment = {
      AWS_ENDPOINT_URL: env.endpoint,
      AWS_DEFAULT_REGION: env.region,
      AWS_ACCESS_KEY_ID: env.accessKeyId,
      AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
      PYTHONDONTWRITEBYTECODE: '1',
      FILES: folder,
      HOME: folder,
    }
    for (const script of Object.keys(checks)) {
      const ran = await run('python3', [join(here, script)], environment)
      if (ran.code !== 0) throw new Error(ran.stderr)
      outcomes.set(script, JSON.parse(ran.stdout))
    }
  })
  afterAll(async () => {
    await discard(running)
    rmSync(folder, { recursive: true, force: true })
  })

  for (const [script, named] of Object.entries(checks)) {
    describe(script, () => {
      test.each(named)('%s', (check) => {
        expect(outcomes.get(script)?.[check]).toBe('ok')
      })
      test('and no other check is left unread', () => {
        expect(Object.keys(outcomes.get(script) ?? {}).sort()).toEqual([...named].sort())
      })
    })
  }
})
