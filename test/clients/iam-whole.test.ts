import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IamCalls } from '../../src/model/calls/iam.ts'
import { loadService } from '../../src/model/service.ts'
import type { Shape } from '../../src/model/shape.ts'
import { accounts, refused } from './iam/account.ts'
import { credentials } from './iam/credential.ts'
import { groups } from './iam/group.ts'
import { never } from './iam/never.ts'
import { policies } from './iam/policy.ts'
import { providers } from './iam/provider.ts'
import { roles } from './iam/role.ts'
import { home, type Row, Stage } from './iam/stage.ts'
import { tags } from './iam/tag.ts'
import { users } from './iam/user.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'
import { type Heard, listeners } from './watch.ts'

/**
 * Every operation of AWS's model, driven by AWS's own client, with every body held against the model on its way (`watch.ts`). A row
 * that is missing does not compile; one that does not get its answer fails; and at the end, whatever the model has that was never
 * seen is named, with its reason.
 */
const rows: Readonly<Record<keyof IamCalls, Row>> = {
  ...users,
  ...groups,
  ...roles,
  ...policies,
  ...tags,
  ...credentials,
  ...providers,
  ...accounts,
  ...refused,
}
const model = loadService('iam')
const names = [...model.operations.keys()]
const isRefused = (name: string): boolean => Object.hasOwn(refused, name)

let running: Running
let stage: Stage
const heard: Heard[] = []
const hear = (one: Heard) => void heard.push(one)

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  stage = new Stage(await envOf(running))
  listeners.add(hear)
})
afterAll(() => {
  listeners.delete(hear)
  return discard(running)
})

test('there are 176 of them, and each has its row', () => {
  expect(names).toHaveLength(176)
  expect(Object.keys(rows).sort()).toEqual(names.toSorted())
})

const play = async (name: string): Promise<readonly Heard[]> => {
  const before = heard.length
  await Object.entries(rows).find(([operation]) => operation === name)?.[1](stage)
  return heard.slice(before).filter(({ operation }) => operation === name)
}

describe('is answered in its shape:', () => {
  test.each(names.filter((name) => !isRefused(name)))('%s', async (name) => {
    const answers = (await play(name)).filter(({ status }) => status === 200)
    expect(answers.length).toBeGreaterThan(0)
  })
})

describe('is refused, as is right, in the form of an error:', () => {
  test.each(Object.keys(refused))('%s', async (name) => {
    const answers = await play(name)
    expect(answers.length).toBeGreaterThan(0)
    expect(answers.filter(({ code }) => code === undefined)).toEqual([])
  })
})

/** Every path that a shape has. */
function pathsOf(shape: Shape, path: string): readonly string[] {
  switch (shape.type) {
    case 'structure':
      return shape.members.flatMap((member) => {
        const at = path === '' ? member.name : `${path}.${member.name}`
        return [at, ...pathsOf(member.shape, at)]
      })
    case 'list':
      return [`${path}[]`, ...pathsOf(shape.element.shape, `${path}[]`)]
    case 'map':
      return [`${path}{}`]
    default:
      return []
  }
}

const beneath = (path: string, top: string): boolean => path === top || /^[.[{]/.test(path.slice(top.length))

describe('at the end', () => {
  const of = (name: string) => heard.filter(({ operation }) => operation === name)

  test('whatever an answer can hold was seen in one, or has a reason', () => {
    const seen = new Set<string>()
    const unseen = new Set<string>()
    for (const name of names) {
      const output = model.operation(name)?.output
      if (output === undefined || isRefused(name)) continue
      const members = new Set(of(name).flatMap((one) => [...one.members]))
      for (const path of pathsOf(output, '')) (members.has(path) ? seen : unseen).add(`${name} ${path}`)
    }
    expect(seen.size).toBeGreaterThan(500)
    const tops = never.flatMap(({ paths }) => paths)
    const named = (path: string) => tops.some((top) => path.startsWith(top) && beneath(path, top))
    expect([...unseen].filter((path) => !named(path))).toEqual([])
    expect([...seen].filter(named)).toEqual([])
    // And no reason is given for what is not.
    expect(tops.filter((top) => !unseen.has(top))).toEqual([])
  })

  test('whatever an operation can be given was given', () => {
    const ungiven = names.flatMap((name) => {
      const given = new Set(of(name).flatMap(({ input }) => Object.keys(input)))
      const members = model.operation(name)?.input?.members ?? []
      return members.filter((member) => !given.has(member.name)).map((member) => `${name} ${member.name}`)
    })
    expect(ungiven).toEqual([])
  })
})
