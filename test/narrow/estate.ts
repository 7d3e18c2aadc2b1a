import { readKeySet } from '../../src/token/jwk.ts'
import type { Keys } from '../clients/call.ts'
import { rsa } from '../gate/federation.ts'
import { home, keysOf, Scene } from '../gate/scene.ts'
import { decide } from '../oracle/oracle.ts'
import type { Document, Request } from '../oracle/question.ts'
import { keySet } from '../token/forge.ts'
import { type Idp, identityProvider } from '../token/idp.ts'
import { oidcHost, type Plan, type Step, type Team, userArn } from './plan.ts'

/** Somebody with credentials, as the guide knows them: all that AWS says may count for what they may do. */
export interface Holder {
  readonly keys: Keys
  readonly kind: 'key' | 'own-session' | 'assumed' | 'federated-user'
  readonly request: Pick<Request, 'principal' | 'principalId' | 'roleArn'>
  readonly identity: readonly Document[]
  readonly boundary: Document | undefined
  /** What narrows the session; `undefined` where nothing was given. */
  readonly session: readonly Document[] | undefined
  readonly team: Team | undefined
  /** Whether the next session of a role inherits the tag. */
  readonly transitive: boolean
  readonly sourceIdentity: Step['sourceIdentity']
  /** What the provider of a login said that is still asked about during the session it began, and not in what is assumed with it. */
  readonly lasting: Context
}

type Context = Request['context']
export interface Asked {
  readonly action: string
  readonly resource: string
  readonly context?: Context
  /** The trust policy of the role that is assumed. */
  readonly trust?: Document
}

/** What the second evaluator says: may somebody do this, by these layers alone? */
export function may(
  holder: Pick<Holder, 'request' | 'identity' | 'boundary' | 'session'> & { readonly context: Context },
  { action, resource, context = {}, trust }: Asked,
): boolean {
  const { effect } = decide({
    id: '',
    request: {
      ...holder.request,
      action,
      resource,
      resourceAccount: home,
      context: { 'aws:SourceIp': '127.0.0.1', ...holder.context, ...context },
    },
    policies: {
      identity: holder.identity.map((document) => ({ name: 'own', document })),
      ...(holder.boundary === undefined ? {} : { boundary: [holder.boundary] }),
      ...(holder.session === undefined ? {} : { session: holder.session }),
      ...(trust === undefined ? {} : { resource: trust, resourceRule: 'trust' }),
    },
  })
  return effect === 'allow'
}

export const contextOf = ({ kind, team, sourceIdentity, lasting }: Holder): Context => ({
  ...lasting,
  'aws:PrincipalTag/team': team ?? null,
  'aws:SourceIdentity': sourceIdentity ?? null,
  // Long-term keys do not have the key at all.
  'aws:MultiFactorAuthPresent': kind === 'key' ? null : 'false',
})

export const mayHolder = (holder: Holder, asked: Asked): boolean =>
  may({ ...holder, context: contextOf(holder) }, asked)

export const everything: Document = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
}

let made: Idp | undefined
/** Making its key takes a while, and any will do. */
export const corp = (): Idp => {
  made ??= identityProvider()
  return made
}

/** What a plan has become, in an authority of its own. */
export class Estate {
  readonly scene: Scene
  readonly plan: Plan
  readonly first: Holder
  readonly roleIds: readonly string[]

  private constructor(scene: Scene, plan: Plan, first: Holder, roleIds: readonly string[]) {
    this.scene = scene
    this.plan = plan
    this.first = first
    this.roleIds = roleIds
  }

  static async open(plan: Plan): Promise<Estate> {
    const scene = await Scene.open()
    scene.fetchKeys = async () => ({
      keys: readKeySet(keySet([rsa, { kid: 'one', use: 'sig', alg: 'RS256' }])) ?? [],
    })
    const iam = (action: string, parameters: Readonly<Record<string, string>>) =>
      scene.done(scene.administrator, 'iam', action, parameters)
    await iam('CreateOpenIDConnectProvider', {
      Url: `https://${oidcHost}`,
      'ClientIDList.member.1': 'sts.amazonaws.com',
    })
    await iam('CreateSAMLProvider', { Name: 'corp', SAMLMetadataDocument: corp().metadata })
    const tagged = (team: Team | undefined): Readonly<Record<string, string>> =>
      team === undefined ? {} : { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': team }
    const policies = async (kind: 'User' | 'Role' | 'Group', name: string, documents: readonly Document[]) => {
      for (const [at, each] of documents.entries())
        await iam(`Put${kind}Policy`, {
          [`${kind}Name`]: name,
          PolicyName: `p${at}`,
          PolicyDocument: JSON.stringify(each),
        })
    }
    const managed = async (PolicyName: string, each: Document) =>
      iam('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify(each) })
    const bounded = async (kind: 'User' | 'Role', name: string, boundary: Document | undefined) => {
      if (boundary === undefined) return
      await managed(`bound-${name}`, boundary)
      await iam(`Put${kind}PermissionsBoundary`, {
        [`${kind}Name`]: name,
        PermissionsBoundary: managedArn(`bound-${name}`),
      })
    }

    const { user, roles } = plan
    const { User } = await iam('CreateUser', { UserName: 'ann', ...tagged(user.team) })
    const roleIds: string[] = []
    for (const [at, role] of roles.entries()) {
      const { Role } = await iam('CreateRole', {
        RoleName: `r${at}`,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Principal: { AWS: home }, Action: 'sts:AssumeRole' },
        }),
        ...tagged(role.team),
      })
      roleIds.push(String(Role?.RoleId))
    }
    await policies('User', 'ann', user.policies)
    await bounded('User', 'ann', user.boundary)
    if (user.group !== undefined) {
      await iam('CreateGroup', { GroupName: 'g' })
      await policies('Group', 'g', [user.group])
      await iam('AddUserToGroup', { GroupName: 'g', UserName: 'ann' })
    }
    for (const [at, role] of roles.entries()) {
      await policies('Role', `r${at}`, role.policies)
      await bounded('Role', `r${at}`, role.boundary)
      await iam('UpdateAssumeRolePolicy', { RoleName: `r${at}`, PolicyDocument: JSON.stringify(role.trust) })
    }
    for (const [at, each] of plan.managed.entries()) await managed(`m${at}`, each)

    const { AccessKey } = await iam('CreateAccessKey', { UserName: 'ann' })
    const none = { session: undefined, transitive: false, sourceIdentity: undefined, kind: 'key', lasting: {} } as const
    const first: Holder =
      plan.start === 'root'
        ? {
            ...none,
            keys: scene.root,
            request: { principal: `arn:aws:iam::${home}:root` },
            // What a federated user of root has to be narrowed.
            identity: [everything],
            boundary: undefined,
            team: undefined,
          }
        : {
            ...none,
            keys: keysOf(AccessKey),
            request: { principal: userArn, principalId: String(User?.UserId) },
            identity: [...user.policies, ...(user.group === undefined ? [] : [user.group])],
            boundary: user.boundary,
            team: user.team,
          }
    return new Estate(scene, plan, first, roleIds)
  }

  role(at: number): Plan['roles'][number] {
    const role = this.plan.roles[at]
    if (role === undefined) throw new Error(`there is no role ${at}`)
    return role
  }
}

export const managedArn = (name: string): string => `arn:aws:iam::${home}:policy/${name}`
