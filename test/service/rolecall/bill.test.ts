import { beforeEach, describe, expect, test } from 'vitest'
import type { Keys, Part } from '../../clients/call.ts'
import { allow, home, keysOf, noon, other, policy, roleArn, Scene } from '../../gate/scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})

const day = 86_400_000
const november = { Month: '2026-11' }
const linesIn = (result: Part) =>
  (result.Lines as unknown as readonly Readonly<Record<string, unknown>>[]).map(
    ({ AccountId, OwnerId, Reason, Service, Operation, Calls, Failed, Cost }) => [
      [AccountId, OwnerId, Reason, Service, Operation ?? '-'].join(' '),
      Calls,
      Failed,
      Cost,
    ],
  )
const billOf = async (keys: Keys, parameters: Readonly<Record<string, string>> = november) =>
  scene.done(keys, 'rolecall', 'GetBill', parameters)

describe('GetBill', () => {
  test('sums what an account is billed for, at what AWS charges', async () => {
    const ann = await scene.user('ann', allow('iam:ListUsers'))
    const before = linesIn(await billOf(scene.administrator))
    await scene.done(ann, 'iam', 'ListUsers')
    await scene.done(ann, 'iam', 'ListUsers')
    expect((await scene.call(ann, 'iam', 'ListRoles')).code).toBe('AccessDenied')
    const result = await billOf(scene.administrator)
    expect(result).toMatchObject({ AccountId: home, PayerAccountId: home, Month: '2026-11', IsTruncated: false })
    const line = (operation: string) => `${home} ${home} own-call iam ${operation}`
    const after = linesIn(result)
    expect(before.filter(([what]) => what === line('ListUsers') || what === line('-'))).toEqual([])
    expect(after).toContainEqual([line('ListUsers'), 2, 0, '0.00'])
    expect(after).toContainEqual([line('-'), 0, 1, '0.00'])
  })

  test('knows months by UTC, and is about the present one where none is named', async () => {
    scene.now = Date.UTC(2026, 10, 30, 23, 59, 59, 999)
    await scene.done(scene.administrator, 'iam', 'ListUsers')
    scene.now = Date.UTC(2026, 11, 1)
    await scene.done(scene.administrator, 'iam', 'ListRoles')
    const operations = async (parameters: Readonly<Record<string, string>>) =>
      linesIn(await billOf(scene.administrator, parameters)).map(([what]) => String(what).split(' ').at(-1))
    expect(await operations(november)).toEqual(['ListUsers'])
    expect(await operations({ Month: '2026-10' })).toEqual([])
    expect(await operations({})).toEqual(['ListRoles', 'GetBill'])
    expect((await billOf(scene.administrator, {})).Month).toBe('2026-12')
    scene.now = noon + 400 * day
    expect(await operations(november)).toEqual(['ListUsers'])
  })

  test.each([
    ['2026-00', '2026-00 is no month: it is written as 2026-11.'],
    ['2026-13', '2026-13 is no month: it is written as 2026-11.'],
    ['1969-12', '1969-12 is no month: it is written as 2026-11.'],
  ])('refuses %s', async (Month, message) => {
    const { code, message: said } = await scene.call(scene.administrator, 'rolecall', 'GetBill', { Month })
    expect([code, said]).toEqual(['ValidationError', message])
  })

  test('is asked for on the bill of the month', async () => {
    const bill = `arn:aws:rolecall::${home}:bill/2026-11`
    const ann = await scene.user('ann', policy({ Effect: 'Allow', Action: 'rolecall:GetBill', Resource: bill }))
    expect((await billOf(ann)).AccountId).toBe(home)
    expect((await scene.call(ann, 'rolecall', 'GetBill')).status).toBe(200)
    const { code, message } = await scene.call(ann, 'rolecall', 'GetBill', { Month: '2026-10' })
    expect(code).toBe('AccessDenied')
    expect(message).toContain('rolecall:GetBill')
    expect(message).toContain(`arn:aws:rolecall::${home}:bill/2026-10`)
  })

  test('between accounts counts a session’s beginning for the caller, and what it does for the role’s account', async () => {
    const theirs = keysOf(await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other }))
    await scene.done(theirs, 'iam', 'CreateRole', {
      RoleName: 'app',
      AssumeRolePolicyDocument: JSON.stringify(
        policy({ Effect: 'Allow', Principal: { AWS: home }, Action: 'sts:AssumeRole' }),
      ),
    })
    const ann = await scene.user('ann', allow('*'))
    const RoleArn = roleArn('app').replace(home, other)
    const { Credentials } = await scene.done(ann, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'one' })
    await scene.done(keysOf(Credentials), 'sts', 'GetCallerIdentity')
    const began = [`${home} ${other} session-began sts AssumeRole`, 1, 0, '0.00']
    const acted = [`${other} ${other} role-session sts GetCallerIdentity`, 1, 0, '0.00']
    const stsOf = async (keys: Keys) => linesIn(await billOf(keys)).filter(([what]) => String(what).includes(' sts '))
    expect(await stsOf(scene.administrator)).toEqual([began])
    expect(await stsOf(theirs)).toEqual([began, acted])
  })
})
