import { callService, type Keys } from './client.ts'
import { keysOf, type Place, region } from './place.ts'

/** What a client needs to talk to the authority as somebody. */
export interface Session {
  readonly endpoint: string
  readonly region: string
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A role may be named by its ARN, or by its name in the account at hand. */
const roleArn = (role: string, account: string): string =>
  role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`

/** The administrator of an account, or a session of a role that the administrator may assume. */
export async function openSession(
  place: Place,
  options: { readonly account?: string | undefined; readonly role?: string | undefined },
): Promise<Session> {
  const keys = keysOf(place, options.account)
  const { accountId, accessKeyId, secretAccessKey } = keys
  const administrator = { endpoint: place.endpoint, region, accountId, accessKeyId, secretAccessKey }
  if (options.role === undefined) return administrator
  const RoleArn = roleArn(options.role, accountId)
  const { AssumedRoleUser, Credentials } = await callService(
    place.endpoint,
    { accessKeyId, secretAccessKey },
    'sts',
    'AssumeRole',
    {
      RoleArn,
      RoleSessionName: 'administrator',
    },
  )
  return {
    endpoint: place.endpoint,
    region,
    accountId: String(AssumedRoleUser?.Arn ?? '').split(':')[4] ?? accountId,
    ...credentialsOf(Credentials),
  }
}

function credentialsOf(answer: Readonly<Record<string, unknown>> | undefined): Required<Keys> {
  return {
    accessKeyId: String(answer?.AccessKeyId),
    secretAccessKey: String(answer?.SecretAccessKey),
    sessionToken: String(answer?.SessionToken),
  }
}

/** The same as environment variables, as the aws CLI and every SDK read them. `undefined` ones must not be set. */
export const variablesOf = (session: Session): Readonly<Record<string, string | undefined>> => ({
  AWS_ENDPOINT_URL: session.endpoint,
  AWS_REGION: session.region,
  // The aws CLI of the first generation, and boto3, read this name only.
  AWS_DEFAULT_REGION: session.region,
  AWS_ACCESS_KEY_ID: session.accessKeyId,
  AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
  AWS_SESSION_TOKEN: session.sessionToken,
  // What another place left in the environment, and clients would believe more than the above: a profile, another endpoint for
  // the very services, an older name of the token, and what was said of those credentials.
  AWS_PROFILE: undefined,
  AWS_DEFAULT_PROFILE: undefined,
  AWS_SECURITY_TOKEN: undefined,
  AWS_CREDENTIAL_EXPIRATION: undefined,
  AWS_ACCOUNT_ID: undefined,
  AWS_ENDPOINT_URL_IAM: undefined,
  AWS_ENDPOINT_URL_STS: undefined,
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined,
})
