import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, discard, type Env, envOf, type Running, startRolecall } from '../clients/process.ts'
import { fuzz } from './run.ts'

let running: Running
let env: Env
beforeAll(async () => {
  running = await startRolecall()
  env = await envOf(running)
})
afterAll(() => discard(running))

test('no sequence of bytes makes the server fail, hang, or answer with a page', { timeout: 180_000 }, async () => {
  const { host, port } = new URL(running.endpoint)
  const seed = Math.floor(Math.random() * 1e6)
  const outcome = await fuzz(Number(port), { ...env, host, now: Date.now() }, { cases: 10_000, seed })
  expect(outcome.failures).toEqual([])
  expect(outcome.cases).toBe(10_000)
  // The cases reach every depth: some are no HTTP, some are refused, some go all the way through.
  for (const status of ['200', '400', '403'])
    expect(outcome.statuses.get(status) ?? 0, `seed ${seed}, ${status}`).toBeGreaterThan(10)
  // Bugs are told to the operator; there are none.
  expect(running.output()).not.toMatch(/failed/)
  const identity = await new STSClient(clientOf(env)).send(new GetCallerIdentityCommand({}))
  expect(identity.Account).toBe(env.accountId)
})
