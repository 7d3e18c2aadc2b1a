import { expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import { openNodes } from './nodes.ts'

test('a code that is shown to three nodes at once is good at one of them', async () => {
  const { clock, ask } = await openNodes(0, 0, 0)
  const made = await ask(0, 'iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' })
  const seed = seedBytes(Buffer.from(made.field('Base32StringSeed'), 'base64').toString())
  const SerialNumber = made.field('SerialNumber')
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
