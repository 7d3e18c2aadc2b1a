import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
