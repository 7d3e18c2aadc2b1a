import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { openNodes } from './nodes.ts'

/** Several nodes are one issuer: what one signs, any of them publishes the key of, in the same breath. */
const audience = 'api'
const asked = { 'Audience.member.1': audience, SigningAlgorithm: 'ES384' }

async function open() {
  const nodes = await openNodes(0, 0, 0)
  const enable = (at: number) => nodes.ask(at, 'iam', 'EnableOutboundWebIdentityFederation')
  const keySet = async (at: number, issuer: string) => {
    const { status, text } = await nodes.get(at, `${new URL(issuer).pathname}/.well-known/jwks.json`)
    expect(status).toBe(200)
    return JSON.parse(text) as JSONWebKeySet
  }
  const verified = async (at: number, issuer: string, token: string) => {
    const keys = createLocalJWKSet(await keySet(at, issuer))
    return jwtVerify(token, keys, { issuer, audience, currentDate: new Date(nodes.clock.now) })
  }
  return { nodes, enable, keySet, verified }
}

test('whoever enables the feature at one node gets tokens at the others, and every node vouches for all of them', async () => {
  const { nodes, enable, verified } = await open()
  const issuer = (await enable(0)).field('IssuerIdentifier')
  for (const signer of [1, 2, 0]) {
    const token = (await nodes.ask(signer, 'sts', 'GetWebIdentityToken', asked)).field('WebIdentityToken')
    for (const publisher of [2, 0, 1]) await verified(publisher, issuer, token)
  }
})

test('of three who enable it at once, one does: there is one issuer, with one key for each algorithm', async () => {
  const { enable, keySet } = await open()
  const answers = await Promise.all([enable(0), enable(1), enable(2)])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  const issuer = answers.find(({ status }) => status === 200)?.field('IssuerIdentifier') ?? ''
  for (const at of [0, 1, 2]) expect((await keySet(at, issuer)).keys).toHaveLength(2)
})

test('keys that are due at all nodes at once are made anew once', async () => {
  const { nodes, enable, keySet, verified } = await open()
  const issuer = (await enable(0)).field('IssuerIdentifier')
  // All of them have seen the issuer, so all of them find its keys due.
  const [before = []] = await Promise.all(
    [0, 1, 2].map(async (at) => (await keySet(at, issuer)).keys.map(({ kid }) => kid)),
  )
  nodes.clock.now += 90 * 24 * 3_600_000
  await nodes.tick()
  const { keys } = await keySet(1, issuer)
  expect(keys).toHaveLength(4)
  expect(keys.filter(({ kid }) => before.includes(kid))).toHaveLength(2)
  for (const at of [0, 1, 2]) {
    const token = (await nodes.ask(at, 'sts', 'GetWebIdentityToken', asked)).field('WebIdentityToken')
    await verified((at + 1) % 3, issuer, token)
  }
})
