import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { call } from '../clients/call.ts'
import { discard, envOf, type Running, run, startRolecall } from '../clients/process.ts'

const mebibyte = 1024 * 1024
let running: Running | undefined
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await discard(running)
})

/** Memory that a process holds, in mebibytes. */
const memoryOf = async ({ child }: Running): Promise<number> =>
  Number((await run('ps', ['-o', 'rss=', '-p', String(child.pid)])).stdout) / 1024

const post = (endpoint: string, body: string | Buffer): Promise<number> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const sent = request(endpoint, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    // Whoever is refused before all was sent may hear of it as a broken connection.
    sent.on('error', () => resolve(0))
    sent.end(body)
  })

/** So many at once, again and again. */
async function flood(times: number, atOnce: number, send: () => Promise<number>): Promise<ReadonlySet<number>> {
  const told = new Set<number>()
  let left = times
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) told.add(await send())
    }),
  )
  return told
}

test('who proves nothing, or sends too much, makes no server grow without bound, and those who do are served', async () => {
  running = await startRolecall()
  const { endpoint } = running
  const env = await envOf(running)
  const works = async () => (await call(endpoint, env, 'sts', 'GetCallerIdentity')).status
  expect(await works()).toBe(200)

  const unsigned = `Action=ListUsers&Version=2010-05-08&PathPrefix=${'x'.repeat(8000)}`
  expect(await flood(800, 32, () => post(endpoint, unsigned))).toEqual(new Set([403]))
  const settled = await memoryOf(running)
  expect(await flood(1600, 32, () => post(endpoint, unsigned))).toEqual(new Set([403]))
  expect((await memoryOf(running)) - settled).toBeLessThan(100)
  expect(await works()).toBe(200)

  const tooLong = Buffer.alloc(11 * mebibyte, 0x61)
  const told = await flood(40, 8, () => post(endpoint, tooLong))
  for (const status of told) expect([0, 413]).toContain(status)
  expect((await memoryOf(running)) - settled).toBeLessThan(500)

  // Many who send nearly as much as is allowed, and never come to an end.
  const { port } = new URL(endpoint)
  const refused = Promise.race(
    Array.from({ length: 40 }, () => {
      const socket = connect(Number(port), '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${10 * mebibyte}\r\n\r\n`)
      socket.write(tooLong.subarray(0, 9 * mebibyte))
      return new Promise<string>((resolve) =>
        socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1', 0, 12))),
      )
    }),
  )
  expect(await refused).toBe('HTTP/1.1 503')
  expect(await works()).toBe(200)
  expect((await memoryOf(running)) - settled).toBeLessThan(700)
  // When they are gone there is room again.
  for (const socket of sockets.splice(0)) socket.destroy()
  const large = `Action=ListUsers&Version=2010-05-08&PathPrefix=${'x'.repeat(9 * mebibyte)}`
  for (let patience = 100; (await post(endpoint, large)) !== 403; patience--) expect(patience).toBeGreaterThan(0)
  expect(running.output()).not.toMatch(/failed/)
})
