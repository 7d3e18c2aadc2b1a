import { expect, test } from 'vitest'
import { MemoryAudit } from '../../src/audit/memory.ts'
import { strong } from '../../src/gate/freshness.ts'
import { openAuthority } from '../../src/host/authority.ts'
import type { KeptKeys } from '../../src/host/credentials.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { type Service, versions } from '../clients/call.ts'
import { keysFrom } from '../token/keys.ts'

/** Three nodes over one store, and what a client asks of one of them. */
async function open() {
  const store = new MemoryStore()
  const clock = { now: Date.UTC(2026, 10, 22, 12) }
  const founded: KeptKeys[] = []
  const surroundings = {
    clock: { now: () => clock.now },
    random: machineRandom(),
    keys: keysFrom(),
    schedule: () => () => undefined,
    alarm: () => undefined,
  }
  const node = () =>
    openAuthority(
      {
        store,
        openLog: async () => new MemoryAudit(),
        founding: { propose: (keys) => void founded.push(keys), settle: () => undefined },
        freshness: (follower) => strong(follower, () => clock.now),
      },
      surroundings,
    )
  const nodes = [await node(), await node(), await node()]
  const [keys] = founded
  if (keys === undefined) throw new Error('nothing was founded')
  const ask = async (at: number, service: Service, action: string, parameters: Readonly<Record<string, string>>) => {
    const body = Buffer.from(
      new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString(),
    )
    const headers = [
      ['host', 'rolecall.test'],
      ['content-type', 'application/x-www-form-urlencoded'],
    ] as const
    const bare = { method: 'POST', path: '/', query: '', headers, body, sourceIp: '127.0.0.1', secure: false }
    const signed = sign(bare, { ...keys }, { region: 'us-east-1', service, now: clock.now })
    const response = await nodes[at]?.answer({ ...bare, headers: signed })
    return { status: response?.status, text: String(response?.body) }
  }
  return { clock, ask }
}

test('a code that is shown to three nodes at once is good at one of them', async () => {
  const { clock, ask } = await open()
  const made = await ask(0, 'iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' })
  const field = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(made.text)?.[1] ?? ''
  const seed = seedBytes(Buffer.from(field('Base32StringSeed'), 'base64').toString())
  const SerialNumber = field('SerialNumber')
  const code = (steps: number) => codeAt(seed, stepAt(clock.now) + steps)
  const enabled = await ask(1, 'iam', 'EnableMFADevice', {
    UserName: 'administrator',
    SerialNumber,
    AuthenticationCode1: code(-1),
    AuthenticationCode2: code(0),
  })
  expect(enabled.status).toBe(200)

  for (let round = 0; round < 30; round++) {
    clock.now += 60_000
    const TokenCode = code(0)
    const answers = await Promise.all(
      [0, 1, 2, 0, 1, 2].map((at) => ask(at, 'sts', 'GetSessionToken', { SerialNumber, TokenCode })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403, 403])
  }
})
