import { generateKeyPairSync } from 'node:crypto'
import { CloudTrailClient, type Event, paginateLookupEvents } from '@aws-sdk/client-cloudtrail'
import * as iam from '@aws-sdk/client-iam'
import { Organizations } from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../../src/token/self-signed.ts'
import { type Actor, actorOf, makeAccount, statement } from './actor.ts'
import { clientOf, discard, envOf, type Running, rolecall, startRolecall } from './process.ts'

/** By which names an auditor finds a call that made, changed or named something. */
const home = '012345678901'
const guest = '987654321098'

let running: Running
let here: Actor
let boss: Organizations

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  boss = new Organizations({ ...clientOf(here.env), maxAttempts: 1 })
  await makeAccount(running, guest)
})
afterAll(() => discard(running))

async function found(AttributeValue: string | undefined): Promise<readonly Event[]> {
  const events: Event[] = []
  const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue }]
  for await (const page of paginateLookupEvents(
    { client: new CloudTrailClient(clientOf(here.env)) },
    { LookupAttributes },
  ))
    events.push(...(page.Events ?? []))
  return events
}
const names = async (name: string | undefined) => (await found(name)).map(({ EventName }) => EventName)

describe('what IAM made is found', () => {
  test('by the ARN of an identity provider, which is all of the answer', async () => {
    const { stdout } = await rolecall(['saml', 'metadata', '--data', running.data])
    const { SAMLProviderArn } = await here.iam.send(
      new iam.CreateSAMLProviderCommand({ Name: 'idp', SAMLMetadataDocument: stdout }),
    )
    expect(await names(SAMLProviderArn)).toEqual(['CreateSAMLProvider'])
    const { OpenIDConnectProviderArn } = await here.iam.send(
      new iam.CreateOpenIDConnectProviderCommand({ Url: 'https://issuer.example.com' }),
    )
    await here.iam.send(new iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))
    expect(await names(OpenIDConnectProviderArn)).toEqual([
      'DeleteOpenIDConnectProvider',
      'CreateOpenIDConnectProvider',
    ])
  })

  test('by the ids of keys and certificates that somebody brought along', async () => {
    await here.iam.send(new iam.CreateUserCommand({ UserName: 'ann' }))
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    const body = selfSigned(key, 'ann', Date.now(), new Uint8Array(16).fill(1)).replace(/.{64}/g, '$&\n')
    const certificate = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`
    const { Certificate } = await here.iam.send(
      new iam.UploadSigningCertificateCommand({ UserName: 'ann', CertificateBody: certificate }),
    )
    expect(await names(Certificate?.CertificateId)).toEqual(['UploadSigningCertificate'])
    const { SSHPublicKey } = await here.iam.send(
      new iam.UploadSSHPublicKeyCommand({
        UserName: 'ann',
        SSHPublicKeyBody: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      }),
    )
    expect(await names(SSHPublicKey?.SSHPublicKeyId)).toEqual(['UploadSSHPublicKey'])
    const { ServerCertificateMetadata } = await here.iam.send(
      new iam.UploadServerCertificateCommand({
        ServerCertificateName: 'web',
        CertificateBody: certificate,
        PrivateKey: key,
      }),
    )
    for (const name of [ServerCertificateMetadata?.Arn, ServerCertificateMetadata?.ServerCertificateId, 'web'])
      expect(await names(name)).toEqual(['UploadServerCertificate'])
  })

  test('by the name that it was given later', async () => {
    await here.iam.send(new iam.UpdateUserCommand({ UserName: 'ann', NewUserName: 'beth' }))
    expect(await names('beth')).toEqual(['UpdateUser'])
  })
})

describe('what Organizations did is found', () => {
  let organization: string

  /** The record of one call, found by a name. */
  async function recorded(name: string, EventName: string) {
    const event = (await found(name)).find((one) => one.EventName === EventName)
    const { requestParameters, responseElements } = JSON.parse(event?.CloudTrailEvent ?? '{}')
    return { requestParameters, responseElements, resources: event?.Resources }
  }

  test('by the id of an account, an organization, or an invitation', async () => {
    organization = (await boss.createOrganization({})).Organization?.Id ?? ''
    expect(await names(organization)).toEqual(['CreateOrganization'])
    const { Handshake } = await boss.inviteAccountToOrganization({
      Target: { Type: 'ACCOUNT', Id: guest },
      Notes: 'come in',
    })
    expect(await names(guest)).toEqual(['InviteAccountToOrganization'])
    expect(await names(Handshake?.Id)).toEqual(['InviteAccountToOrganization'])
    expect(await names(Handshake?.Arn)).toEqual(['InviteAccountToOrganization'])
  })

  test('by the ids of policies and what they are attached to', async () => {
    const root = (await boss.listRoots({})).Roots?.[0]?.Id ?? ''
    await boss.enablePolicyType({ RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' })
    const unit = (await boss.createOrganizationalUnit({ ParentId: root, Name: 'dev' })).OrganizationalUnit
    const Content = JSON.stringify(statement({ Effect: 'Deny', Action: 'iam:CreateUser', Resource: '*' }))
    const { Policy } = await boss.createPolicy({ Name: 'no', Description: '', Type: 'SERVICE_CONTROL_POLICY', Content })
    const PolicyId = Policy?.PolicySummary?.Id ?? ''
    await boss.attachPolicy({ PolicyId, TargetId: unit?.Id })
    await boss.detachPolicy({ PolicyId, TargetId: unit?.Id })
    expect(await names(PolicyId)).toEqual(['DetachPolicy', 'AttachPolicy', 'CreatePolicy'])
    expect(await names(Policy?.PolicySummary?.Arn)).toEqual(['CreatePolicy'])
    expect(await names(unit?.Id)).toEqual(['DetachPolicy', 'AttachPolicy', 'CreateOrganizationalUnit'])
    expect(await names(root)).toEqual(['CreateOrganizationalUnit', 'EnablePolicyType'])
    expect((await recorded(PolicyId, 'AttachPolicy')).resources).toEqual([
      { ResourceType: 'AWS::Organizations::Policy', ResourceName: PolicyId },
      { ResourceType: 'AWS::Organizations::OrganizationalUnit', ResourceName: unit?.Id },
    ])
  })

  test('audit-masks-persons: and names nobody’s address', async () => {
    const { CreateAccountStatus } = await boss.createAccount({ AccountName: 'Staging', Email: 'someone@example.com' })
    const Id = CreateAccountStatus?.Id ?? ''
    expect(await recorded(Id, 'CreateAccount')).toMatchObject({
      requestParameters: { email: '****', accountName: '****' },
      responseElements: { createAccountStatus: { id: Id, accountName: '****', state: 'IN_PROGRESS' } },
    })
    const invitation = await recorded(guest, 'InviteAccountToOrganization')
    expect(invitation.requestParameters).toEqual({ target: { id: guest, type: 'ACCOUNT' }, notes: '****' })
    expect(invitation.responseElements.handshake.parties).toEqual([
      { id: organization, type: 'ORGANIZATION' },
      { id: guest, type: 'ACCOUNT' },
    ])
    await boss.inviteAccountToOrganization({ Target: { Type: 'EMAIL', Id: 'stranger@example.com' } })
    const everything = JSON.stringify(await found(organization))
    expect(everything).toContain('InviteAccountToOrganization')
    expect(everything).not.toContain('@example.com')
  })
})
