import { expect } from 'vitest'
import type { Answered } from '../matrix/inside.ts'
import { poseToSimulation } from './posed.ts'
import type { Ask, Told, World, WorldCase } from './world.ts'

/** What an ask claims, as a sentence. */
export const claimsOf = (place: string, says: string, { as, call, says: own }: Ask): string =>
  `${place}: ${says}: ${own ?? `${as}, ${call}`}`

/** The part of a recorded decision that the cases speak of. */
interface Explained {
  readonly because: string
  readonly blocking?: string
  readonly layers: readonly {
    readonly account: string
    readonly statements: readonly {
      readonly part: string
      readonly effect: string
      readonly sid?: string
      readonly failed?: { readonly key?: string }
    }[]
  }[]
  readonly missing: readonly unknown[]
  readonly hints: readonly unknown[]
}

/** The call itself, and then each side's account asks why. */
export async function askWorld(world: World, live: WorldCase, ask: Ask): Promise<void> {
  const answered = await world.call(ask)
  await poseToSimulation(world, ask, answered)
  const { effect, code, message, fields = {}, there, ...own } = ask.expect
  if (effect === 'allow') {
    expect({ code: answered.code, message: unescaped(answered.message) }).toEqual({
      code,
      message: message ?? (code === undefined ? '' : expect.any(String)),
    })
    for (const [name, value] of Object.entries(fields)) expect(answered.field(name)).toBe(value)
    return
  }
  expect(answered.code, answered.text).toBe(code ?? 'AccessDenied')
  if (message !== undefined) expect(unescaped(answered.message)).toBe(message)

  const [, caller = world.accounts[0] ?? ''] = ask.as.split(' of ')
  if (own.because === undefined) {
    // Refused before any policy was asked: what explains it, if anything does, is a rule.
    const decision = await decisionOf(world, caller, answered)
    if (decision !== undefined) expect(decision).toMatchObject({ effect: 'deny', because: 'rule', layers: [] })
    return
  }
  const decision = await decisionOf(world, caller, answered)
  if (decision === undefined) throw new Error(`${answered.message}, and nothing tells why`)
  compare(decision, own)
  const others = world.accounts.filter((account) => account !== caller)
  hides(decision, live, caller)
  for (const account of others) {
    const theirs = await decisionOf(world, account, answered)
    if (there === undefined) expect(theirs === undefined || hides(theirs, live, account)).toBe(true)
    else {
      if (theirs === undefined) throw new Error(`${account} is told nothing`)
      hides(theirs, live, account)
      compare(theirs, there)
    }
  }
}

async function decisionOf(world: World, account: string, refused: Answered): Promise<Explained | undefined> {
  const RequestId = refused.field('RequestId')
  const told = await world.call({
    as: `administrator of ${account}`,
    call: 'rolecall:GetDecision',
    with: { RequestId },
  })
  if (told.code === 'NoSuchDecision') return undefined
  if (told.code !== undefined) throw new Error(`${told.code}: ${told.message}`)
  // The authority's own answer; what it lacks of the type fails the comparison.
  return JSON.parse(unescaped(told.field('Decision'))) as Explained
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#xD;', '\r')
    .replaceAll('&#xA;', '\n')
    .replaceAll('&amp;', '&')

function compare(decision: Explained, { because, blocking, statement, nearKey }: Told): void {
  const lacking = decision.because === 'no-grant' || decision.because === 'ceiling'
  expect({ because: lacking ? 'implicit-deny' : decision.because, blocking: decision.blocking }).toEqual({
    because,
    blocking,
  })
  const statements = decision.layers.flatMap((layer) => layer.statements)
  if (statement !== undefined) {
    const denies = statements.filter(({ part, effect }) => part === 'applies' && effect === 'Deny')
    expect(denies.map(({ sid }) => sid)).toContain(statement)
  }
  if (nearKey !== undefined) {
    const failed = statements.filter(({ part }) => part === 'near').map((one) => one.failed?.key)
    expect(failed).toContain(nearKey)
  }
  // Who has something to mend is told what; who has not is not.
  expect(decision.missing.length + decision.hints.length > 0).toBe(blocking !== undefined)
}

/** Throws where a decision holds anything of another account's policies. */
function hides(decision: Explained, live: WorldCase, account: string): true {
  for (const layer of decision.layers) expect([account, '']).toContain(layer.account)
  const text = JSON.stringify(decision)
  for (const [other, part] of Object.entries(live.world)) {
    if (other === account) continue
    for (const [, sid] of JSON.stringify(part).matchAll(/"Sid":"([^"]+)"/g)) expect(text).not.toContain(`"${sid}"`)
  }
  return true
}
