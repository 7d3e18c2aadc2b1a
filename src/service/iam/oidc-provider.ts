import { inAccount } from '../../state/index-keys.ts'
import type { OidcProvider } from '../../state/provider.ts'
import { type Failing, operationsOf, type Scene } from '../operation.ts'
import { wholeSecond } from './make.ts'
import {
  findOidcProvider,
  issuerOf,
  mustBeIssuer,
  mustBeOidcArn,
  oidcArn,
  onOidcProvider,
  seekOidcProvider,
} from './oidc.ts'
import { within } from './quota.ts'
import { shownTags, tagsIn } from './render.ts'
import { validTags } from './tagging.ts'
import { bornWith } from './target.ts'

const iam = operationsOf('iam')

interface Named {
  readonly OpenIDConnectProviderArn: string
}
const needs = (action: string) => (input: Named, scene: Scene) => [
  onOidcProvider(scene, action, input.OpenIDConnectProviderArn),
]

const thumbprintsMax = 5

/** QUIRK: fewer-than-five. AWS takes five, and says that there must be fewer. */
function mustBeFewThumbprints(scene: Failing<'InvalidInput'>, thumbprints: readonly string[]): void {
  if (thumbprints.length > thumbprintsMax)
    scene.fail('InvalidInput', 'Thumbprint list must contain fewer than 5 entries.')
}

/**
 * AWS fetches the thumbprint of a provider that is registered without one. Nothing is fetched here: the list stays empty, and a
 * provider's certificate is checked against the certificate authorities.
 */
export const createOpenIDConnectProvider = iam.write('CreateOpenIDConnectProvider', {
  level: 'write',
  check: mustBeIssuer,
  needs: ({ Url, Tags }, { caller: { account } }) =>
    bornWith(
      { action: 'iam:CreateOpenIDConnectProvider', resource: oidcArn(account, Url) },
      'TagOpenIDConnectProvider',
      Tags,
    ),
  run: (scene, { Url, ClientIDList = [], ThumbprintList = [], Tags }) => {
    const { account } = scene.caller
    const tags = validTags(scene, 'exact', Tags)
    mustBeFewThumbprints(scene, ThumbprintList)
    const clientIds = [...new Set(ClientIDList)]
    within(scene, 'ClientIdsPerOidcProvider', clientIds.length)
    const id = oidcArn(account, Url)
    if (scene.state.get('oidc-provider', id) !== undefined)
      scene.fail('EntityAlreadyExists', `Provider with url ${Url} already exists.`)
    within(scene, 'OidcProvidersPerAccount', scene.state.find('oidc-provider', inAccount(account)).length + 1)

    const provider: OidcProvider = {
      kind: 'oidc-provider',
      id,
      account,
      url: issuerOf(Url),
      clientIds,
      thumbprints: ThumbprintList,
      createdAt: wholeSecond(scene.now),
      tags,
    }
    scene.state.put(provider)
    return { OpenIDConnectProviderArn: id, ...tagsIn(provider) }
  },
})

/** QUIRK: empty-tags-of-oidc-providers. It has a Tags element also where there are no tags. */
export const getOpenIDConnectProvider = iam.read('GetOpenIDConnectProvider', {
  level: 'read',
  check: mustBeOidcArn,
  needs: needs('GetOpenIDConnectProvider'),
  run: (scene, { OpenIDConnectProviderArn }) => {
    const { url, clientIds, thumbprints, createdAt, tags } = findOidcProvider(scene, OpenIDConnectProviderArn)
    return {
      Url: url,
      ClientIDList: clientIds,
      ThumbprintList: thumbprints,
      CreateDate: createdAt,
      Tags: shownTags(tags),
    }
  },
})

/** QUIRK: providers-unpaged. Lists of providers come whole. */
export const listOpenIDConnectProviders = iam.read('ListOpenIDConnectProviders', {
  level: 'list',
  needs: () => [{ action: 'iam:ListOpenIDConnectProviders', resource: '*' }],
  run: ({ state, caller }) => ({
    OpenIDConnectProviderList: state
      .find('oidc-provider', inAccount(caller.account))
      .map(({ id }) => id)
      .toSorted()
      .map((Arn) => ({ Arn })),
  }),
})

/** QUIRK: idempotent-client-ids. One that is there already is no error, and neither is removing one that is not. */
export const addClientIDToOpenIDConnectProvider = iam.write('AddClientIDToOpenIDConnectProvider', {
  level: 'write',
  check: mustBeOidcArn,
  needs: needs('AddClientIDToOpenIDConnectProvider'),
  run: (scene, { OpenIDConnectProviderArn, ClientID }) => {
    const provider = findOidcProvider(scene, OpenIDConnectProviderArn)
    if (provider.clientIds.includes(ClientID)) return {}
    within(scene, 'ClientIdsPerOidcProvider', provider.clientIds.length + 1)
    scene.state.put({ ...provider, clientIds: [...provider.clientIds, ClientID] })
    return {}
  },
})

export const removeClientIDFromOpenIDConnectProvider = iam.write('RemoveClientIDFromOpenIDConnectProvider', {
  level: 'write',
  check: mustBeOidcArn,
  needs: needs('RemoveClientIDFromOpenIDConnectProvider'),
  run: (scene, { OpenIDConnectProviderArn, ClientID }) => {
    const provider = findOidcProvider(scene, OpenIDConnectProviderArn)
    if (provider.clientIds.includes(ClientID))
      scene.state.put({ ...provider, clientIds: provider.clientIds.filter((id) => id !== ClientID) })
    return {}
  },
})

/** Replaces the whole list. */
export const updateOpenIDConnectProviderThumbprint = iam.write('UpdateOpenIDConnectProviderThumbprint', {
  level: 'write',
  check: mustBeOidcArn,
  needs: needs('UpdateOpenIDConnectProviderThumbprint'),
  run: (scene, { OpenIDConnectProviderArn, ThumbprintList }) => {
    const provider = findOidcProvider(scene, OpenIDConnectProviderArn)
    // QUIRK: a-thumbprint-stays. A provider may be registered without thumbprints; what it has can be changed, and not taken away.
    if (ThumbprintList.length === 0) scene.fail('InvalidInput', 'Thumbprint list must contain at least one entry.')
    mustBeFewThumbprints(scene, ThumbprintList)
    scene.state.put({ ...provider, thumbprints: ThumbprintList })
    return {}
  },
})

/** Roles that trust the provider stay as they are: nobody can take them up through it any more. */
export const deleteOpenIDConnectProvider = iam.write('DeleteOpenIDConnectProvider', {
  level: 'write',
  check: mustBeOidcArn,
  needs: needs('DeleteOpenIDConnectProvider'),
  run: (scene, { OpenIDConnectProviderArn: arn }) => {
    // AWS's reference calls the operation idempotent; its recorded answer is this one.
    const provider =
      seekOidcProvider(scene, arn) ?? scene.fail('NoSuchEntity', `OpenId connect Provider ${arn} cannot be found.`)
    scene.state.remove('oidc-provider', provider.id)
    return {}
  },
})
