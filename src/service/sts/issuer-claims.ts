/** Issuers of which AWS reads more than every token has: claims that trust policies may ask for by name. */
interface Special {
  /** The issuer as IAM keeps it, without `https://`. */
  readonly issuer: RegExp
  readonly claims: readonly string[]
}

const github = [
  'actor',
  'actor_id',
  'enterprise_id',
  'environment',
  'job_workflow_ref',
  'ref',
  'repository',
  'repository_id',
  'repository_owner_id',
  'workflow',
]
const buildkite = [
  'build_branch',
  'cluster_id',
  'cluster_name',
  'organization_id',
  'organization_slug',
  'pipeline_id',
  'pipeline_slug',
]

/** Service Authorization Reference, "Actions, resources, and condition keys for AWS Security Token Service". */
const special: readonly Special[] = [
  { issuer: /^token\.actions\.githubusercontent\.com(?:\/[^/]+)?$/, claims: github },
  { issuer: /^token\.actions\.[a-z0-9-]+\.ghe\.com$/, claims: github },
  { issuer: /^github\.com\/enterprises\/[^/]+$/, claims: github },
  { issuer: /^agent\.(?:buildkite\.com|[a-z0-9-]+\.buildkite\.(?:dev|site))$/, claims: buildkite },
  {
    issuer: /^gitlab\.com$/,
    claims: [
      'namespace_id',
      'pipeline_source',
      'project_id',
      'ref_protected',
      'runner_environment',
      'user_access_level',
      'user_email',
      'user_id',
      'user_login',
    ],
  },
  { issuer: /^oidc\.circleci\.com\/org\/[^/]+$/, claims: ['oidc.circleci.com/project-id'] },
  { issuer: /^idcs-[a-z0-9]+\.identity\.oraclecloud\.com$/, claims: ['rpst_id'] },
  { issuer: /^accounts\.google\.com$/, claims: ['google/organization_number'] },
]

/** The claims of an issuer that are condition keys besides those of every issuer. They say nothing to the session that begins. */
export const claimsOfIssuer = (issuer: string): readonly string[] =>
  special.find((known) => known.issuer.test(issuer))?.claims ?? []
