import type { Need } from '../../access/need.ts'
import type * as Shape from '../../model/calls/iam.ts'
import type { MfaDevice, ServerCertificate } from '../../state/credential.ts'
import type { InstanceProfile, Role, Tag, User } from '../../state/identity.ts'
import type { ManagedPolicy } from '../../state/managed-policy.ts'
import type { OidcProvider, SamlProvider } from '../../state/provider.ts'
import { type Failing, operationsOf, type Scene, type Writable } from '../operation.ts'
import { find, type Place } from './lookup.ts'
import { mustBeOwn, mustBePolicyArn, needOnPolicy, ownPolicy } from './managed.ts'
import { findOidcProvider, mustBeOidcArn, onOidcProvider } from './oidc.ts'
import { page } from './page.ts'
import { limitOf } from './quota.ts'
import { shownTags } from './render.ts'
import { findSamlProvider, mustBeSamlArn, onSamlProvider } from './saml.ts'
import { findDevice, onDevice } from './serial.ts'
import { onNamed, tagsOf } from './target.ts'

const iam = operationsOf('iam')

/** QUIRK: tag-key-case. The keys of users and roles are compared without regard to case, those of everything else with it. */
export type Casing = 'folded' | 'exact'

const keyed = (casing: Casing, key: string): string => (casing === 'folded' ? key.toLowerCase() : key)

/** Tags of a request, where they may stand together. */
export function validTags(
  scene: Failing<'InvalidInput'>,
  casing: Casing,
  tags: readonly Shape.Tag[] = [],
): readonly Tag[] {
  const seen = new Set<string>()
  for (const { Key } of tags) {
    if (Key.toLowerCase().startsWith('aws:'))
      scene.fail('InvalidInput', `Tag key ${Key} is not valid: the prefix aws: is reserved for use by AWS.`)
    const key = keyed(casing, Key)
    if (seen.has(key))
      scene.fail(
        'InvalidInput',
        casing === 'folded'
          ? 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'
          : 'Duplicate tag keys found.',
      )
    seen.add(key)
  }
  return tagsOf(tags)
}

/** A tag of the same key gives way, also to a new spelling of its key; the rest follow in the order in which they came. */
function merged(casing: Casing, old: readonly Tag[], fresh: readonly Tag[]): readonly Tag[] {
  const tags = new Map(old.map((tag) => [keyed(casing, tag.key), tag]))
  for (const tag of fresh) tags.set(keyed(casing, tag.key), tag)
  return [...tags.values()]
}

/** QUIRK: tags-in-order. Keys are listed in the order of bytes, `A` before `a`; those that are compared with regard to case by length first. */
const inOrder = (casing: Casing, a: string, b: string): number =>
  (casing === 'exact' ? a.length - b.length : 0) || (a < b ? -1 : 1)

type TaggableEntity =
  | User
  | Role
  | ManagedPolicy
  | InstanceProfile
  | OidcProvider
  | MfaDevice
  | SamlProvider
  | ServerCertificate

interface Taggable<Held extends TaggableEntity, Input> {
  /** How the operations call it: `TagUser`, `UntagUser`, `ListUserTags`. */
  readonly word:
    | 'User'
    | 'Role'
    | 'Policy'
    | 'InstanceProfile'
    | 'OpenIDConnectProvider'
    | 'MFADevice'
    | 'SAMLProvider'
    | 'ServerCertificate'
  readonly casing: Casing
  readonly nameOf: (input: Input) => string
  readonly need: (place: Place, action: string, name: string) => Need
  readonly find: (scene: Place & Failing<'NoSuchEntity'>, name: string) => Held
  readonly check?: (input: Input, scene: Failing) => void
  /** Refuses a change to what is not the account's own. */
  readonly guard?: (scene: Place & Failing, name: string) => void
}

interface Tagged {
  readonly Tags: readonly Shape.Tag[]
}
interface Keys {
  readonly TagKeys: readonly string[]
}
interface Paged {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** Kinds of resource are tagged in the same words. The words are written once. */
const tagging = <Held extends TaggableEntity, Input>(kind: Taggable<Held, Input>) => {
  const checked = kind.check === undefined ? {} : { check: kind.check }
  return {
    tag: {
      level: 'tagging' as const,
      ...checked,
      needs: (input: Input & Tagged, scene: Scene) => [
        { ...kind.need(scene, `Tag${kind.word}`, kind.nameOf(input)), requestTags: tagsOf(input.Tags) },
      ],
      run: (scene: Scene<Writable, 'NoSuchEntity' | 'InvalidInput' | 'LimitExceeded'>, input: Input & Tagged) => {
        kind.guard?.(scene, kind.nameOf(input))
        const held = kind.find(scene, kind.nameOf(input))
        const tags = merged(kind.casing, held.tags, validTags(scene, kind.casing, input.Tags))
        if (tags.length > limitOf(scene, 'TagsPerResource'))
          scene.fail('LimitExceeded', 'The number of tags has reached the maximum limit.')
        scene.state.put({ ...held, tags })
        return {}
      },
    },
    untag: {
      level: 'tagging' as const,
      ...checked,
      needs: (input: Input & Keys, scene: Scene) => [
        { ...kind.need(scene, `Untag${kind.word}`, kind.nameOf(input)), tagKeys: input.TagKeys },
      ],
      run: (scene: Scene<Writable, 'NoSuchEntity'>, input: Input & Keys) => {
        kind.guard?.(scene, kind.nameOf(input))
        const held = kind.find(scene, kind.nameOf(input))
        const gone = new Set(input.TagKeys.map((key) => keyed(kind.casing, key)))
        scene.state.put({ ...held, tags: held.tags.filter(({ key }) => !gone.has(keyed(kind.casing, key))) })
        return {}
      },
    },
    list: {
      level: 'list' as const,
      ...checked,
      needs: (input: Input & Paged, scene: Scene) => [kind.need(scene, `List${kind.word}Tags`, kind.nameOf(input))],
      run: (scene: Place & Failing<'NoSuchEntity'>, input: Input & Paged) => {
        const held = kind.find(scene, kind.nameOf(input))
        // Keys are too long and too varied for a marker, which names a place in the order instead.
        const tags = held.tags.toSorted((a, b) => inOrder(kind.casing, a.key, b.key))
        const { shown, end } = page(scene, input, `tags ${held.id}`, tags, (_, at) => String(at).padStart(3, '0'))
        return { Tags: shownTags(shown), ...end }
      },
    },
  }
}

const ofUser = tagging<User, { readonly UserName: string }>({
  word: 'User',
  casing: 'folded',
  nameOf: ({ UserName }) => UserName,
  need: (place, action, name) => onNamed(place, action, 'user', name),
  find: (scene, name) => find(scene, 'user', name),
})
export const tagUser = iam.write('TagUser', ofUser.tag)
export const untagUser = iam.write('UntagUser', ofUser.untag)
export const listUserTags = iam.read('ListUserTags', ofUser.list)

const ofRole = tagging<Role, { readonly RoleName: string }>({
  word: 'Role',
  casing: 'folded',
  nameOf: ({ RoleName }) => RoleName,
  need: (place, action, name) => onNamed(place, action, 'role', name),
  find: (scene, name) => find(scene, 'role', name),
})
export const tagRole = iam.write('TagRole', ofRole.tag)
export const untagRole = iam.write('UntagRole', ofRole.untag)
export const listRoleTags = iam.read('ListRoleTags', ofRole.list)

const ofPolicy = tagging<ManagedPolicy, { readonly PolicyArn: string }>({
  word: 'Policy',
  casing: 'exact',
  nameOf: ({ PolicyArn }) => PolicyArn,
  need: needOnPolicy,
  check: mustBePolicyArn,
  find: (scene, arn) => ownPolicy(scene, arn) ?? scene.fail('NoSuchEntity', `Policy ${arn} was not found.`),
  guard: (scene, arn) => mustBeOwn(scene, arn, 'Cannot update policies outside your own account.'),
})
export const tagPolicy = iam.write('TagPolicy', ofPolicy.tag)
export const untagPolicy = iam.write('UntagPolicy', ofPolicy.untag)
export const listPolicyTags = iam.read('ListPolicyTags', ofPolicy.list)

const ofProfile = tagging<InstanceProfile, { readonly InstanceProfileName: string }>({
  word: 'InstanceProfile',
  casing: 'exact',
  nameOf: ({ InstanceProfileName }) => InstanceProfileName,
  need: (place, action, name) => onNamed(place, action, 'instance-profile', name),
  find: (scene, name) => find(scene, 'instance-profile', name),
})
export const tagInstanceProfile = iam.write('TagInstanceProfile', ofProfile.tag)
export const untagInstanceProfile = iam.write('UntagInstanceProfile', ofProfile.untag)
export const listInstanceProfileTags = iam.read('ListInstanceProfileTags', ofProfile.list)

const ofOidcProvider = tagging<OidcProvider, { readonly OpenIDConnectProviderArn: string }>({
  word: 'OpenIDConnectProvider',
  casing: 'exact',
  nameOf: ({ OpenIDConnectProviderArn }) => OpenIDConnectProviderArn,
  need: onOidcProvider,
  check: mustBeOidcArn,
  find: findOidcProvider,
})
export const tagOpenIDConnectProvider = iam.write('TagOpenIDConnectProvider', ofOidcProvider.tag)
export const untagOpenIDConnectProvider = iam.write('UntagOpenIDConnectProvider', ofOidcProvider.untag)
export const listOpenIDConnectProviderTags = iam.read('ListOpenIDConnectProviderTags', ofOidcProvider.list)

const ofDevice = tagging<MfaDevice, { readonly SerialNumber: string }>({
  word: 'MFADevice',
  casing: 'exact',
  nameOf: ({ SerialNumber }) => SerialNumber,
  need: onDevice,
  find: findDevice,
})
export const tagMfaDevice = iam.write('TagMFADevice', ofDevice.tag)
export const untagMfaDevice = iam.write('UntagMFADevice', ofDevice.untag)
export const listMfaDeviceTags = iam.read('ListMFADeviceTags', ofDevice.list)

const ofSamlProvider = tagging<SamlProvider, { readonly SAMLProviderArn: string }>({
  word: 'SAMLProvider',
  casing: 'exact',
  nameOf: ({ SAMLProviderArn }) => SAMLProviderArn,
  need: onSamlProvider,
  check: mustBeSamlArn,
  find: findSamlProvider,
})
export const tagSAMLProvider = iam.write('TagSAMLProvider', ofSamlProvider.tag)
export const untagSAMLProvider = iam.write('UntagSAMLProvider', ofSamlProvider.untag)
export const listSAMLProviderTags = iam.read('ListSAMLProviderTags', ofSamlProvider.list)

const ofCertificate = tagging<ServerCertificate, { readonly ServerCertificateName: string }>({
  word: 'ServerCertificate',
  casing: 'exact',
  nameOf: ({ ServerCertificateName }) => ServerCertificateName,
  need: (place, action, name) => onNamed(place, action, 'server-certificate', name),
  find: (scene, name) => find(scene, 'server-certificate', name),
})
export const tagServerCertificate = iam.write('TagServerCertificate', ofCertificate.tag)
export const untagServerCertificate = iam.write('UntagServerCertificate', ofCertificate.untag)
export const listServerCertificateTags = iam.read('ListServerCertificateTags', ofCertificate.list)
