import type { Random } from '../base/env.ts'
import { uuid } from '../base/id.ts'

/** Claims by name, as JSON has them. */
export type Claims = Readonly<Record<string, unknown>>

/** A job of GitHub Actions. */
export interface Job {
  /** `org/repo` */
  readonly repository: string
  readonly ref: string
  readonly environment?: string
  readonly event: string
  readonly actor: string
  readonly workflow: string
}

/** What the token of such a job is about (GitHub documentation, "OpenID Connect reference"): the environment, the pull request, or the ref. */
function subjectOf({ repository, ref, environment, event }: Job): string {
  if (environment !== undefined) return `repo:${repository}:environment:${environment}`
  return event === 'pull_request' ? `repo:${repository}:pull_request` : `repo:${repository}:ref:${ref}`
}

const hex = (random: Random, bytes: number): string =>
  [...random.bytes(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** The claims of a job's token. Ids are those of GitHub's own example, so that policies can be tried that ask for them. */
export function claimsOfJob(job: Job, random: Random): Claims {
  const { repository, ref, environment, event, actor, workflow } = job
  const owner = repository.slice(0, repository.indexOf('/'))
  const sha = hex(random, 20)
  const file = `${repository}/.github/workflows/${workflow}@${ref}`
  return {
    jti: uuid(random),
    sub: subjectOf(job),
    ...(environment === undefined ? {} : { environment }),
    ref,
    sha,
    repository,
    repository_owner: owner,
    actor_id: '12',
    repository_visibility: 'private',
    repository_id: '74',
    repository_owner_id: '65',
    run_id: '9012345678',
    run_number: '10',
    run_attempt: '2',
    runner_environment: 'github-hosted',
    actor,
    workflow: workflow.replace(/\.ya?ml$/, ''),
    head_ref: '',
    base_ref: '',
    event_name: event,
    ref_protected: 'false',
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    workflow_ref: file,
    workflow_sha: sha,
    job_workflow_ref: file,
    job_workflow_sha: sha,
  }
}

/** The claims of the token that a pod's service account has projected (Kubernetes documentation, "Managing Service Accounts"). */
export const claimsOfPod = (namespace: string, name: string, random: Random): Claims => ({
  jti: uuid(random),
  sub: `system:serviceaccount:${namespace}:${name}`,
  'kubernetes.io': {
    namespace,
    node: { name: 'node-1', uid: uuid(random) },
    pod: { name: `${name}-0`, uid: uuid(random) },
    serviceaccount: { name, uid: uuid(random) },
  },
})

/** Session tags, as STS reads them (IAM User Guide, "Pass session tags in STS"). */
export const claimsOfTags = (
  tags: readonly (readonly [string, string])[] = [],
  transitive: readonly string[] = [],
): Claims =>
  tags.length === 0 && transitive.length === 0
    ? {}
    : {
        'https://aws.amazon.com/tags': {
          principal_tags: Object.fromEntries(tags.map(([key, value]) => [key, [value]])),
          ...(transitive.length === 0 ? {} : { transitive_tag_keys: transitive }),
        },
      }
