import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../clients/call.ts'
import { discard, envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'

let running: Running
beforeAll(async () => {
  running = await startRolecall()
})
afterAll(() => discard(running))

const quota = (...args: readonly string[]) => rolecall(['quota', ...args, '--data', running.data])
const lineOf = (text: string, name: string) => text.split('\n').find((line) => line.startsWith(name))

describe('rolecall quota', () => {
  test('lists what is allowed, used and left', async () => {
    const { code, stdout } = await quota('ls')
    expect(code).toBe(0)
    expect(lineOf(stdout, 'QUOTA')).toMatch(/^QUOTA +LIMIT +USED +LEFT$/)
    expect(lineOf(stdout, 'UsersQuota')).toMatch(/^UsersQuota +5000 +1 +4999$/)
    expect(lineOf(stdout, 'AccessKeysPerUserQuota')).toMatch(/ 2 +1 +1 {2}most: user administrator$/)
  })

  test('gives an account limits of its own, by names in any case, and puts AWS’s back', async () => {
    expect((await quota('set', 'usersquota', '1')).stdout).toBe('UsersQuota is 1\n')
    const env = await envOf(running)
    const made = await call(running.endpoint, env, 'iam', 'CreateUser', { UserName: 'ann' })
    expect([made.code, made.message]).toEqual(['LimitExceeded', 'Cannot exceed quota for UsersPerAccount: 1'])
    expect(lineOf((await quota('ls')).stdout, 'UsersQuota')).toMatch(/ 1 +1 +0 {2}AWS’s default: 5000$/)
    const rows = JSON.parse((await quota('ls', '--json')).stdout) as readonly { name: string }[]
    expect(rows.find(({ name }) => name === 'UsersQuota')).toEqual({
      name: 'UsersQuota',
      limit: 1,
      default: 5000,
      used: 1,
      left: 0,
    })
    expect((await quota('reset', 'UsersQuota')).stdout).toBe('UsersQuota is AWS’s default\n')
    expect((await quota('reset')).stdout).toBe('every quota is AWS’s default\n')
    expect(lineOf((await quota('ls')).stdout, 'UsersQuota')).toMatch(/ 5000 /)
  })

  test('works on another account', async () => {
    await rolecall(['account', 'create', '--id', '012345678901', '--data', running.data])
    expect((await quota('set', 'RolesQuota', '7', '--account', '012345678901')).code).toBe(0)
    expect(lineOf((await quota('ls', '--account', '012345678901')).stdout, 'RolesQuota')).toMatch(/ 7 /)
    expect(lineOf((await quota('ls')).stdout, 'RolesQuota')).toMatch(/ 1000 /)
  })

  test.each([
    ['a quota that there is not', ['set', 'Beers', '1'], 1, /there is no quota 'Beers'\. There are:\n {2}UsersQuota/],
    [
      'more than there can be',
      ['set', 'RolesPerInstanceProfile', '2'],
      1,
      /QuotaOutOfRange: RolesPerInstanceProfile can be 0 to 1\./,
    ],
    ['what is no number', ['set', 'UsersQuota', 'many'], 2, /A limit is a whole number\./],
    [
      'an account that there is not',
      ['ls', '--account', '999999999999'],
      1,
      /NoSuchAccount: There is no account 999999999999\./,
    ],
  ])('refuses %s', async (_what, args, exit, words) => {
    const { code, stderr } = await quota(...args)
    expect(code).toBe(exit)
    expect(stderr).toMatch(words)
  })
})
