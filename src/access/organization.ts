import { awsOrganizationPolicy } from '../model/organization-policy.ts'
import type { AttachedPolicy } from '../policy/decide.ts'
import { rootArn } from '../state/entity.ts'
import {
  type Membership,
  type Organization,
  type OrganizationPolicy,
  type OrganizationUnit,
  organizationArn,
  organizationPolicyArn,
  placeArn,
} from '../state/organization.ts'
import type { View } from '../state/view.ts'
import { compile } from './layers.ts'

/** What an organization puts over the accounts in it, a list for each level from the root down. */
export interface Ceilings {
  readonly scps: readonly (readonly AttachedPolicy[])[] | undefined
  readonly rcps: readonly (readonly AttachedPolicy[])[] | undefined
}

/** What was put together for a membership, and what it was made of. */
interface Standing extends Ceilings {
  readonly organization: Organization
  /** From the root down. */
  readonly units: readonly OrganizationUnit[]
  readonly policies: readonly OrganizationPolicy[]
  /** `o-…/r-…/ou-…/` */
  readonly path: string
}

const standings = new WeakMap<Membership, Standing>()

/**
 * Where an account stands in its organization, `undefined` for one that is in none: that is one look-up. Entities are frozen and
 * replaced whole, so what was put together once holds as long as each of them is still the very same.
 */
function standingOf(view: View, account: string): Standing | undefined {
  const membership = view.get('membership', account)
  if (membership === undefined) return undefined
  const known = standings.get(membership)
  if (known !== undefined && holds(view, known)) return known
  const fresh = standingFrom(view, membership)
  standings.set(membership, fresh)
  return fresh
}

function holds(view: View, { organization, units, policies }: Standing): boolean {
  if (view.get('organization', organization.id) !== organization) return false
  for (const unit of units) if (view.get('organization-unit', unit.id) !== unit) return false
  for (const policy of policies) if (view.get('organization-policy', policy.id) !== policy) return false
  return true
}

function standingFrom(view: View, membership: Membership): Standing {
  const organization = view.get('organization', membership.organization)
  if (organization === undefined) throw new Error(`${membership.id} is in an organization that does not exist`)
  const units = unitsAbove(view, membership.parent)
  const holders = [...units.map(({ id, policies }) => ({ id, policies })), membership]
  const policies = new Map<string, OrganizationPolicy>()
  for (const id of holders.flatMap((holder) => holder.policies)) {
    const policy = view.get('organization-policy', id)
    if (policy !== undefined) policies.set(id, policy)
  }
  const ceiling = (type: 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY', word: 'scp' | 'rcp') => {
    // QUIRK: management-account-unbound. Nothing that an organization's policies say holds for the account that manages it.
    if (membership.account === organization.account || !organization.policyTypes.includes(type)) return undefined
    return holders.map(({ id, policies: carried }) => {
      const holder = placeArn(organization, id)
      return carried.flatMap((policy) => attached(policies.get(policy), policy, type, { type: word, holder }))
    })
  }
  const attached = (
    own: OrganizationPolicy | undefined,
    id: string,
    type: string,
    source: { readonly type: 'scp' | 'rcp'; readonly holder: string },
  ): readonly AttachedPolicy[] => {
    const policy = own ?? awsOrganizationPolicy(id)
    if (policy?.type !== type) return []
    const arn = 'arn' in policy ? policy.arn : organizationPolicyArn(policy)
    return [
      {
        policy: compile(policy, policy.document),
        source: { ...source, name: policy.name, arn, account: organization.account },
      },
    ]
  }
  return {
    organization,
    units,
    policies: [...policies.values()],
    path: `${[organization.id, ...units.map(({ id }) => id)].join('/')}/`,
    scps: ceiling('SERVICE_CONTROL_POLICY', 'scp'),
    rcps: ceiling('RESOURCE_CONTROL_POLICY', 'rcp'),
  }
}

/** The root, and every unit from there down to this one. */
export function unitsAbove(view: View, id: string): readonly OrganizationUnit[] {
  const units: OrganizationUnit[] = []
  for (let at: string | undefined = id; at !== undefined; ) {
    const unit: OrganizationUnit | undefined = view.get('organization-unit', at)
    if (unit === undefined) throw new Error(`the unit ${at} does not exist`)
    units.unshift(unit)
    at = unit.parent
  }
  return units
}

/** Service control policies over the principals of an account, level by level; nothing where none stand over it. */
export const serviceControl = (view: View, account: string): Ceilings['scps'] => standingOf(view, account)?.scps

/** Resource control policies over the resources of an account, likewise. */
export const resourceControl = (view: View, account: string): Ceilings['rcps'] => standingOf(view, account)?.rcps

/** The organization that an account is in: `aws:PrincipalOrgID`, `aws:ResourceOrgID`. */
export const organizationId = (view: View, account: string): string | undefined =>
  view.get('membership', account)?.organization

/** Where in it: `aws:PrincipalOrgPaths`, `aws:ResourceOrgPaths`. It ends in a slash. */
export const organizationPath = (view: View, account: string): string | undefined => standingOf(view, account)?.path

/** What the managing account lets its members do, as the policy on a resource that it is. */
export function delegationPolicy(organization: Organization): readonly AttachedPolicy[] {
  const { account, delegation } = organization
  if (delegation === undefined) return []
  const holder = organizationArn(organization)
  return [
    {
      policy: compile(delegation, delegation.document),
      source: { type: 'resource', name: 'resource policy of the organization', account, holder },
    },
  ]
}

/**
 * What lends the root of a member out: to the account that manages its organization, and to those that stand in for it at IAM, where the
 * organization has root sessions (IAM User Guide, "Centrally manage root access for member accounts"). Nothing where it lends none.
 */
export function rootLending(view: View, account: string, to: string): AttachedPolicy | undefined {
  const organization = organizationOver(view, account)
  if (organization === undefined || organization.account === account) return undefined
  if (!organization.rootAccess.includes('RootSessions')) return undefined
  if (!managesRoots(view, organization, to)) return undefined
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRoot', Principal: { AWS: rootArn(to) } }],
  })
  const source = {
    type: 'resource' as const,
    name: 'root access of the organization',
    account,
    holder: rootArn(account),
  }
  return { policy: compile({}, text), source }
}

function organizationOver(view: View, account: string): Organization | undefined {
  const membership = view.get('membership', account)
  return membership === undefined ? undefined : view.get('organization', membership.organization)
}

/** The service that root access rests on. */
export const iamService = 'iam.amazonaws.com'

/** Whether an account sees to the root users of an organization's members: it manages it, or stands in for it at IAM. */
export function managesRoots(view: View, { id, account }: Organization, candidate: string): boolean {
  if (candidate === account) return true
  const membership = view.get('membership', candidate)
  return membership?.organization === id && membership.delegated.some(({ service }) => service === iamService)
}
