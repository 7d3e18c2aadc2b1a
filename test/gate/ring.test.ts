import { describe, expect, test } from 'vitest'
import type { TokenKey } from '../../src/state/key.ts'
import { Scene } from './scene.ts'

const hour = 3600
const day = 24 * hour

const ringOf = async (scene: Scene): Promise<readonly string[]> =>
  (await scene.store.entities())
    .filter((entity): entity is TokenKey => entity.kind === 'token-key')
    .sort((a, b) => b.createdAt - a.createdAt)
    .map(({ id }) => id)

describe('the ring of token keys turns while the authority runs, and', () => {
  test('no session ends before its time, and no key stays that none needs', async () => {
    const scene = await Scene.open()
    await scene.role('app')
    const [old] = await ringOf(scene)
    scene.pass(30 * day - 1)
    await scene.quiet()
    expect(await ringOf(scene)).toEqual([old])
    const credentials = await scene.done(scene.administrator, 'sts', 'GetSessionToken', { DurationSeconds: '129600' })
    const last = {
      accessKeyId: String(credentials.Credentials?.AccessKeyId),
      secretAccessKey: String(credentials.Credentials?.SecretAccessKey),
      sessionToken: String(credentials.Credentials?.SessionToken),
    }

    scene.pass(1)
    await scene.quiet()
    const [fresh, second] = await ringOf(scene)
    expect([second, fresh === old]).toEqual([old, false])
    const next = await scene.session('app', 3600)
    // The eight digits behind the version of a token name its key.
    const keyIn = ({ sessionToken = '' }) => Buffer.from(sessionToken, 'base64').toString('hex', 1, 5)
    expect([keyIn(last), keyIn(next)]).toEqual([old, fresh])
    expect((await scene.call(next, 'sts', 'GetCallerIdentity')).status).toBe(200)

    scene.pass(36 * hour - 2)
    await scene.quiet()
    expect((await scene.call(last, 'sts', 'GetCallerIdentity')).status).toBe(200)
    scene.pass(1)
    await scene.quiet()
    expect((await scene.call(last, 'sts', 'GetCallerIdentity')).code).toBe('ExpiredToken')
    scene.pass(12 * hour + 1)
    await scene.quiet()
    expect(await ringOf(scene)).toEqual([fresh])
    expect((await scene.call(last, 'sts', 'GetCallerIdentity')).code).toBe('InvalidClientTokenId')
    expect(scene.alarms).toEqual([])
  })
})
