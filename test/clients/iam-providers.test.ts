import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyDescriptor, rsaCertificate, samlMetadata } from '../token/saml.ts'
import { type Actor, actorOf, makeUser, refusal, statement } from './actor.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** Identity providers, driven by AWS's own client. */
const home = '012345678901'
const arn = (resource: string) => `arn:aws:iam::${home}:${resource}`

let running: Running
let administrator: Actor
let iam: sdk.IAMClient

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  administrator = actorOf(await envOf(running))
  iam = administrator.iam
})
afterAll(() => discard(running))

describe('OIDC providers', () => {
  const Url = 'https://token.actions.githubusercontent.com'
  const OpenIDConnectProviderArn = arn('oidc-provider/token.actions.githubusercontent.com')
  const one = { OpenIDConnectProviderArn }

  test('are made, read, changed, tagged, listed and deleted', async () => {
    const Tags = [{ Key: 'Team', Value: 'ci' }]
    const made = await iam.send(
      new sdk.CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com'], Tags }),
    )
    expect(made).toMatchObject({ OpenIDConnectProviderArn, Tags })
    await iam.send(new sdk.AddClientIDToOpenIDConnectProviderCommand({ ...one, ClientID: 'mine' }))
    await iam.send(new sdk.RemoveClientIDFromOpenIDConnectProviderCommand({ ...one, ClientID: 'sts.amazonaws.com' }))
    const ThumbprintList = ['6938fd4d98bab03faadb97b34396831e3780aea1']
    await iam.send(new sdk.UpdateOpenIDConnectProviderThumbprintCommand({ ...one, ThumbprintList }))
    await iam.send(new sdk.TagOpenIDConnectProviderCommand({ ...one, Tags: [{ Key: 'team', Value: 'two' }] }))
    await iam.send(new sdk.UntagOpenIDConnectProviderCommand({ ...one, TagKeys: ['Team'] }))
    expect(await iam.send(new sdk.GetOpenIDConnectProviderCommand(one))).toMatchObject({
      Url: 'token.actions.githubusercontent.com',
      ClientIDList: ['mine'],
      ThumbprintList,
      CreateDate: expect.any(Date),
      Tags: [{ Key: 'team', Value: 'two' }],
    })
    expect((await iam.send(new sdk.ListOpenIDConnectProviderTagsCommand(one))).Tags).toEqual([
      { Key: 'team', Value: 'two' },
    ])
    expect((await iam.send(new sdk.ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList).toEqual([
      { Arn: OpenIDConnectProviderArn },
    ])
    await iam.send(new sdk.DeleteOpenIDConnectProviderCommand(one))
    expect(await refusal(iam.send(new sdk.GetOpenIDConnectProviderCommand(one)))).toEqual({
      code: 'NoSuchEntity',
      message: `OpenIDConnect Provider not found for arn ${OpenIDConnectProviderArn}`,
      status: 404,
    })
  })

  test('are kept from those whose policies do not reach them', async () => {
    await iam.send(new sdk.CreateOpenIDConnectProviderCommand({ Url, Tags: [{ Key: 'Team', Value: 'ci' }] }))
    const policy = statement({
      Effect: 'Allow',
      Action: 'iam:*OpenIDConnectProvider*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:ResourceTag/Team': 'ci' } },
    })
    const reader = await makeUser(administrator, 'reader', policy)
    expect((await reader.iam.send(new sdk.GetOpenIDConnectProviderCommand(one))).Url).toBeDefined()
    await iam.send(new sdk.UntagOpenIDConnectProviderCommand({ ...one, TagKeys: ['Team'] }))
    expect((await refusal(reader.iam.send(new sdk.GetOpenIDConnectProviderCommand(one)))).message).toBe(
      `User: ${arn('user/reader')} is not authorized to perform: iam:GetOpenIDConnectProvider on resource: ${OpenIDConnectProviderArn} because no identity-based policy allows the iam:GetOpenIDConnectProvider action`,
    )
  })
})

describe('SAML providers', () => {
  const SAMLProviderArn = arn('saml-provider/Corp')
  const one = { SAMLProviderArn }
  const pem = String(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  )

  test('are made, read, changed, tagged, listed and deleted', async () => {
    const SAMLMetadataDocument = samlMetadata()
    const Tags = [{ Key: 'Team', Value: 'it' }]
    const made = await iam.send(new sdk.CreateSAMLProviderCommand({ Name: 'Corp', SAMLMetadataDocument, Tags }))
    expect(made).toMatchObject({ SAMLProviderArn, Tags })
    const changed = samlMetadata(
      keyDescriptor(rsaCertificate),
      'entityID="https://idp.example/saml" validUntil="2040-01-02T03:04:05Z"',
    )
    await iam.send(
      new sdk.UpdateSAMLProviderCommand({
        ...one,
        SAMLMetadataDocument: changed,
        AssertionEncryptionMode: 'Allowed',
        AddPrivateKey: pem,
      }),
    )
    await iam.send(new sdk.TagSAMLProviderCommand({ ...one, Tags: [{ Key: 'team', Value: 'two' }] }))
    await iam.send(new sdk.UntagSAMLProviderCommand({ ...one, TagKeys: ['Team'] }))
    expect(await iam.send(new sdk.GetSAMLProviderCommand(one))).toMatchObject({
      SAMLProviderUUID: expect.stringMatching(/^[A-Z0-9]{22,64}$/),
      SAMLMetadataDocument: changed,
      CreateDate: expect.any(Date),
      ValidUntil: new Date('2040-01-02T03:04:05Z'),
      AssertionEncryptionMode: 'Allowed',
      PrivateKeyList: [{ KeyId: expect.stringMatching(/^[A-Z0-9]{22,64}$/), Timestamp: expect.any(Date) }],
      Tags: [{ Key: 'team', Value: 'two' }],
    })
    expect((await iam.send(new sdk.ListSAMLProviderTagsCommand(one))).Tags).toEqual([{ Key: 'team', Value: 'two' }])
    expect((await iam.send(new sdk.ListSAMLProvidersCommand({}))).SAMLProviderList).toEqual([
      { Arn: SAMLProviderArn, ValidUntil: new Date('2040-01-02T03:04:05Z'), CreateDate: expect.any(Date) },
    ])
    await iam.send(new sdk.DeleteSAMLProviderCommand(one))
    expect((await refusal(iam.send(new sdk.GetSAMLProviderCommand(one)))).message).toBe(
      `Manifest not found for arn ${SAMLProviderArn}`,
    )
  })

  test('may have long metadata', async () => {
    const SAMLMetadataDocument = samlMetadata().padEnd(2_000_000)
    await iam.send(new sdk.CreateSAMLProviderCommand({ Name: 'Long', SAMLMetadataDocument }))
    const got = await iam.send(new sdk.GetSAMLProviderCommand({ SAMLProviderArn: arn('saml-provider/Long') }))
    expect(got.SAMLMetadataDocument).toBe(SAMLMetadataDocument)
  })

  test('keep their private keys to themselves: no answer, no record and no file has one', async () => {
    const SAMLMetadataDocument = samlMetadata()
    await iam.send(new sdk.CreateSAMLProviderCommand({ Name: 'Keyed', SAMLMetadataDocument, AddPrivateKey: pem }))
    // Refused, so that its parameters are in a record with a decision.
    const nobody = await makeUser(administrator, 'nobody')
    const again = new sdk.CreateSAMLProviderCommand({ Name: 'Other', SAMLMetadataDocument, AddPrivateKey: pem })
    expect((await refusal(nobody.iam.send(again))).status).toBe(403)
    await running.stop()
    const [, line = ''] = pem.split('\n')
    expect(line).toHaveLength(64)
    const files = readdirSync(running.data)
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) expect(readFileSync(join(running.data, file)).includes(line), file).toBe(false)
    expect(running.output()).not.toContain(line)
  })
})
