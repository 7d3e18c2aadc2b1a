import { expect } from 'vitest'
import type { Caller, Session, Verified } from '../../src/access/caller.ts'
import type { Need } from '../../src/access/need.ts'
import { loadService, type ModelledService } from '../../src/model/service.ts'
import { loadCatalog } from '../../src/service/catalog.ts'
import { policiesOver } from '../../src/service/iam/policy-source.ts'
import { trustAsRead } from '../../src/service/iam/trust.ts'
import { fail, type Scene } from '../../src/service/operation.ts'
import { arnOf } from '../../src/state/entity.ts'
import { named } from '../../src/state/index-keys.ts'
import type { View } from '../../src/state/view.ts'
import { World as State } from '../../src/state/world.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { query } from '../../src/wire/query.ts'
import type { Answered, Inside } from '../matrix/inside.ts'
import { glassSafe } from '../token/keys.ts'
import { needSimulation } from './simulated.ts'
import type { Ask, Step, World } from './world.ts'

const { operations } = loadCatalog()
const connection = { sourceIp: '127.0.0.1', secure: false, region: 'us-east-1' }

/** How many asks could be put to the simulation. */
export const posed = { asks: 0 }

/** A session as AssumeRole makes it of parameters; `undefined` where it holds what a simulation has no parameter for. */
function sessionOf({ session = {} }: Step, now: number): Session | undefined {
  if (Object.keys(session).some((name) => !['by', 'path', 'DurationSeconds'].includes(name))) return undefined
  return { issuedAt: now, expiresAt: now, policyArns: [], tags: [], transitiveTagKeys: [], chainDepth: 0, via: [] }
}

function callerOf(
  state: View,
  step: Step,
  home: string,
  now: number,
): Extract<Caller, { kind: 'user' | 'role-session' }> | undefined {
  const [who = '', account = home] = step.as.split(' of ')
  const [kind, name = '', ...more] = who.split(' ')
  const key = named(account, name)
  const user = kind === 'user' && more.length === 0 ? state.one('user', key) : undefined
  if (user !== undefined) return { kind: 'user', account, arn: arnOf(user), userId: user.id, accessKeyId: '', user }
  const role = kind === 'role' ? state.one('role', key) : undefined
  const session = sessionOf(step, now)
  const sessionName = more[1] ?? ''
  if (role === undefined || session === undefined) return undefined
  const arn = `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`
  return {
    kind: 'role-session',
    account,
    arn,
    userId: `${role.id}:${sessionName}`,
    accessKeyId: '',
    role,
    sessionName,
    session,
  }
}

/**
 * Puts what a live call has to be allowed to SimulatePrincipalPolicy, need by need, with the context that the gate had; over the wire,
 * as the account's administrator. It must come to what the call came to.
 */
export async function poseToSimulation(world: World, step: Ask, answered: Answered): Promise<void> {
  const { inside } = world
  const [service = '', name = ''] = step.call.split(':')
  const operation = operations.get(step.call)
  if (operation === undefined || (service !== 'iam' && service !== 'sts')) return
  const { head, entities } = await loadWhole(inside.store)
  const state = new State(entities, head)
  const caller = callerOf(state, step, world.accounts[0] ?? '', inside.clock.now)
  if (caller === undefined) return
  const scene: Scene = {
    state,
    // Stands for the gate, which alone makes verified callers of requests.
    caller: caller as Verified,
    now: inside.clock.now,
    random: { bytes: (count) => new Uint8Array(count) },
    vault: glassSafe,
    decoded: () => undefined,
    fail,
  }
  const needs = needsOf(inside, service, name, world.sent(step), (input) => operation.needs(input, scene))
  const refused = answered.code === 'AccessDenied'
  // Refused before any policy was asked, so there is nothing to simulate.
  if (refused && step.expect.because === undefined) return
  if (needs === undefined || (!refused && answered.code !== undefined)) return
  // Who does not exist has no trust policy that could be put in.
  if (needs.some(({ assuming }) => assuming !== undefined && assuming.role === undefined)) return

  const { identity, boundary } = policiesOver(state, caller.kind === 'user' ? caller.user : caller.role)
  const documents = [...identity, ...(boundary ? [boundary] : [])].map(({ policy }) => policy.document.text)
  const outcomes: string[] = []
  for (const need of needs) {
    const { role } = need.assuming ?? {}
    const trust = role && trustAsRead(state, role.trust)
    // A simulation of a role is of none of its sessions.
    if (trust?.includes(':assumed-role/')) return
    const asked = needSimulation(caller, need, connection, inside.clock.now, documents, trust)
    if (asked === undefined) return
    const { PolicySourceArn, ActionNames, ResourceArns, ContextEntries, ...more } = asked
    const told = await inside.call(world.administrator(caller.account), 'iam', 'SimulatePrincipalPolicy', {
      PolicySourceArn,
      ...flat('ActionNames', ActionNames),
      ...flat('ResourceArns', ResourceArns ?? []),
      ...Object.assign(
        {},
        ...(ContextEntries ?? []).map(({ ContextKeyName = '', ContextKeyType, ContextKeyValues = [] }, at) => ({
          [`ContextEntries.member.${at + 1}.ContextKeyName`]: ContextKeyName,
          [`ContextEntries.member.${at + 1}.ContextKeyType`]: ContextKeyType ?? 'string',
          ...flat(`ContextEntries.member.${at + 1}.ContextKeyValues`, ContextKeyValues),
        })),
      ),
      ...(more.ResourcePolicy === undefined ? {} : { ResourcePolicy: more.ResourcePolicy }),
      ...(more.ResourceOwner === undefined ? {} : { ResourceOwner: more.ResourceOwner }),
    })
    if (told.code !== undefined) throw new Error(`${told.code}: ${told.message}`)
    outcomes.push(told.field('EvalDecision'))
  }
  posed.asks++
  expect(outcomes.every((outcome) => outcome === 'allowed') ? 'allowed' : 'refused', 'the simulation').toBe(
    refused ? 'refused' : 'allowed',
  )
}

const flat = (name: string, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(values.map((value, at) => [`${name}.member.${at + 1}`, value]))

/** The needs of a request as the gate would read it, bytes and all; `undefined` where it says nothing that could be authorized. */
function needsOf(
  inside: Inside,
  service: ModelledService,
  name: string,
  parameters: Record<string, string>,
  needs: (input: object) => readonly Need[],
): readonly Need[] | undefined {
  const model = loadService(service)
  const operation = model.operation(name)
  const request = inside.request(undefined, service, name, parameters)
  const input = operation && query.decode(model, operation, request)
  try {
    return input && needs(input)
  } catch {
    // What is refused before anybody is asked for permission asks for none.
    return undefined
  }
}
