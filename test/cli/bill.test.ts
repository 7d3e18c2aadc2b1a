import { ListUsersCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import {
  AcceptHandshakeCommand,
  CreateOrganizationCommand,
  InviteAccountToOrganizationCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tableOf } from '../../src/cli/bill-table.ts'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  textOf,
  trusting,
} from '../clients/actor.ts'
import { clientOf, discard, envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'

const a = '111111111111'
const b = '222222222222'
let running: Running
let owner: Actor
let month = ''

/** A user of A becomes a role of B, and acts there. */
beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', a] })
  const here = actorOf(await envOf(running))
  owner = (await makeAccount(running, b)).administrator
  await makeRole(owner, 'deploy', trusting(a))
  await owner.iam.send(
    new PutRolePolicyCommand({ RoleName: 'deploy', PolicyName: 'p', PolicyDocument: textOf(allow('iam:List*')) }),
  )
  const ann = await makeUser(here, 'ann', allow('sts:AssumeRole'))
  const session = await assume(ann, `arn:aws:iam::${b}:role/deploy`)
  for (let call = 0; call < 3; call++) await session.iam.send(new ListUsersCommand({}))
  await session.sts.send(new GetCallerIdentityCommand({}))
  expect((await refusal(ann.iam.send(new ListUsersCommand({})))).code).toBe('AccessDenied')
  month = new Date().toISOString().slice(0, 7)
})
afterAll(() => discard(running))

const bill = (...args: readonly string[]) => rolecall(['bill', '--month', month, ...args, '--data', running.data])
const rowsOf = (text: string) => text.split('\n').map((line) => line.replace(/ {2,}/g, '|'))

describe('rolecall bill', () => {
  test('B pays for what a user of A does as its role, and A for the one call that is free', async () => {
    const { code, stdout, stderr } = await bill('--by', 'operation')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const rows = rowsOf(stdout)
    expect(rows[0]).toBe('ACCOUNT|SERVICE|OPERATION|CALLS|FAILED|USD|WHY THIS ACCOUNT')
    expect(rows).toContain(`${a}|sts|AssumeRole|1|0|0.00|its own call into ${b}, counted once, here`)
    expect(rows).toContain(`${b}|iam|ListUsers|3|0|0.00|sessions of its roles act as the account`)
    expect(rows).toContain(`${b}|sts|GetCallerIdentity|1|0|0.00|sessions of its roles act as the account`)
    expect(rows).toContain(`${a}|iam|(failed)|0|1|0.00|its own calls`)
    expect(rows.filter((row) => row.includes('AssumeRole'))).toHaveLength(1)
    expect(stdout).toContain('0.00 USD in all\n')
    expect(stdout.replace(/\n/g, ' ')).toContain(
      `1 sts call in the trail of ${b} is on the bill of ${a}, which made it or owns what was used.`,
    )
  })

  test('sums by service, for one account where one is named', async () => {
    const rows = rowsOf((await bill('--account', b)).stdout)
    expect(rows[0]).toBe('ACCOUNT|SERVICE|CALLS|FAILED|USD|WHY THIS ACCOUNT')
    expect(rows).toContain(`${b}|iam|3|0|0.00|sessions of its roles act as the account`)
    expect(rows.filter((row) => row.startsWith(a))).toEqual([])
  })

  test('puts the reason under its row on a terminal that is too narrow for both', () => {
    const line = { trail: b, account: b, owner: b, service: 'iam', calls: 3, failed: 0, cost: '0.00' }
    const bills = [{ account: b, payer: a, month: '2026-11', lines: [{ ...line, reason: 'role-session' }] }]
    expect(tableOf(bills, 'service', 50)).toEqual([
      'ACCOUNT       SERVICE  CALLS  FAILED   USD',
      `${b}  iam          3       0  0.00`,
      '    sessions of its roles act as the account',
      '0.00 USD in all',
      `The bill of ${b} goes to ${a},`,
      'which manages its organization.',
    ])
    expect(tableOf(bills, 'service', 90)[1]).toBe(
      `${b}  iam          3       0  0.00  sessions of its roles act as the account`,
    )
  })

  test('is told as CSV with the columns of AWS’s cost reports', async () => {
    const { stdout } = await bill('--csv')
    const [columns, ...rows] = stdout.trimEnd().split('\n')
    expect(columns).toBe(
      'bill/PayerAccountId,lineItem/UsageAccountId,lineItem/ProductCode,lineItem/Operation,lineItem/UsageType,lineItem/UsageAmount,lineItem/UnblendedCost,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/LineItemDescription',
    )
    const [year = 0, number = 0] = month.split('-').map(Number)
    const end = new Date(Date.UTC(year, number)).toISOString().slice(0, 10)
    const span = `${month}-01T00:00:00Z,${end}T00:00:00Z`
    expect(rows).toContain(
      `${b},${b},iam,ListUsers,Requests,3,0.00,${span},$0.00 per request - sessions of its roles act as the account`,
    )
    expect(rows).toContain(
      `${a},${a},sts,AssumeRole,Requests,1,0.00,${span},"$0.00 per request - its own call into ${b}, counted once, here"`,
    )
    expect(rows.filter((row) => row.includes('AssumeRole'))).toHaveLength(1)
  })

  test('is told as JSON, and by address with the keys of an account', async () => {
    const { accessKeyId, secretAccessKey } = owner.env
    const { stdout } = await rolecall(
      ['bill', '--month', month, '--by', 'operation', '--json', '--endpoint', running.endpoint],
      { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    )
    const [told, ...more] = JSON.parse(stdout)
    expect(more).toEqual([])
    expect(told).toMatchObject({ account: b, payer: b, month })
    expect(told.lines).toContainEqual({
      trail: b,
      account: a,
      owner: b,
      reason: 'session-began',
      service: 'sts',
      operation: 'AssumeRole',
      calls: 1,
      failed: 0,
      cost: '0.00',
    })
  })

  test('refuses a month that has not begun', async () => {
    const { code, stdout, stderr } = await rolecall(['bill', '--month', '9999-12', '--data', running.data])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^rolecall: 9999-12 has not begun: it is \d{4}-\d\d, in UTC\n$/)
  })

  test('says so where nothing was called', async () => {
    expect(await rolecall(['bill', '--month', '2001-01', '--data', running.data])).toEqual({
      code: 0,
      stdout: 'no calls\n',
      stderr: '',
    })
  })

  test.each([
    [['--month', '2026-13'], /A month is written as 2026-11\./],
    [['--by', 'day'], /service, operation/],
    [['--csv', '--json'], /give one of --csv and --json/],
  ])('%j is typed wrong', async (args, said) => {
    const { code, stderr } = await rolecall(['bill', ...args, '--data', running.data])
    expect(code).toBe(2)
    expect(stderr).toMatch(said)
  })

  test('of an organization the bill goes to the account that manages it', async () => {
    const manager = new OrganizationsClient(clientOf(await envOf(running)))
    await manager.send(new CreateOrganizationCommand({ FeatureSet: 'CONSOLIDATED_BILLING' }))
    const { Handshake } = await manager.send(
      new InviteAccountToOrganizationCommand({ Target: { Id: b, Type: 'ACCOUNT' } }),
    )
    await new OrganizationsClient(clientOf(owner.env)).send(new AcceptHandshakeCommand({ HandshakeId: Handshake?.Id }))
    const rows = (await bill('--csv')).stdout.split('\n')
    expect(rows.filter((row) => row.startsWith(`${a},${b},iam,ListUsers,Requests,3,`))).toHaveLength(1)
    expect((await bill()).stdout.replace(/\n/g, ' ')).toContain(
      `The bill of ${b} goes to ${a}, which manages its organization.`,
    )
  })
})
