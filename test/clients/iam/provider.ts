import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'vitest'
import { keyDescriptor, rsaCertificate, samlMetadata } from '../../token/saml.ts'
import { refusal } from '../actor.ts'
import { arn, type Rows, Tags } from './stage.ts'

const ThumbprintList = ['6938fd4d98bab03faadb97b34396831e3780aea1']
const pem = (): string =>
  String(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }))

export const providers = {
  CreateOpenIDConnectProvider: async (stage) => {
    const host = `${stage.name()}.example`
    const made = await stage.iam.createOpenIDConnectProvider({
      Url: `https://${host}/realm`,
      ClientIDList: ['one'],
      ThumbprintList,
      Tags,
    })
    const OpenIDConnectProviderArn = arn(`oidc-provider/${host}/realm`)
    expect(made).toMatchObject({ OpenIDConnectProviderArn, Tags })
    expect(await stage.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })).toMatchObject({
      ClientIDList: ['one'],
      ThumbprintList,
    })
  },
  GetOpenIDConnectProvider: async (stage) => {
    const OpenIDConnectProviderArn = await stage.oidc({ ClientIDList: ['one', 'two'], ThumbprintList, Tags })
    expect(await stage.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })).toMatchObject({
      Url: OpenIDConnectProviderArn.slice(OpenIDConnectProviderArn.indexOf('/') + 1),
      ClientIDList: ['one', 'two'],
      ThumbprintList,
      CreateDate: expect.any(Date),
      Tags,
    })
  },
  ListOpenIDConnectProviders: async (stage) => {
    const Arn = await stage.oidc()
    expect((await stage.iam.listOpenIDConnectProviders({})).OpenIDConnectProviderList).toContainEqual({ Arn })
  },
  AddClientIDToOpenIDConnectProvider: async (stage) => {
    const OpenIDConnectProviderArn = await stage.oidc({ ClientIDList: ['one'] })
    await stage.iam.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID: 'two' })
    const got = await stage.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })
    expect(got.ClientIDList).toEqual(['one', 'two'])
  },
  RemoveClientIDFromOpenIDConnectProvider: async (stage) => {
    const OpenIDConnectProviderArn = await stage.oidc({ ClientIDList: ['one', 'two'] })
    await stage.iam.removeClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID: 'one' })
    expect((await stage.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })).ClientIDList).toEqual(['two'])
  },
  UpdateOpenIDConnectProviderThumbprint: async (stage) => {
    const OpenIDConnectProviderArn = await stage.oidc()
    await stage.iam.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn, ThumbprintList })
    const got = await stage.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })
    expect(got.ThumbprintList).toEqual(ThumbprintList)
  },
  DeleteOpenIDConnectProvider: async (stage) => {
    const OpenIDConnectProviderArn = await stage.oidc()
    await stage.iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn })
    const gone = await refusal(stage.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn }))
    expect(gone.code).toBe('NoSuchEntity')
  },

  CreateSAMLProvider: async (stage) => {
    const Name = stage.name()
    const made = await stage.iam.createSAMLProvider({
      Name,
      SAMLMetadataDocument: samlMetadata(),
      AssertionEncryptionMode: 'Required',
      AddPrivateKey: pem(),
      Tags,
    })
    expect(made).toMatchObject({ SAMLProviderArn: arn(`saml-provider/${Name}`), Tags })
  },
  GetSAMLProvider: async (stage) => {
    const SAMLProviderArn = await stage.saml({ AssertionEncryptionMode: 'Allowed', AddPrivateKey: pem(), Tags })
    expect(await stage.iam.getSAMLProvider({ SAMLProviderArn })).toMatchObject({
      SAMLProviderUUID: expect.stringMatching(/^[A-Z0-9]{22,64}$/),
      SAMLMetadataDocument: samlMetadata(),
      CreateDate: expect.any(Date),
      ValidUntil: expect.any(Date),
      Tags,
      AssertionEncryptionMode: 'Allowed',
      PrivateKeyList: [{ KeyId: expect.any(String), Timestamp: expect.any(Date) }],
    })
  },
  ListSAMLProviders: async (stage) => {
    const Arn = await stage.saml()
    expect((await stage.iam.listSAMLProviders({})).SAMLProviderList).toContainEqual({
      Arn,
      ValidUntil: expect.any(Date),
      CreateDate: expect.any(Date),
    })
  },
  UpdateSAMLProvider: async (stage) => {
    const SAMLProviderArn = await stage.saml({ AddPrivateKey: pem() })
    const [key] = (await stage.iam.getSAMLProvider({ SAMLProviderArn })).PrivateKeyList ?? []
    const SAMLMetadataDocument = samlMetadata(keyDescriptor(rsaCertificate), 'entityID="https://other.example"')
    const told = await stage.iam.updateSAMLProvider({
      SAMLProviderArn,
      SAMLMetadataDocument,
      AssertionEncryptionMode: 'Required',
      AddPrivateKey: pem(),
    })
    expect(told.SAMLProviderArn).toBe(SAMLProviderArn)
    const both = await stage.iam.getSAMLProvider({ SAMLProviderArn })
    expect(both).toMatchObject({ SAMLMetadataDocument, AssertionEncryptionMode: 'Required' })
    expect(both.PrivateKeyList).toHaveLength(2)
    await stage.iam.updateSAMLProvider({ SAMLProviderArn, RemovePrivateKey: key?.KeyId })
    const left = await stage.iam.getSAMLProvider({ SAMLProviderArn })
    expect(left.PrivateKeyList?.map(({ KeyId }) => KeyId)).not.toContain(key?.KeyId)
  },
  DeleteSAMLProvider: async (stage) => {
    const SAMLProviderArn = await stage.saml()
    await stage.iam.deleteSAMLProvider({ SAMLProviderArn })
    expect((await refusal(stage.iam.getSAMLProvider({ SAMLProviderArn }))).code).toBe('NoSuchEntity')
  },
} satisfies Rows
