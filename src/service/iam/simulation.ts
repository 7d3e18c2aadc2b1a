import { organizationId, organizationPath, resourceControl, serviceControl } from '../../access/organization.ts'
import { isAccountId, parseArn } from '../../base/arn.ts'
import type * as Shape from '../../model/calls/iam.ts'
import { contextKeysIn } from '../../policy/context-key.ts'
import { type AttachedPolicy, type Decision, decide, type Situation } from '../../policy/decide.ts'
import type { Lookup, Principal } from '../../policy/request.ts'
import { isResourceControlled } from '../../policy/resource-control.ts'
import type { Failing } from '../operation.ts'
import { type Context, contextFrom } from './context-entry.ts'
import { inputPolicies, inputPolicy } from './input-policy.ts'
import type { Place } from './lookup.ts'
import { seekSource } from './policy-source.ts'
import { mergedResult, resultOf, simpleResult } from './simulation-result.ts'

/** What both operations are asked in the same words. */
export type Simulated = Omit<Shape.SimulateCustomPolicyRequest, 'PolicyInputList' | 'MaxItems' | 'Marker'> & {
  readonly PolicyInputList?: readonly string[] | undefined
}

/** What the simulated principal has of its own, before anything is put in. */
export interface Standing {
  readonly identity: readonly AttachedPolicy[]
  readonly boundary: AttachedPolicy | undefined
  /** Who asks where no caller is named. */
  readonly arn: string | undefined
}

/** One action at a time, in the order asked for. */
export interface Simulation {
  readonly result: (action: string) => Shape.EvaluationResult
  /** How much looking at one action costs, in decisions over one statement. */
  readonly cost: number
}

/** More of either no person reads, and an answer of so many decisions would keep everybody else waiting. */
const most = { resources: 1_000, policies: 100 }

/**
 * Makes a simulation ready: everything that the request says is read once, in the order in which AWS finds fault with it. Each action is
 * then put to the very function that the gate asks, over the same compiled policies.
 */
export function simulation(scene: Place & Failing<'InvalidInput'>, asked: Simulated, standing: Standing): Simulation {
  const { account } = scene.caller
  const refuse = (message: string): never => scene.fail('InvalidInput', message)
  const { PermissionsBoundaryPolicyInputList: boundaries = [], PolicyInputList = [] } = asked
  if (boundaries.length > 1) refuse('The list of Permissions Boundary policies cannot exceed 1 items.')
  if (PolicyInputList.length > most.policies) refuse(`The list of policies cannot exceed ${most.policies} items.`)

  const resources = asked.ResourceArns?.length ? asked.ResourceArns : ['*']
  mustBeResources(scene, resources)
  if (!asked.ActionNames.every((action) => action.includes(':')))
    refuse('The action is invalid since it is missing names')
  mustBeHandled(scene, asked, resources)

  const context = contextFrom(scene, asked.ContextEntries)
  const identity = [...standing.identity, ...inputPolicies(scene, 'PolicyInputList', account, PolicyInputList)]
  const [given] = inputPolicies(scene, 'PermissionsBoundaryPolicyInputList', account, boundaries)
  const boundary = given ?? standing.boundary

  const caller = callerFrom(scene, asked.CallerArn ?? standing.arn)
  const owner = asked.ResourceOwner === undefined ? undefined : ownerFrom(scene, asked.ResourceOwner)
  const onResource = resourcePolicy(scene, asked, caller, owner, resources)

  const policies = [...identity, ...(boundary ? [boundary] : []), ...(onResource ? [onResource] : [])]
  const lookup = lookupIn(context, defaultsOf(scene, caller))
  const untold = [...new Set(policies.flatMap(({ policy }) => contextKeysIn(policy.document)))].filter(
    (key) => !context.has(key.toLowerCase()),
  )

  // INVARIANT: own-ceilings-only. What stands over another account, and in which organization it is, is not for whoever asks to find out.
  const scps = caller.account === account ? serviceControl(scene.state, account) : undefined
  const decided = (action: string, resource: string): Decision => {
    const side = sideOf(resource, owner, caller.account ?? account, onResource)
    const own = (side.account ?? ownerIn(resource) ?? account) === account
    const rcps = own && isResourceControlled(action, resource) ? resourceControl(scene.state, account) : undefined
    const situation: Situation = {
      request: { principal: caller, action, resource, resourceAccount: side.account, lookup },
      identity,
      ...(scps === undefined ? {} : { scps }),
      ...(rcps === undefined ? {} : { rcps }),
      ...(boundary === undefined ? {} : { boundary }),
      ...(onResource === undefined || side.account === undefined
        ? {}
        : {
            resource: { account: side.account, policies: [onResource], rule: ruleFor(action, resource) },
          }),
    }
    return decide(situation)
  }

  const over = (scps ?? []).flat()
  const statements = [...policies, ...over].reduce((count, { policy }) => count + policy.statements.length, 1)
  return {
    cost: resources.length * statements,
    result: (action) => {
      const [only = '*'] = resources
      if (only === '*') return simpleResult(action, resultOf(decided(action, only), only, untold))
      return mergedResult(
        action,
        resources.map((resource) => resultOf(decided(action, resource), resource, untold)),
      )
    },
  }
}

/** Everything, or a list of ARNs. */
function mustBeResources(scene: Failing<'InvalidInput'>, resources: readonly string[]): void {
  if (resources.length > most.resources)
    scene.fail('InvalidInput', `The list of resources cannot exceed ${most.resources} items.`)
  for (const resource of resources) {
    if (resource === '*' && resources.length === 1) continue
    const arn = parseArn(resource)
    if (arn === undefined || arn.partition === '' || arn.service === '' || arn.resource === '')
      scene.fail('InvalidInput', `ResourceNames are not in a valid ARN format: ${resource}.`)
  }
}

/** The ways of starting an instance that AWS simulates as one (IAM API Reference, SimulateCustomPolicy). */
const handlings: ReadonlySet<string> = new Set([
  'EC2-VPC-InstanceStore',
  'EC2-VPC-InstanceStore-Subnet',
  'EC2-VPC-EBS',
  'EC2-VPC-EBS-Subnet',
])

/** QUIRK: handling-of-everything. The option says nothing where no resource is named. */
function mustBeHandled(scene: Failing<'InvalidInput'>, asked: Simulated, resources: readonly string[]): void {
  const { ResourceHandlingOption: option, ActionNames } = asked
  if (option === undefined || resources[0] === '*') return
  for (const action of ActionNames) {
    if (action.toLowerCase() !== 'ec2:runinstances' || !handlings.has(option))
      scene.fail(
        'InvalidInput',
        `Invalid input resource handling options. Action does not support resource handling options: ${action}.`,
      )
  }
}

/** Who asks in the simulation. Without an ARN it is nobody in particular of the account. */
function callerFrom(scene: Place & Failing<'InvalidInput'>, arn: string | undefined): Principal {
  if (arn === undefined) return { kind: 'user', account: scene.caller.account, arns: [] }
  const parsed = parseArn(arn)
  const [kind, name] = parsed?.resource.split('/') ?? []
  const known = kind === 'user' || kind === 'group' || kind === 'role'
  if (parsed?.service !== 'iam' || !isAccountId(parsed.account) || !known || !name)
    return scene.fail('InvalidInput', 'Invalid caller - Caller must be an IAM user, role or group in this context.')
  const uniqueId = seekSource(scene, arn)?.id
  // The role itself asks as a session that nobody named.
  return { kind: kind === 'role' ? 'role-session' : 'user', account: parsed.account, arns: [arn], uniqueId }
}

/** QUIRK: owner-by-arn. An account id alone is none, whatever the reference says. */
function ownerFrom(scene: Failing<'InvalidInput'>, text: string): string {
  const arn = parseArn(text)
  if (arn?.service !== 'iam' || arn.region !== '' || !isAccountId(arn.account) || arn.resource === '')
    return scene.fail('InvalidInput', `'${text}' is not a valid as a Resource Owner.`)
  return arn.account
}

function resourcePolicy(
  scene: Failing<'InvalidInput'>,
  { ResourcePolicy: document }: Simulated,
  caller: Principal,
  owner: string | undefined,
  resources: readonly string[],
): AttachedPolicy | undefined {
  if (document === undefined) return undefined
  if (caller.arns.length === 0) scene.fail('InvalidInput', 'Invalid caller - Caller cannot be null or empty.')
  if (resources[0] === '*')
    scene.fail('InvalidInput', 'Invalid Entity Arn: * does not clearly define entity type and name.')
  const found = inputPolicy(scene, 'ResourcePolicy', owner ?? caller.account ?? '', document)
  const everything = found.policy.statements.some((statement) => statement?.resources?.patterns.includes('*'))
  return everything ? scene.fail('InvalidInput', 'ResourceNames are not in a valid ARN format: *.') : found
}

/** The keys that follow from who asks. QUIRK: simulated-userid. Its unique id is its ARN here, and without an ARN a stub. */
function defaultsOf({ state, caller }: Place, { arns: [arn], account = caller.account }: Principal): Context {
  const keys = new Map([['aws:principalaccount', [account]]])
  const own = account === caller.account
  const organization = own ? organizationId(state, account) : undefined
  const path = own ? organizationPath(state, account) : undefined
  if (organization !== undefined) keys.set('aws:principalorgid', [organization])
  if (path !== undefined) keys.set('aws:principalorgpaths', [path])
  keys.set('aws:userid', [arn ?? 'STUB_PRINCIPAL_FOR_POLICY_SIMULATOR'])
  if (arn === undefined) return keys
  keys.set('aws:principalarn', [arn])
  if (arn.includes(':user/')) keys.set('aws:username', [arn.slice(arn.lastIndexOf('/') + 1)])
  return keys
}

/** What is given wins over what follows. Nothing else is there: a simulation knows its whole request. */
const lookupIn =
  (context: Context, defaults: Context): Lookup =>
  (key) =>
    context.get(key) ?? defaults.get(key) ?? null

const ownerIn = (resource: string): string | undefined => {
  const account = parseArn(resource)?.account ?? ''
  return isAccountId(account) ? account : undefined
}

/**
 * Whose the resource is. Another account's side is asked only where something was said of it, a policy or an owner: a simulation does not
 * fetch the policies of resources.
 */
function sideOf(
  resource: string,
  owner: string | undefined,
  own: string,
  policy: AttachedPolicy | undefined,
): { readonly account: string | undefined } {
  if (owner === undefined && policy === undefined) return { account: undefined }
  return { account: ownerIn(resource) ?? owner ?? own }
}

/** What a resource's own policy is: a role's trust policy where it is assumed, a key's where a key is used. */
function ruleFor(action: string, resource: string): 'ordinary' | 'trust' | 'key' {
  const folded = action.toLowerCase()
  if (folded.startsWith('sts:') && resource.includes(':role/')) return 'trust'
  return folded.startsWith('kms:') && resource.includes(':key/') ? 'key' : 'ordinary'
}
