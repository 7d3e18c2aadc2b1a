import { expect, test } from 'vitest'
import { MemoryAudit } from '../../src/audit/memory.ts'
import { strong } from '../../src/gate/freshness.ts'
import { openAuthority } from '../../src/host/authority.ts'
import type { KeptKeys } from '../../src/host/credentials.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { type Service, versions } from '../clients/call.ts'
import { aws, identityProvider, login } from '../token/idp.ts'
import { keysFrom } from '../token/keys.ts'

const account = '111122223333'
const RoleArn = `arn:aws:iam::${account}:role/dev`
const PrincipalArn = `arn:aws:iam::${account}:saml-provider/corp`

/** Three nodes over one store, each with a clock of its own, and what a client asks of one of them. */
async function open() {
  const store = new MemoryStore()
  const noon = Date.UTC(2026, 10, 22, 12)
  const clocks = [{ now: noon }, { now: noon }, { now: noon }]
  const founded: KeptKeys[] = []
  const node = (clock: { now: number }) =>
    openAuthority(
      {
        store,
        openLog: async () => new MemoryAudit(),
        founding: { propose: (keys) => void founded.push(keys), settle: () => undefined },
        freshness: (follower) => strong(follower, () => clock.now),
      },
      {
        clock: { now: () => clock.now },
        random: machineRandom(),
        keys: sealing,
        schedule: () => () => undefined,
        alarm: () => undefined,
      },
      account,
    )
  const sealing = keysFrom()
  const nodes: Awaited<ReturnType<typeof node>>[] = []
  for (const clock of clocks) nodes.push(await node(clock))
  const [keys] = founded
  if (keys === undefined) throw new Error('nothing was founded')
  const ask = async (
    at: number,
    service: Service,
    action: string,
    parameters: Readonly<Record<string, string>>,
    signed = true,
  ) => {
    const body = Buffer.from(
      new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString(),
    )
    const headers = [
      ['host', 'rolecall.test'],
      ['content-type', 'application/x-www-form-urlencoded'],
    ] as const
    const bare = { method: 'POST', path: '/', query: '', headers, body, sourceIp: '127.0.0.1', secure: false }
    const scope = { region: 'us-east-1', service, now: clocks[at]?.now ?? 0 }
    const response = await nodes[at]?.answer(signed ? { ...bare, headers: sign(bare, { ...keys }, scope) } : bare)
    return { status: response?.status, text: String(response?.body) }
  }
  const idp = identityProvider()
  const said = { [aws('Role')]: [`${RoleArn},${PrincipalArn}`], [aws('RoleSessionName')]: ['alice'] }
  await ask(0, 'iam', 'CreateSAMLProvider', { Name: 'corp', SAMLMetadataDocument: idp.metadata })
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Federated: PrincipalArn }, Action: 'sts:AssumeRoleWithSAML' },
  })
  await ask(0, 'iam', 'CreateRole', { RoleName: 'dev', AssumeRolePolicyDocument })
  const enter = (at: number, SAMLAssertion: string) =>
    ask(at, 'sts', 'AssumeRoleWithSAML', { RoleArn, PrincipalArn, SAMLAssertion }, false)
  return { clocks, enter, message: (at: number) => login(idp, { at, attributes: said }) }
}

test('an assertion that is shown to three nodes at once is good at one of them', async () => {
  const { clocks, enter, message } = await open()
  for (let round = 0; round < 20; round++) {
    const shown = message(clocks[0]?.now ?? 0)
    const answers = await Promise.all([0, 1, 2, 0, 1, 2].map((at) => enter(at, shown)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400])
    expect(answers.filter(({ text }) => text.includes('Token has already been redeemed'))).toHaveLength(5)
  }
})

test('no node’s clock makes another forget an assertion that is still good there', async () => {
  const { clocks, enter, message } = await open()
  const [slow, fast] = clocks
  if (slow === undefined || fast === undefined) throw new Error('there are no clocks')
  const shown = message(slow.now)
  expect((await enter(0, shown)).status).toBe(200)
  // Nine minutes ahead; its own logins make it clear away what it thinks is over.
  fast.now += 9 * 60_000
  expect((await enter(1, message(fast.now))).status).toBe(200)
  slow.now += 4 * 60_000
  expect((await enter(0, shown)).text).toContain('Token has already been redeemed')
})
