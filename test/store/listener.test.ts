import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Listener } from '../../src/store/listener.ts'
import type { Primary } from '../../src/store/primary.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Of a connection, what the listener uses. */
interface Line {
  ask: () => Promise<void>
  end: () => void
  close: () => void
}

function listening(lines: readonly Line[]) {
  let opened = 0
  let woken = 0
  const open = async () => {
    const line = lines[opened++]
    if (line === undefined) throw new Error('there is no other line')
    return {
      ask: () => line.ask(),
      close: () => line.close(),
      onNotification: () => undefined,
      onEnd: (told: () => void) => {
        line.end = told
      },
    }
  }
  // A listener opens connections, and does nothing else with what finds them.
  const primary = { open } as unknown as Primary
  const listener = new Listener(primary, 'rolecall', () => woken++)
  return { opened: () => opened, woken: () => woken, close: () => listener.close() }
}
const good = (): Line => ({ ask: async () => undefined, end: () => undefined, close: () => undefined })

test('a connection that was lost before its end was listened for is followed by another', async () => {
  const lost = { ...good(), ask: () => Promise.reject(new Error('the connection was closed')) }
  const hearing = listening([lost, good()])
  await vi.advanceTimersByTimeAsync(1000)
  expect([hearing.opened(), hearing.woken()]).toEqual([2, 1])
  hearing.close()
})

test('a connection that ends late, after another has taken its place, ends nothing', async () => {
  const first = { ...good(), ask: () => Promise.reject(new Error('no answer')) }
  const hearing = listening([first, good(), good()])
  await vi.advanceTimersByTimeAsync(1000)
  expect(hearing.opened()).toBe(2)
  first.end()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([hearing.opened(), hearing.woken()]).toEqual([2, 1])
  hearing.close()
})

test('a connection that ends is followed by another', async () => {
  const first = good()
  const hearing = listening([first, good()])
  await vi.advanceTimersByTimeAsync(0)
  first.end()
  await vi.advanceTimersByTimeAsync(1000)
  expect([hearing.opened(), hearing.woken()]).toEqual([2, 2])
  hearing.close()
})
