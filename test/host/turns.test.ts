import { expect, test } from 'vitest'
import { Turns } from '../../src/host/turns.ts'

const never = new AbortController().signal

/** Work that ends when the test says so. */
function work() {
  let end: (value: string) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const it = {
    begun: false,
    run: () => {
      it.begun = true
      return new Promise<string>((resolve, reject) => {
        end = resolve
        fail = reject
      })
    },
    end: (value: string) => end(value),
    fail: (error: Error) => fail(error),
  }
  return it
}
const tick = () => new Promise((resolve) => setImmediate(resolve))

test('no more than so many work at a time, and those who wait come in their order', async () => {
  const turns = new Turns(2)
  const all = [work(), work(), work(), work()]
  const done = all.map((one) => turns.take(one.run, never))
  await tick()
  expect(all.map(({ begun }) => begun)).toEqual([true, true, false, false])
  all[1]?.end('b')
  expect(await done[1]).toBe('b')
  await tick()
  expect(all.map(({ begun }) => begun)).toEqual([true, true, true, false])
  all[0]?.fail(new Error('a'))
  await expect(done[0]).rejects.toThrow('a')
  await tick()
  expect(all[3]?.begun).toBe(true)
})

test('whoever has given up takes no turn, and the next one does', async () => {
  const turns = new Turns(1)
  const [first, late, next] = [work(), work(), work()]
  const gone = new AbortController()
  const done = [turns.take(first.run, never), turns.take(late.run, gone.signal), turns.take(next.run, never)]
  gone.abort(new Error('gone'))
  first.end('a')
  await done[0]
  await expect(done[1]).rejects.toThrow('gone')
  await tick()
  expect([late.begun, next.begun]).toEqual([false, true])
  next.end('c')
  expect(await done[2]).toBe('c')
  expect(await turns.take(async () => 'd', never)).toBe('d')
})
