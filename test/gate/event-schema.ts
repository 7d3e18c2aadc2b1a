/**
 * What a CloudTrail record looks like (CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element"), as
 * a schema: every member that may be there, of which kind, and which must. What is not named here must not be there.
 */
export type Check = (value: unknown, path: string) => readonly string[]

const says = (path: string, what: string): readonly string[] => [`${path || 'the record'} ${what}`]
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const text =
  (pattern = /./s): Check =>
  (value, path) =>
    typeof value !== 'string' ? says(path, 'is no text') : pattern.test(value) ? [] : says(path, `is ${value}`)
export const one =
  (...values: readonly unknown[]): Check =>
  (value, path) =>
    values.includes(value) ? [] : says(path, `is ${JSON.stringify(value)}`)
export const list =
  (of: Check): Check =>
  (value, path) =>
    Array.isArray(value) ? value.flatMap((each, at) => of(each, `${path}.${at}`)) : says(path, 'is no list')
export const orNull =
  (of: Check): Check =>
  (value, path) =>
    value === null ? [] : of(value, path)
/** Members with names that their sender chose. */
export const table =
  (of: Check): Check =>
  (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, each]) => of(each, `${path}.${name}`))
      : says(path, 'is no object')
export const object =
  (must: Readonly<Record<string, Check>>, may: Readonly<Record<string, Check>> = {}): Check =>
  (value, path) => {
    if (!isObject(value)) return says(path, 'is no object')
    const missing = Object.keys(must).filter((name) => !Object.hasOwn(value, name))
    return [
      ...missing.flatMap((name) => says(path, `lacks ${name}`)),
      ...Object.entries(value).flatMap(([name, each]) => {
        const check = must[name] ?? may[name]
        return check === undefined ? says(path, `has ${name}`) : check(each, path === '' ? name : `${path}.${name}`)
      }),
    ]
  }

const account = text(/^\d{12}$/)
const arn = text(/^arn:aws:/)
const time = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
const uuid = text(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
const longKey = text(/^AKIA[A-Z2-7]{16}$/)
const shortKey = text(/^ASIA[A-Z2-7]{16}$/)
const truth = one('true', 'false')

const issuer = (type: string, principalId: Check, more: Readonly<Record<string, Check>>): Check =>
  object({ type: one(type), principalId, arn, accountId: account, ...more })
const attributes = object({ creationDate: time, mfaAuthenticated: truth })
const federation = object({ federatedProvider: text(), attributes: table(text()) })
const context = (must: Readonly<Record<string, Check>> = {}, may: Readonly<Record<string, Check>> = {}): Check =>
  object({ attributes, ...must }, { sourceIdentity: text(), ...may })

/** One for every kind of caller, by what it is called here. */
export const identities = {
  root: object(
    { type: one('Root'), principalId: account, arn: text(/:root$/), accountId: account, accessKeyId: longKey },
    { userName: text() },
  ),
  'root session': object(
    {
      type: one('Root'),
      principalId: account,
      arn: text(/:root$/),
      accountId: account,
      accessKeyId: shortKey,
      sessionContext: context(),
    },
    { userName: text() },
  ),
  'lent root': object(
    {
      type: one('Root'),
      principalId: account,
      arn: text(/:root$/),
      accountId: account,
      accessKeyId: shortKey,
      sessionContext: context({ assumedRoot: one('true') }),
    },
    { userName: text() },
  ),
  user: object({
    type: one('IAMUser'),
    principalId: text(/^AIDA[A-Z2-7]{17}$/),
    arn: text(/:user\//),
    accountId: account,
    accessKeyId: longKey,
    userName: text(),
  }),
  'user session': object({
    type: one('IAMUser'),
    principalId: text(/^AIDA[A-Z2-7]{17}$/),
    arn: text(/:user\//),
    accountId: account,
    accessKeyId: shortKey,
    userName: text(),
    sessionContext: context(),
  }),
  'role session': object({
    type: one('AssumedRole'),
    principalId: text(/^AROA[A-Z2-7]{17}:[\w+=,.@-]{2,64}$/),
    arn: text(/^arn:aws:sts::\d{12}:assumed-role\/[^/]+\/[^/]+$/),
    accountId: account,
    accessKeyId: shortKey,
    sessionContext: context(
      { sessionIssuer: issuer('Role', text(/^AROA[A-Z2-7]{17}$/), { userName: text() }) },
      { webIdFederationData: federation, ec2RoleDelivery: one('1.0', '2.0') },
    ),
  }),
  'federated user': object({
    type: one('FederatedUser'),
    principalId: text(/^\d{12}:.+$/),
    arn: text(/^arn:aws:sts::\d{12}:federated-user\/.+$/),
    accountId: account,
    accessKeyId: shortKey,
    sessionContext: context({ sessionIssuer: issuer('IAMUser', text(/^AIDA/), { userName: text() }) }),
  }),
  'root’s federated user': object({
    type: one('FederatedUser'),
    principalId: text(/^\d{12}:.+$/),
    arn: text(/^arn:aws:sts::\d{12}:federated-user\/.+$/),
    accountId: account,
    accessKeyId: shortKey,
    sessionContext: context({ sessionIssuer: issuer('Root', account, {}) }),
  }),
  'web identity': object({
    type: one('WebIdentityUser'),
    principalId: text(),
    userName: text(),
    identityProvider: text(),
  }),
  saml: object({ type: one('SAMLUser'), principalId: text(), userName: text(), identityProvider: text() }),
  'another account': object({ type: one('AWSAccount'), principalId: text(/^(?:AIDA|AROA)/), accountId: account }),
  nobody: object({ type: one('Unknown') }, { principalId: text(), accountId: text(), accessKeyId: text() }),
} as const satisfies Readonly<Record<string, Check>>
export type CallerKind = keyof typeof identities

const resource = object({ accountId: account, type: text(/^AWS::\w+::\w+$/), ARN: arn })

/** The whole record of a call by such a caller. */
export const eventBy = (caller: CallerKind): Check =>
  object(
    {
      eventVersion: one('1.11'),
      userIdentity: identities[caller],
      eventTime: time,
      eventSource: text(/^[a-z]+\.amazonaws\.com$/),
      eventName: text(/^[A-Z]\w+$/),
      awsRegion: one('us-east-1'),
      sourceIPAddress: text(/^[\d.]+$/),
      userAgent: one(''),
      requestParameters: orNull(table(() => [])),
      responseElements: orNull(table(() => [])),
      requestID: uuid,
      eventID: uuid,
      readOnly: one(true, false),
      eventType: one('AwsApiCall'),
      managementEvent: one(true),
      recipientAccountId: text(/^(?:\d{12}|-)$/),
      eventCategory: one('Management'),
    },
    {
      errorCode: text(/^[A-Z]\w+$/),
      errorMessage: text(),
      resources: list(resource),
      sharedEventID: uuid,
      additionalEventData: object(
        {},
        {
          ExtendedRequestId: text(/^MTp1cy1lYXN0LTE6Uzox[A-Za-z0-9+/]+=*$/),
          RequestDetails: object({ awsServingRegion: one('us-east-1'), endpointType: one('regional') }),
          RoleAuthorizedByIdp: one(true),
          identityProviderConnectionVerificationMethod: one('IAMTrustStore', 'Thumbprint'),
        },
      ),
      tlsDetails: object({ tlsVersion: text(), cipherSuite: text(), clientProvidedHostHeader: text() }),
    },
  )
