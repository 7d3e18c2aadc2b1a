import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { startRolecall } from '../clients/process.ts'
import { crash, killGroup, workersOf } from './run.ts'

test('a server that is killed under load loses nothing that it acknowledged, and leaves nothing by half', async () => {
  const seed = Math.floor(Math.random() * 1e6)
  const outcome = await crash({ rounds: 6, seed })
  expect(outcome.failures, `seed ${seed}`).toEqual([])
  expect(outcome.rounds).toBe(6)
  // There was something to lose: requests of every kind were answered, and others were under way when it was killed.
  expect(outcome.acknowledged).toBeGreaterThan(50)
  expect(outcome.minted).toBeGreaterThan(10)
  expect(outcome.unanswered).toBeGreaterThan(40)
}, 180_000)

test('nobody starts on the folder of a server whose workers have outlived it', async () => {
  const old = await startRolecall({ workers: 2, group: true })
  onTestFinished(() => {
    killGroup(old)
    rmSync(old.data, { recursive: true, force: true })
  })
  const [worker = 0] = await workersOf(old)
  // It does not notice what happens until it is woken.
  process.kill(worker, 'SIGSTOP')
  old.child.kill('SIGKILL')
  let ready = false
  const fresh = startRolecall({ data: old.data }).then((running) => {
    ready = true
    return running
  })
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(ready).toBe(false)
  process.kill(worker, 'SIGKILL')
  await (await fresh).stop('SIGKILL')
})
