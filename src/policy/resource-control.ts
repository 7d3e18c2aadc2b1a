/**
 * The services whose resources a resource control policy holds for (AWS Organizations User Guide, "List of AWS services that support
 * RCPs"), by the prefix of their actions.
 */
const services: ReadonlySet<string> = new Set([
  'aoss',
  'cognito-identity',
  'cognito-idp',
  'dynamodb',
  'ecr',
  'kms',
  'logs',
  's3',
  'secretsmanager',
  'sqs',
  'sts',
])

export const supportsResourceControl = (service: string): boolean => services.has(service.toLowerCase())

/**
 * Whether resource control policies stand over an action on a resource. Of what STS is asked, a role is the only thing that is a
 * resource of somebody's: who asks for a session of their own asks for nothing of the kind.
 */
export function isResourceControlled(action: string, resource: string): boolean {
  if (resource === '*') return false
  const service = action.slice(0, Math.max(0, action.indexOf(':'))).toLowerCase()
  return service === 'sts' ? resource.includes(':role/') : services.has(service)
}
