import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadCatalog } from '../../src/service/catalog.ts'
import type { Service } from '../clients/call.ts'
import { home, roleArn } from '../gate/scene.ts'
import { type Asked, contextOf, Estate, everything, type Holder, may, mayHolder } from './estate.ts'
import { type Plan, plan, type Step } from './plan.ts'
import { rows } from './row.ts'

/**
 * LAW-NARROW. Whatever credentials grow out of others, they may do no more than their source: those of GetSessionToken and
 * GetFederationToken no more than who asked, those of a role no more than what its policies, its boundary and the session's policies allow
 * each by itself; and whoever got them was allowed to. Held by live calls against the second evaluator, along ways of three hops.
 */

const makers = [...loadCatalog().operations.values()].filter(({ kind }) => kind === 'mint' || kind === 'login')
const names = makers.map(({ name }) => name).sort()

/** Those that ever give any; all of them, these more often, and most of all the one that chains are made of. */
const giving = [
  'AssumeRole',
  'AssumeRoleWithWebIdentity',
  'AssumeRoleWithSAML',
  'GetFederationToken',
  'GetSessionToken',
]
const drawn = [...names, ...giving, ...Array<string>(8).fill('AssumeRole')]
const nameOf = ({ operation }: Step): string => drawn[operation % drawn.length] ?? ''

interface Probe extends Asked {
  readonly service: Service
  readonly operation: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Calls that change nothing, on resources that policies tell apart. */
function probesOf({ roles }: Plan): readonly Probe[] {
  const on = (service: Service, operation: string, resource: string, parameters = {}, context = {}): Probe => ({
    service,
    operation,
    action: `${service}:${operation}`,
    resource,
    parameters,
    context,
  })
  return [
    on('rolecall', 'ListQuotas', '*'),
    on('sts', 'GetAccessKeyInfo', '*', { AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }),
    on('iam', 'ListUsers', `arn:aws:iam::${home}:user/`),
    ...roles.flatMap(({ team }, at) => {
      const [name, context] = [{ RoleName: `r${at}` }, { 'aws:ResourceTag/team': team ?? null }]
      return [
        on('rolecall', 'ListSessions', roleArn(`r${at}`), name, context),
        on('iam', 'GetRole', roleArn(`r${at}`), name, context),
      ]
    }),
  ]
}

/** IAM and STS take neither federated users nor sessions without a second factor (IAM User Guide, "Compare AWS STS credentials"). */
const isOpen = ({ kind }: Holder, { service }: Probe): boolean =>
  service === 'rolecall' || kind === 'key' || kind === 'assumed'

async function allowed({ scene }: Estate, { keys }: Holder, probe: Probe): Promise<boolean> {
  const { status, code } = await scene.call(keys, probe.service, probe.operation, probe.parameters)
  if (status === 200) return true
  if (code === 'AccessDenied' || code === 'InvalidClientTokenId') return false
  throw new Error(`${probe.action}: ${code}`)
}

/** The layers over a holder, each alone: what is allowed must be allowed by every one. */
function layersOf(holder: Holder): readonly Parameters<typeof may>[0][] {
  const context = contextOf(holder)
  const alone = { request: holder.request, boundary: undefined, session: undefined, context }
  // A federated user without policies of the session may nothing, whatever is asked about.
  const open = holder.kind === 'federated-user' ? [everything] : undefined
  return [
    { ...alone, identity: holder.identity, session: open },
    ...(holder.boundary === undefined
      ? []
      : [{ ...alone, identity: [everything], boundary: holder.boundary, session: open }]),
    ...(holder.session === undefined ? [] : [{ ...alone, identity: [everything], session: holder.session }]),
  ]
}

/** Conditions on who one is: a federated user is somebody else to them, so that what denies the user may not deny it. */
const speaksOfCaller = ({ identity, boundary, session }: Holder): boolean =>
  JSON.stringify([identity, boundary, session]).includes('aws:')

const counts = new Map<string, number>()
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)

async function hold(estate: Estate, holder: Holder, source: Holder | undefined, how: string): Promise<void> {
  for (const probe of probesOf(estate.plan)) {
    const is = await allowed(estate, holder, probe)
    const place = `${probe.action} on ${probe.resource} with credentials of ${how}`
    expect(is, place).toBe(isOpen(holder, probe) && mayHolder(holder, probe))
    count(`${how} ${is ? 'may' : 'may not'}`)
    if (!is) continue
    if (holder.request.principal !== `arn:aws:iam::${home}:root`)
      for (const [at, layer] of layersOf(holder).entries())
        expect(may(layer, probe), `layer ${at} of ${place}`).toBe(true)
    // Of one's own: what the source may not, neither may the child.
    if (source === undefined || holder.kind === 'assumed' || speaksOfCaller(source)) continue
    expect(await allowed(estate, source, probe), `${place}, but not with the credentials that got them`).toBe(true)
  }
}

async function take(estate: Estate, source: Holder, step: Step): Promise<Holder | undefined> {
  const name = nameOf(step)
  const { answer, due, holder } = (await rows[name]?.(estate, source, step)) ?? {}
  if (answer === undefined || holder === undefined) throw new Error(`${name} has no row`)
  const got = answer.result.Credentials !== undefined
  expect({ name, got, code: got || due === undefined ? undefined : answer.code }).toEqual({
    name,
    got: due ?? false,
    code: due === false ? 'AccessDenied' : undefined,
  })
  count(`${name} ${got ? 'gives' : 'refuses'}`)
  return got ? holder() : undefined
}

describe('LAW-NARROW', () => {
  test('every operation that makes credentials has a row', () => {
    expect(Object.keys(rows).sort()).toEqual(names)
  })

  test('what is derived may no more than what it comes from, and was given to those who may have it', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (way) => {
        const estate = await Estate.open(way)
        let source = estate.first
        await hold(estate, source, undefined, 'a key')
        let roles = 0
        for (const step of way.steps) {
          const child = await take(estate, source, step)
          if (child === undefined) continue
          await hold(estate, child, source, nameOf(step))
          roles = child.kind === 'assumed' ? (nameOf(step) === 'AssumeRole' ? roles + 1 : 1) : 0
          if (roles > 1) count(`a chain of ${roles === 2 ? 'two' : 'three'} roles`)
          source = child
        }
        expect(estate.scene.alarms).toEqual([])
      }),
      { numRuns: 300 },
    )
  }, 300_000)

  /** A law about nothing would hold as well. */
  test('was held by credentials of every kind, that were given and refused, that may and may not', () => {
    const due = giving.flatMap((name) => ['gives', 'refuses', 'may', 'may not'].map((what) => `${name} ${what}`))
    const few = [...due, 'a chain of two roles', 'a chain of three roles'].filter((what) => !counts.has(what))
    expect(few).toEqual([])
  })
})
