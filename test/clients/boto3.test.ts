import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actorOf, allow, makeRole, textOf, trusting } from './actor.ts'
import { discard, envOf, have, type Running, root, run, startRolecall } from './process.ts'

/** boto3's own view: `boto.py` beside this file makes the calls, this one has the outcome of each. */
const home = '012345678901'
const hasBoto3 = await have('python3', ['-c', 'import boto3'])

const leftOut = hasBoto3 ? '' : ' (left out: python3 has no boto3 here)'
if (!hasBoto3) console.warn(`tests with boto3${leftOut}`)

describe.skipIf(!hasBoto3)(`boto3${leftOut}`, () => {
  let running: Running
  let folder: string
  let outcome: Readonly<Record<string, string>>

  beforeAll(async () => {
    running = await startRolecall({ args: ['--account-id', home] })
    const env = await envOf(running)
    const here = actorOf(env)
    await makeRole(here, 'py-profile', trusting(home), { MaxSessionDuration: 7_200 })
    await makeRole(here, 'py-chained', trusting(home))
    const PolicyDocument = textOf(allow('sts:AssumeRole'))
    await here.iam.send(new PutRolePolicyCommand({ RoleName: 'py-profile', PolicyName: 'assume', PolicyDocument }))

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
    const ran = await run('python3', [join(root, 'test', 'clients', 'boto.py')], {
      AWS_ENDPOINT_URL: env.endpoint,
      AWS_DEFAULT_REGION: env.region,
      AWS_ACCESS_KEY_ID: env.accessKeyId,
      AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
      PYTHONDONTWRITEBYTECODE: '1',
      HOME: folder,
    })
    if (ran.code !== 0) throw new Error(ran.stderr)
    outcome = JSON.parse(ran.stdout)
  })
  afterAll(async () => {
    await discard(running)
    rmSync(folder, { recursive: true, force: true })
  })

  const checks = [
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
  ]
  test.each(checks)('%s', (check) => {
    expect(outcome[check]).toBe('ok')
  })
  test('and no other check is left unread', () => {
    expect(Object.keys(outcome).sort()).toEqual([...checks].sort())
  })
})
