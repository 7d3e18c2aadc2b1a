import { uniqueId } from '../../base/id.ts'
import { bindingOf } from '../../state/entity.ts'
import { inAccount, named } from '../../state/index-keys.ts'
import type { SamlProvider } from '../../state/provider.ts'
import { isRsaPrivateKey } from '../../token/private-key.ts'
import { readSamlMetadata } from '../../token/saml-metadata.ts'
import { operationsOf, type Scene, type Writable } from '../operation.ts'
import { wholeSecond } from './make.ts'
import { within } from './quota.ts'
import { shownTags, tagsIn } from './render.ts'
import { findSamlProvider, mustBeSamlArn, onSamlProvider, samlArn, samlKeysOf } from './saml.ts'
import { validTags } from './tagging.ts'
import { bornWith } from './target.ts'

const iam = operationsOf('iam')

interface Named {
  readonly SAMLProviderArn: string
}
const needs = (action: string) => (input: Named, scene: Scene) => [onSamlProvider(scene, action, input.SAMLProviderArn)]

const yearsWithoutEnd = 100
const keyBitsMin = 2048

type Said = Pick<SamlProvider, 'metadata' | 'issuer' | 'certificates' | 'validUntil'>

/** QUIRK: hundred-years. A provider whose metadata say nothing of an end is valid for a hundred years. */
function saidIn(scene: Scene<Writable, 'InvalidInput' | 'LimitExceeded'>, metadata: string): Said {
  const read = readSamlMetadata(metadata) ?? scene.fail('InvalidInput', 'Could not parse metadata')
  within(scene, 'KeysPerSamlProvider', read.certificates.length)
  const end = new Date(wholeSecond(scene.now))
  end.setUTCFullYear(end.getUTCFullYear() + yearsWithoutEnd)
  const { issuer, certificates, validUntil = end.getTime() } = read
  return { metadata, issuer, certificates, validUntil }
}

/** Whoever must encrypt needs a key that it can be opened with. */
function mustOpen(scene: Scene<Writable, 'InvalidInput'>, provider: SamlProvider): void {
  if (provider.encryption === 'Required' && samlKeysOf(scene.state, provider).length === 0)
    scene.fail('InvalidInput', 'A private key is required where assertions must be encrypted.')
}

function addKey(
  scene: Scene<Writable, 'InvalidInput' | 'LimitExceeded'>,
  provider: SamlProvider,
  pem: string | undefined,
): void {
  if (pem === undefined) return
  if (!isRsaPrivateKey(pem, keyBitsMin)) scene.fail('InvalidInput', 'Could not parse private key')
  within(scene, 'PrivateKeysPerSamlProvider', samlKeysOf(scene.state, provider).length + 1)
  const row = { kind: 'saml-key', id: uniqueId(scene.random, 'SAMLPK'), account: provider.account } as const
  const secret = scene.vault.seal(pem, bindingOf(row))
  scene.state.put({ ...row, provider: provider.id, secret, createdAt: wholeSecond(scene.now) })
}

export const createSAMLProvider = iam.write('CreateSAMLProvider', {
  level: 'write',
  needs: ({ Name, Tags }, { caller: { account } }) =>
    bornWith({ action: 'iam:CreateSAMLProvider', resource: samlArn(account, Name) }, 'TagSAMLProvider', Tags),
  run: (scene, { Name, SAMLMetadataDocument, AssertionEncryptionMode, AddPrivateKey, Tags }) => {
    const { account } = scene.caller
    const tags = validTags(scene, 'exact', Tags)
    const said = saidIn(scene, SAMLMetadataDocument)
    if (scene.state.one('saml-provider', named(account, Name)) !== undefined)
      scene.fail('EntityAlreadyExists', `Provider with name ${Name} already exists.`)
    within(scene, 'SamlProvidersPerAccount', scene.state.find('saml-provider', inAccount(account)).length + 1)

    const provider: SamlProvider = {
      kind: 'saml-provider',
      id: uniqueId(scene.random, 'SAMLSP'),
      account,
      name: Name,
      ...said,
      createdAt: wholeSecond(scene.now),
      tags,
      ...(AssertionEncryptionMode === undefined ? {} : { encryption: AssertionEncryptionMode }),
    }
    scene.state.put(provider)
    addKey(scene, provider, AddPrivateKey)
    mustOpen(scene, provider)
    return { SAMLProviderArn: samlArn(account, Name), ...tagsIn(provider) }
  },
})

/** What is not given stays. A key is taken away before one is added, so that one call can change one for another. */
export const updateSAMLProvider = iam.write('UpdateSAMLProvider', {
  level: 'write',
  check: mustBeSamlArn,
  needs: needs('UpdateSAMLProvider'),
  run: (scene, input) => {
    const { SAMLProviderArn, SAMLMetadataDocument, AssertionEncryptionMode, AddPrivateKey, RemovePrivateKey } = input
    const provider = findSamlProvider(scene, SAMLProviderArn)
    const changed: SamlProvider = {
      ...provider,
      ...(SAMLMetadataDocument === undefined ? {} : saidIn(scene, SAMLMetadataDocument)),
      ...(AssertionEncryptionMode === undefined ? {} : { encryption: AssertionEncryptionMode }),
    }
    if (RemovePrivateKey !== undefined) {
      if (!samlKeysOf(scene.state, provider).some(({ id }) => id === RemovePrivateKey))
        scene.fail('NoSuchEntity', `The private key with id ${RemovePrivateKey} cannot be found.`)
      scene.state.remove('saml-key', RemovePrivateKey)
    }
    addKey(scene, changed, AddPrivateKey)
    mustOpen(scene, changed)
    scene.state.put(changed)
    return { SAMLProviderArn }
  },
})

/** Private keys are told by their ids alone. */
export const getSAMLProvider = iam.read('GetSAMLProvider', {
  level: 'read',
  check: mustBeSamlArn,
  needs: needs('GetSAMLProvider'),
  run: (scene, { SAMLProviderArn }) => {
    const provider = findSamlProvider(scene, SAMLProviderArn)
    const keys = samlKeysOf(scene.state, provider)
    return {
      SAMLProviderUUID: provider.id,
      SAMLMetadataDocument: provider.metadata,
      CreateDate: provider.createdAt,
      ValidUntil: provider.validUntil,
      Tags: shownTags(provider.tags),
      // QUIRK: encryption-allowed. A provider of which nobody said otherwise is told to take encrypted assertions.
      AssertionEncryptionMode: provider.encryption ?? 'Allowed',
      PrivateKeyList: keys.map(({ id, createdAt }) => ({ KeyId: id, Timestamp: createdAt })),
    }
  },
})

/** QUIRK: providers-unpaged. Lists of providers come whole. */
export const listSAMLProviders = iam.read('ListSAMLProviders', {
  level: 'list',
  needs: () => [{ action: 'iam:ListSAMLProviders', resource: '*' }],
  run: ({ state, caller: { account } }) => ({
    SAMLProviderList: state
      .find('saml-provider', inAccount(account))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, validUntil, createdAt }) => ({
        Arn: samlArn(account, name),
        ValidUntil: validUntil,
        CreateDate: createdAt,
      })),
  }),
})

/** Roles that trust the provider stay as they are: nobody can take them up through it any more. */
export const deleteSAMLProvider = iam.write('DeleteSAMLProvider', {
  level: 'write',
  check: mustBeSamlArn,
  needs: needs('DeleteSAMLProvider'),
  run: (scene, { SAMLProviderArn }) => {
    const provider = findSamlProvider(scene, SAMLProviderArn)
    for (const { id } of samlKeysOf(scene.state, provider)) scene.state.remove('saml-key', id)
    scene.state.remove('saml-provider', provider.id)
    return {}
  },
})
