// A role, assumed with the AWS SDK for JavaScript. Nothing here is about rolecall: the endpoint and the keys come from the
// environment, as `rolecall exec` and `rolecall env` set it. Against AWS itself the same file does the same thing.
import { CreateRoleCommand, GetRoleCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const sts = new STSClient({})
const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}))
console.log(`I am ${Arn}`)

const iam = new IAMClient({})
const RoleName = 'sdk-example'
const role = await iam.send(new GetRoleCommand({ RoleName })).catch((error) => {
  if (error.name !== 'NoSuchEntityException') throw error
  return iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: Account }, Action: 'sts:AssumeRole' }],
      }),
    }),
  )
})

const { AssumedRoleUser, Credentials } = await sts.send(
  new AssumeRoleCommand({ RoleArn: role.Role.Arn, RoleSessionName: 'example', DurationSeconds: 900 }),
)
console.log(`now I can be ${AssumedRoleUser.Arn} until ${Credentials.Expiration.toISOString()}`)

const asRole = new IAMClient({
  credentials: {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  },
})
await asRole.send(new ListUsersCommand({})).catch((error) => console.log(`and as such I am told: ${error.message}`))
