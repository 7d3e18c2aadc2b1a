import type * as sdk from '@aws-sdk/client-iam'
import { expect } from 'vitest'
import { type Row, type Rows, type Stage, Tags } from './stage.ts'

/** Eight kinds of things are tagged in the same words. */
interface Tagged {
  readonly tag: (tags: sdk.Tag[]) => Promise<unknown>
  readonly untag: (TagKeys: string[]) => Promise<unknown>
  readonly list: (part: object) => Promise<{ Tags?: sdk.Tag[] | undefined }>
}

const tagged = (make: (stage: Stage) => Promise<Tagged>) => {
  const row =
    (play: (it: Tagged, stage: Stage) => Promise<unknown>): Row =>
    async (stage) =>
      play(await make(stage), stage)
  return {
    tag: row(async ({ tag, list }) => {
      await tag(Tags)
      await tag([{ Key: 'a', Value: '' }])
      expect((await list({})).Tags).toEqual([
        { Key: 'a', Value: '' },
        { Key: 'b', Value: '2' },
      ])
    }),
    untag: row(async ({ tag, untag, list }) => {
      await tag(Tags)
      await untag(['a', 'never there'])
      expect((await list({})).Tags).toEqual([{ Key: 'b', Value: '2' }])
    }),
    list: row(async ({ tag, list }, stage) => {
      const given = [...Tags, { Key: 'größe 中', Value: 'é' }]
      await tag(given)
      const listed = await stage.pages(
        (part) => list(part),
        (page) => page.Tags,
      )
      expect(listed).toEqual(given)
    }),
  }
}

const user = tagged(async (stage) => {
  const UserName = await stage.user()
  return {
    tag: (all) => stage.iam.tagUser({ UserName, Tags: all }),
    untag: (TagKeys) => stage.iam.untagUser({ UserName, TagKeys }),
    list: (part) => stage.iam.listUserTags({ UserName, ...part }),
  }
})
const role = tagged(async (stage) => {
  const RoleName = await stage.role()
  return {
    tag: (all) => stage.iam.tagRole({ RoleName, Tags: all }),
    untag: (TagKeys) => stage.iam.untagRole({ RoleName, TagKeys }),
    list: (part) => stage.iam.listRoleTags({ RoleName, ...part }),
  }
})
const policy = tagged(async (stage) => {
  const PolicyArn = await stage.policy()
  return {
    tag: (all) => stage.iam.tagPolicy({ PolicyArn, Tags: all }),
    untag: (TagKeys) => stage.iam.untagPolicy({ PolicyArn, TagKeys }),
    list: (part) => stage.iam.listPolicyTags({ PolicyArn, ...part }),
  }
})
const profile = tagged(async (stage) => {
  const InstanceProfileName = await stage.profile()
  return {
    tag: (all) => stage.iam.tagInstanceProfile({ InstanceProfileName, Tags: all }),
    untag: (TagKeys) => stage.iam.untagInstanceProfile({ InstanceProfileName, TagKeys }),
    list: (part) => stage.iam.listInstanceProfileTags({ InstanceProfileName, ...part }),
  }
})
const device = tagged(async (stage) => {
  const { serial: SerialNumber } = await stage.device()
  return {
    tag: (all) => stage.iam.tagMFADevice({ SerialNumber, Tags: all }),
    untag: (TagKeys) => stage.iam.untagMFADevice({ SerialNumber, TagKeys }),
    list: (part) => stage.iam.listMFADeviceTags({ SerialNumber, ...part }),
  }
})
const oidc = tagged(async (stage) => {
  const OpenIDConnectProviderArn = await stage.oidc()
  return {
    tag: (all) => stage.iam.tagOpenIDConnectProvider({ OpenIDConnectProviderArn, Tags: all }),
    untag: (TagKeys) => stage.iam.untagOpenIDConnectProvider({ OpenIDConnectProviderArn, TagKeys }),
    list: (part) => stage.iam.listOpenIDConnectProviderTags({ OpenIDConnectProviderArn, ...part }),
  }
})
const saml = tagged(async (stage) => {
  const SAMLProviderArn = await stage.saml()
  return {
    tag: (all) => stage.iam.tagSAMLProvider({ SAMLProviderArn, Tags: all }),
    untag: (TagKeys) => stage.iam.untagSAMLProvider({ SAMLProviderArn, TagKeys }),
    list: (part) => stage.iam.listSAMLProviderTags({ SAMLProviderArn, ...part }),
  }
})
const certificate = tagged(async (stage) => {
  const ServerCertificateName = await stage.serverCertificate()
  return {
    tag: (all) => stage.iam.tagServerCertificate({ ServerCertificateName, Tags: all }),
    untag: (TagKeys) => stage.iam.untagServerCertificate({ ServerCertificateName, TagKeys }),
    list: (part) => stage.iam.listServerCertificateTags({ ServerCertificateName, ...part }),
  }
})

export const tags = {
  TagUser: user.tag,
  UntagUser: user.untag,
  ListUserTags: user.list,
  TagRole: role.tag,
  UntagRole: role.untag,
  ListRoleTags: role.list,
  TagPolicy: policy.tag,
  UntagPolicy: policy.untag,
  ListPolicyTags: policy.list,
  TagInstanceProfile: profile.tag,
  UntagInstanceProfile: profile.untag,
  ListInstanceProfileTags: profile.list,
  TagMFADevice: device.tag,
  UntagMFADevice: device.untag,
  ListMFADeviceTags: device.list,
  TagOpenIDConnectProvider: oidc.tag,
  UntagOpenIDConnectProvider: oidc.untag,
  ListOpenIDConnectProviderTags: oidc.list,
  TagSAMLProvider: saml.tag,
  UntagSAMLProvider: saml.untag,
  ListSAMLProviderTags: saml.list,
  TagServerCertificate: certificate.tag,
  UntagServerCertificate: certificate.untag,
  ListServerCertificateTags: certificate.list,
} satisfies Rows
