import type { Entity } from '../../src/state/entity.ts'
import type { Membership, Organization, OrganizationPolicy, OrganizationUnit } from '../../src/state/organization.ts'
import { document, home } from './scene.ts'

/** `home` is a member, two units below the root; `manager` manages; `away` is in no organization. */
export const manager = '999999999999'
export const full = 'p-FullAWSAccess'
export const fullResources = 'p-RCPFullAWSAccess'
export const both = [full, fullResources]

export const organization = (parts: Partial<Organization> = {}): Organization => ({
  kind: 'organization',
  id: 'o-exampleone',
  account: manager,
  features: 'ALL',
  root: 'r-root',
  createdAt: 0,
  policyTypes: ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'],
  trusted: [],
  rootAccess: [],
  ...parts,
})
export const unit = (id: string, parent: string | undefined, policies: readonly string[] = both): OrganizationUnit => ({
  kind: 'organization-unit',
  id,
  account: manager,
  organization: 'o-exampleone',
  ...(parent === undefined ? {} : { parent }),
  name: id,
  createdAt: 0,
  policies,
  tags: [],
})
export const member = (account: string, policies: readonly string[] = both, parent = 'ou-in'): Membership => ({
  kind: 'membership',
  id: account,
  account,
  organization: 'o-exampleone',
  parent,
  joined: { method: 'INVITED', at: 0 },
  policies,
  delegated: [],
  tags: [],
})
export const policy = (id: string, type: 'SERVICE' | 'RESOURCE', ...statements: object[]): OrganizationPolicy => ({
  kind: 'organization-policy',
  id,
  account: manager,
  organization: 'o-exampleone',
  type: `${type}_CONTROL_POLICY`,
  name: `named ${id}`,
  description: '',
  document: document(...statements),
  updatedAt: 0,
  tags: [],
})

interface Attached {
  readonly root?: readonly string[]
  readonly out?: readonly string[]
  readonly in?: readonly string[]
  readonly account?: readonly string[]
  readonly manager?: readonly string[]
}
export const entities = (attached: Attached = {}, own: Organization = organization()): readonly Entity[] => [
  own,
  unit('r-root', undefined, attached.root),
  unit('ou-out', 'r-root', attached.out),
  unit('ou-in', 'ou-out', attached.in),
  member(home, attached.account),
  member(manager, attached.manager, 'r-root'),
]
