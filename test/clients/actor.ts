import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { clientOf, type Env, type Running, rolecall } from './process.ts'
import { watched } from './watch.ts'

/** Somebody with keys, and the clients that act with them. */
export interface Actor {
  readonly env: Env
  readonly iam: IAMClient
  readonly sts: STSClient
}

/** Nothing is tried twice: a test is about the first answer. What comes back is held against AWS's model on the way. */
export const actorOf = (env: Env): Actor => ({
  env,
  iam: watched('iam', new IAMClient({ ...clientOf(env), maxAttempts: 1 })),
  sts: watched('sts', new STSClient({ ...clientOf(env), maxAttempts: 1 })),
})

/** The same one with other keys. */
export const withKeys = (actor: Actor, keys: Partial<Env>): Actor => actorOf({ ...actor.env, ...keys })

/** Another account of the same authority, made by the command line: its administrator, and its root user. */
export async function makeAccount(
  running: Running,
  id: string,
): Promise<{ readonly administrator: Actor; readonly root: Actor }> {
  const { code, stdout, stderr } = await rolecall(['account', 'create', '--data', running.data, '--id', id, '--json'])
  if (code !== 0) throw new Error(stderr)
  const keys = JSON.parse(stdout) as Record<string, string>
  const env = (accessKeyId: string, secretAccessKey: string): Env => ({
    endpoint: running.endpoint,
    region: 'us-east-1',
    accountId: id,
    accessKeyId,
    secretAccessKey,
  })
  return {
    administrator: actorOf(env(keys.accessKeyId ?? '', keys.secretAccessKey ?? '')),
    root: actorOf(env(keys.rootAccessKeyId ?? '', keys.rootSecretAccessKey ?? '')),
  }
}

export type Document = string | object
export const textOf = (document: Document): string =>
  typeof document === 'string' ? document : JSON.stringify(document)

const version = '2012-10-17'
export const statement = (...Statement: readonly object[]) => ({ Version: version, Statement })
export const allow = (Action: string | readonly string[], Resource: string | readonly string[] = '*') =>
  statement({ Effect: 'Allow', Action, Resource })
export const deny = (Action: string | readonly string[], Resource: string | readonly string[] = '*') =>
  statement({ Effect: 'Deny', Action, Resource })
export const trusting = (AWS: string | readonly string[], Condition?: object) =>
  statement({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole', ...(Condition ? { Condition } : {}) })

/** A user with a key, and with what it may do as the inline policy `own`, or as the managed policy of that ARN. */
export async function makeUser(
  administrator: Actor,
  UserName: string,
  may?: Document,
): Promise<Actor & { readonly arn: string; readonly id: string }> {
  const { User } = await administrator.iam.send(new CreateUserCommand({ UserName }))
  if (typeof may === 'string' && may.startsWith('arn:')) {
    await administrator.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: may }))
  } else if (may !== undefined) {
    await administrator.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: textOf(may) }))
  }
  const { AccessKey } = await administrator.iam.send(new CreateAccessKeyCommand({ UserName }))
  const { sessionToken: _, ...env } = administrator.env
  return {
    ...actorOf({
      ...env,
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    }),
    arn: User?.Arn ?? '',
    id: User?.UserId ?? '',
  }
}

export async function makeRole(
  administrator: Actor,
  RoleName: string,
  trust: Document,
  more: { readonly MaxSessionDuration?: number; readonly Path?: string } = {},
): Promise<{ readonly arn: string; readonly id: string }> {
  const { Role } = await administrator.iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: textOf(trust), ...more }),
  )
  return { arn: Role?.Arn ?? '', id: Role?.RoleId ?? '' }
}

/** Becomes a session of the role. */
export async function assume(
  actor: Actor,
  RoleArn: string,
  more: Partial<AssumeRoleCommandInput> = {},
): Promise<Actor> {
  const { Credentials } = await actor.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }))
  return withKeys(actor, {
    accountId: RoleArn.split(':')[4] ?? '',
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  })
}

export async function whoIs(actor: Actor) {
  const { Arn, UserId, Account } = await actor.sts.send(new GetCallerIdentityCommand({}))
  return { Arn, UserId, Account }
}

export interface Refused {
  readonly code: string
  readonly message: string
  readonly status: number
}

/** What a call was refused with: AWS's code, AWS's words, the HTTP status. Throws where it was not refused. */
export async function refusal(call: Promise<unknown>): Promise<Refused> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('the call was allowed')
  // The SDK's service exceptions carry what came over the wire beside the error's own members.
  const { Code, $metadata } = error as Error & {
    readonly Code?: string
    readonly $metadata?: { readonly httpStatusCode?: number }
  }
  if ($metadata === undefined) throw error
  return { code: Code ?? error.name, message: error.message, status: $metadata.httpStatusCode ?? 0 }
}

/** AccessDenied as AWS words it. */
export const denied = (caller: string, action: string, resource: string, reason = ''): Refused => ({
  code: 'AccessDenied',
  message: `User: ${caller} is not authorized to perform: ${action} on resource: ${resource}${reason === '' ? '' : ` ${reason}`}`,
  status: 403,
})
