/** How AWS looks at the strings inside an identity policy: resources and actions, with its own words for what is wrong. */

const partitions = new Set([
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
  'aws-eusc',
])

const iamPaths = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
]

/** In the reference since temporary delegation came, and not in AWS's message, as far as that was recorded. */
const unnamedIamPaths = ['delegation-request/']

/** What S3 keeps in a region, by its Service Authorization Reference; buckets and objects are in none. */
const regionalS3 = ['accesspoint/', 'job/', 'storage-lens/', 'storage-lens-group/', 'access-grants/']

/** AWS's message about a resource that is in no form it knows, or `undefined`. */
export function resourceMessage(resource: string): string | undefined {
  if (resource === '*') return undefined
  const [, partition, service, region, account, ...rest] = resource.split(':')
  if (partition === undefined) return `Resource ${resource} must be in ARN format or "*".`
  if (partition !== '*' && !partitions.has(partition)) {
    // A lone empty part after the partition is printed as missing.
    const first = service === undefined || (service === '' && region === undefined) ? '*' : service
    const tail = rest.length > 0 ? rest.join(':') : '*'
    const shown = [partition, first, region ?? '*', account ?? '*', tail].join(':')
    return `Partition "${partition}" is not valid for resource "arn:${shown}".`
  }
  if (service === undefined || service.includes('*') || service.includes('?')) {
    return 'Resource vendor must be fully qualified and cannot contain regexes.'
  }
  const name = rest.length > 0 ? rest.join(':') : undefined
  if (service === 'iam') {
    if (isSet(region)) return `IAM resource ${resource} cannot contain region information.`
    if (name !== undefined && !isIamPath(name)) {
      return `IAM resource path must either be "*", root, or start with ${iamPaths.join(', ')}.`
    }
  }
  if (service === 's3' && isSet(region) && !regionalS3.some((path) => name?.startsWith(path))) {
    return `Resource ${resource} can not contain region information.`
  }
  return undefined
}

const isSet = (segment: string | undefined): boolean => segment !== undefined && segment !== ''

const isIamPath = (name: string): boolean =>
  name === '*' || name === 'root' || [...iamPaths, ...unnamedIamPaths].some((path) => name.startsWith(path))

/**
 * QUIRK: legacy-resource. What AWS's older parser will not read: `::` in fewer than six segments, and an empty service. In a partition that there is
 * not, it looks at neither.
 */
export function failsLegacyParsing(resource: string): boolean {
  if (resource === '*') return false
  const segments = resource.split(':')
  const [, partition] = segments
  if (partition !== undefined && partition !== '' && partition !== '*' && !partitions.has(partition)) return false
  return (segments.length < 6 && resource.includes('::')) || segments[2] === ''
}

/** AWS's message about an action that is in no form it knows, or `undefined`. Unknown services and names are fine. */
export function actionMessage(action: string): string | undefined {
  if (action === '*') return undefined
  const colon = action.indexOf(':')
  if (colon < 0) return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'
  if (action.includes(':', colon + 1)) return 'Actions/Condition can contain only one colon.'
  const vendor = action.slice(0, colon)
  return vendor === '*' || /^[A-Za-z0-9.-]+$/.test(vendor) ? undefined : `Vendor ${vendor} is not valid`
}
