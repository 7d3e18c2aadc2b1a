import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, allow, makeRole, makeUser, statement, textOf, trusting } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws, refusedCodes, type Terminal, terminalIn, variables } from './aws.ts'
import { discard, type Env, envOf, type Ran, type Running, run, startRolecall } from './process.ts'

/** The stock aws CLI, typed as people type it: what it prints, what it complains of, and how it ends. */
const home = '012345678901'
describe.skipIf(!hasAws)(`the aws CLI${leftOut}`, () => {
  let aws: Aws
  let running: Running
  let administrator: Actor
  let nobody: Actor & { readonly arn: string }
  let folder: string
  let terminal: Terminal

  beforeAll(async () => {
    aws = await openAws()
    running = await startRolecall({ args: ['--account-id', home] })
    administrator = actorOf(await envOf(running))
    nobody = await makeUser(administrator, 'nobody')
    folder = mkdtempSync(join(tmpdir(), 'rolecall-cli-'))
    terminal = terminalIn(folder, aws, administrator.env)
    for (const [name, document] of Object.entries({
      policy: allow(['s3:GetObject', 's3:ListBucket'], ['arn:aws:s3:::my-bucket', 'arn:aws:s3:::my-bucket/*']),
      trust: trusting(home),
      'trust-ec2': statement({
        Effect: 'Allow',
        Principal: { Service: 'ec2.amazonaws.com' },
        Action: 'sts:AssumeRole',
      }),
      nothing: { Version: '2012-10-17' },
    })) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(document, null, 2))
    }
  })
  afterAll(async () => {
    aws.close()
    await discard(running)
    rmSync(folder, { recursive: true, force: true })
  })

  const as = (env: Env, line: string): Promise<Ran> => terminal.run(line, env)
  const text = (line: string, env?: Env) => terminal.text(line, env)
  const json = (line: string, env?: Env) => terminal.json(line, env)
  /** Typed wrong: 2 of the first generation, 252 of the second. */
  const usageCodes = [2, 252]

  /** Whoever has set AWS_ENDPOINT_URL asks this authority for everything: each CLI must be able to read that it is not here. */
  test.each<[string, string, string]>([
    ['s3', 's3 ls', 'UnknownOperationException'],
    ['s3', 's3api put-object --bucket b --key k', 'UnknownOperationException'],
    ['ec2', 'ec2 describe-instances', 'UnknownOperationException'],
    ['lambda', 'lambda list-functions', 'UnknownOperationException'],
    ['dynamodb', 'dynamodb list-tables', 'UnknownOperationException'],
    ['kms', 'kms list-keys', 'UnknownOperationException'],
    ['sns', 'sns list-topics', 'InvalidAction'],
    ['route53', 'route53 list-hosted-zones', 'UnknownOperationException'],
  ])('%s is not served here: %s', async (service, line, code) => {
    const said = await terminal.refused(line)
    expect(said).toContain(`(${code})`)
    expect(said).toContain(`This authority serves iam, sts, organizations, cloudtrail, rolecall, and not ${service}.`)
  })

  describe('walks', () => {
    test('over users, their keys and tags', async () => {
      const { User } = await json('iam create-user --user-name walker --path /w/ --tags Key=team,Value=red')
      expect(User).toMatchObject({ Arn: `arn:aws:iam::${home}:user/w/walker`, Tags: [{ Key: 'team', Value: 'red' }] })
      await text('iam wait user-exists --user-name walker')
      expect(await text('iam tag-user --user-name walker --tags Key=a,Value=b')).toBe('')
      expect(await text('iam list-user-tags --user-name walker --query Tags[].Key --output text')).toBe('a\tteam\n')
      const { AccessKey } = await json('iam create-access-key --user-name walker')
      const env = {
        ...administrator.env,
        accessKeyId: AccessKey.AccessKeyId,
        secretAccessKey: AccessKey.SecretAccessKey,
      }
      expect(await json('sts get-caller-identity', env)).toEqual({
        UserId: User.UserId,
        Account: home,
        Arn: `arn:aws:iam::${home}:user/w/walker`,
      })
      const key = `--user-name walker --access-key-id ${AccessKey.AccessKeyId}`
      expect(await text(`iam update-access-key ${key} --status Inactive`)).toBe('')
      const { code, stderr } = await as(env, 'sts get-caller-identity')
      expect(refusedCodes).toContain(code)
      expect(stderr.trim()).toBe(
        'An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.',
      )
      await text(`iam delete-access-key ${key}`)
      await text('iam update-user --user-name walker --new-user-name runner --new-path /r/')
      expect(await text('iam get-user --user-name runner --query User.[UserId,Arn] --output text')).toBe(
        `${User.UserId}\tarn:aws:iam::${home}:user/r/runner\n`,
      )
      await text('iam delete-user --user-name runner')
    })

    test('over policies, their versions and who has them', async () => {
      const { Policy } = await json('iam create-policy --policy-name walk --policy-document file://policy.json')
      expect(Object.keys(Policy).sort()).toEqual([
        'Arn',
        'AttachmentCount',
        'CreateDate',
        'DefaultVersionId',
        'IsAttachable',
        'Path',
        'PermissionsBoundaryUsageCount',
        'PolicyId',
        'PolicyName',
        'UpdateDate',
      ])
      expect(Policy.CreateDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)$/)
      await text('iam create-group --group-name walk')
      expect(await text(`iam attach-group-policy --group-name walk --policy-arn ${Policy.Arn}`)).toBe('')
      expect(await text(`iam get-policy --policy-arn ${Policy.Arn} --query Policy.AttachmentCount`)).toBe('1\n')
      await text(
        `iam create-policy-version --policy-arn ${Policy.Arn} --policy-document file://policy.json --set-as-default`,
      )
      const version = await json(`iam get-policy-version --policy-arn ${Policy.Arn} --version-id v2`)
      expect(version.PolicyVersion.Document.Statement[0].Action).toEqual(['s3:GetObject', 's3:ListBucket'])
      await text(`iam delete-policy-version --policy-arn ${Policy.Arn} --version-id v1`)
      const entities = await json(`iam list-entities-for-policy --policy-arn ${Policy.Arn}`)
      expect(entities.PolicyGroups).toMatchObject([{ GroupName: 'walk' }])
      await text(`iam detach-group-policy --group-name walk --policy-arn ${Policy.Arn}`)
      await text('iam put-group-policy --group-name walk --policy-name in --policy-document file://policy.json')
      const inline = await json('iam get-group-policy --group-name walk --policy-name in')
      expect(inline.PolicyDocument.Version).toBe('2012-10-17')
      await text('iam delete-group-policy --group-name walk --policy-name in')
      await text('iam delete-group --group-name walk')
      await text(`iam delete-policy --policy-arn ${Policy.Arn}`)
    })

    test('over roles, sessions of them and instance profiles', async () => {
      const { Role } = await json(
        'iam create-role --role-name walk --assume-role-policy-document file://trust.json --max-session-duration 7200',
      )
      expect(Role.AssumeRolePolicyDocument).toEqual(trusting(home))
      const assume = `sts assume-role --role-arn ${Role.Arn} --role-session-name from-cli`
      const { Credentials, AssumedRoleUser } = await json(`${assume} --duration-seconds 7200`)
      expect(AssumedRoleUser).toEqual({
        AssumedRoleId: `${Role.RoleId}:from-cli`,
        Arn: `arn:aws:sts::${home}:assumed-role/walk/from-cli`,
      })
      const session = {
        ...administrator.env,
        accessKeyId: Credentials.AccessKeyId,
        secretAccessKey: Credentials.SecretAccessKey,
        sessionToken: Credentials.SessionToken,
      }
      expect(await text('sts get-caller-identity --query Arn --output text', session)).toBe(
        `arn:aws:sts::${home}:assumed-role/walk/from-cli\n`,
      )
      const refused = await as(session, 'iam list-users')
      expect(refusedCodes).toContain(refused.code)
      expect(refused.stderr.trim()).toBe(
        `An error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:sts::${home}:assumed-role/walk/from-cli is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${home}:user/ because no identity-based policy allows the iam:ListUsers action`,
      )
      await text('iam update-assume-role-policy --role-name walk --policy-document file://trust-ec2.json')
      await text('iam create-instance-profile --instance-profile-name walk')
      await text('iam add-role-to-instance-profile --instance-profile-name walk --role-name walk')
      expect(
        await text(
          'iam get-instance-profile --instance-profile-name walk --query InstanceProfile.Roles[].RoleName --output text',
        ),
      ).toBe('walk\n')
      await text('iam remove-role-from-instance-profile --instance-profile-name walk --role-name walk')
      await text('iam delete-instance-profile --instance-profile-name walk')
      await text('iam delete-role --role-name walk')
      const ended = await as(session, 'sts get-caller-identity')
      expect(ended.stderr).toContain('(InvalidClientTokenId)')
    })

    test('over lists, page by page', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        await text(`iam create-instance-profile --instance-profile-name page-${name} --path /page/`)
      }
      const list = 'iam list-instance-profiles --path-prefix /page/ --page-size 2'
      const names = '--query InstanceProfiles[].InstanceProfileName --output text'
      expect(await text(`${list} ${names}`)).toBe('page-a\tpage-b\npage-c\tpage-d\npage-e\n')
      const first = await json(`${list} --max-items 3`)
      expect(first.InstanceProfiles.length).toBe(3)
      const rest = await json(`${list} --starting-token ${first.NextToken}`)
      expect(rest.InstanceProfiles.map((one: { InstanceProfileName: string }) => one.InstanceProfileName)).toEqual([
        'page-d',
        'page-e',
      ])
    })

    test('to a cluster, with a token that tells who asks', async () => {
      const { status } = await json('eks get-token --cluster-name my-cluster')
      const url = Buffer.from(status.token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString()
      expect(url.startsWith(running.endpoint)).toBe(true)
      const headers = { 'x-k8s-aws-id': 'my-cluster', accept: 'application/json' }
      const answer = JSON.parse(await (await fetch(url, { headers })).text())
      expect(answer.GetCallerIdentityResponse.GetCallerIdentityResult.Arn).toBe(
        `arn:aws:iam::${home}:user/administrator`,
      )
      expect((await fetch(url, { headers: { ...headers, 'x-k8s-aws-id': 'other' } })).status).toBe(403)
    })
  })

  describe('is told no in AWS’s words', () => {
    test.each([
      ['iam get-user --user-name none', 'NoSuchEntity', 'GetUser', 'The user with name none cannot be found.'],
      [
        'iam create-user --user-name ADMINISTRATOR',
        'EntityAlreadyExists',
        'CreateUser',
        /^User with name \S+ already exists\.$/,
      ],
      [
        'iam delete-user --user-name administrator',
        'DeleteConflict',
        'DeleteUser',
        'Cannot delete entity, must detach all policies first.',
      ],
      [
        'iam create-policy --policy-name x --policy-document file://nothing.json',
        'MalformedPolicyDocument',
        'CreatePolicy',
        'Syntax errors in policy.',
      ],
      [
        'iam create-role --role-name x --assume-role-policy-document {',
        'MalformedPolicyDocument',
        'CreateRole',
        'This policy contains invalid Json',
      ],
      [
        `sts assume-role --role-arn arn:aws:iam::${home}:role/none --role-session-name s1`,
        'AccessDenied',
        'AssumeRole',
        `User: arn:aws:iam::${home}:user/administrator is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${home}:role/none`,
      ],
      [
        'iam create-user --user-name a/b',
        'ValidationError',
        'CreateUser',
        'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
      ],
      [
        'iam create-delegation-request --description words --permissions PolicyTemplateArn=arn:aws:iam::aws:delegation-template/t --requestor-workflow-id 12345 --notification-channel arn:aws:sns:us-east-1:111122223333:t --session-duration 3600',
        'InvalidInput',
        'CreateDelegationRequest',
        `Policy template arn:aws:iam::aws:delegation-template/t is not registered for account ${home}.`,
      ],
    ])('%s', async (line, code, operation, message) => {
      const ran = await as(administrator.env, line)
      expect(refusedCodes).toContain(ran.code)
      expect(ran.stdout).toBe('')
      const told = ran.stderr.trim()
      const opening = `An error occurred (${code}) when calling the ${operation} operation: `
      expect(told.slice(0, opening.length)).toBe(opening)
      if (typeof message === 'string') expect(told.slice(opening.length)).toBe(message)
      else expect(told.slice(opening.length)).toMatch(message)
    })

    test.each([
      ['iam list-users', 'iam:ListUsers', `arn:aws:iam::${home}:user/`],
      [
        'iam create-role --role-name x --assume-role-policy-document {}',
        'iam:CreateRole',
        `arn:aws:iam::${home}:role/x`,
      ],
      ['iam get-role --role-name none', 'iam:GetRole', 'role none'],
      ['sts get-access-key-info --access-key-id AKIAIOSFODNN7EXAMPLE', 'sts:GetAccessKeyInfo', undefined],
    ])('a user who may nothing: %s', async (line, action, resource) => {
      const ran = await as(nobody.env, line)
      expect(refusedCodes).toContain(ran.code)
      expect(ran.stderr).toContain('An error occurred (AccessDenied) when calling the ')
      expect(ran.stderr).toContain(`User: ${nobody.arn} is not authorized to perform: ${action}`)
      if (resource !== undefined) {
        expect(ran.stderr.trim()).toMatch(
          new RegExp(` on resource: ${resource} because no identity-based policy allows the ${action} action$`),
        )
      }
    })
  })

  test('as a process of its own, as a shell has it', async () => {
    const env = variables(administrator.env, folder)
    const [good, bad] = await Promise.all([
      run('aws', ['sts', 'get-caller-identity', '--output', 'text', '--query', 'Arn'], env),
      run('aws', ['iam', 'get-role', '--role-name', 'none'], env),
    ])
    expect(good).toEqual({ code: 0, stdout: `arn:aws:iam::${home}:user/administrator\n`, stderr: '' })
    expect(refusedCodes).toContain(bad.code)
    expect(bad.stderr.trim()).toBe(
      'An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name none cannot be found.',
    )
  })

  test('what is wrong with the command itself is its own affair, and never reaches us', async () => {
    const ran = await as(administrator.env, 'iam create-user')
    expect(usageCodes).toContain(ran.code)
    expect(ran.stderr).toContain('--user-name')
  })

  test('a role by its name and by nothing else: help from the command line to it', async () => {
    await makeRole(administrator, 'by-env', textOf(trusting(home)))
    const session = await envOf(running, ['--role', 'by-env'])
    expect(await text('sts get-caller-identity --query Arn --output text', session)).toMatch(
      /^arn:aws:sts::012345678901:assumed-role\/by-env\/\S+\n$/,
    )
  })
})
