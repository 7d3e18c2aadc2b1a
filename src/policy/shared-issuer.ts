import type { Node } from '../base/json.ts'
import { parseOperator } from './condition.ts'
import { listOf } from './document.ts'

/**
 * QUIRK: shared-issuer. Issuers of ID tokens that many organizations share: a token says by a claim whose it is, so a trust policy
 * that does not ask for the claim lets everybody's jobs in (IAM User Guide, "Identity-provider controls for shared OIDC providers").
 */
interface SharedIssuer {
  /** As it stands in the ARN of a provider, without `https://`. A path behind it may tell tenants apart, and the rule stays. */
  readonly issuer: string
  /** The condition key that must be asked for, behind the provider's name and a colon. */
  readonly claim: 'sub' | 'aud'
}

const shared: readonly SharedIssuer[] = [
  { issuer: 'token.actions.githubusercontent.com', claim: 'sub' },
  { issuer: 'oidc-configuration.audit-log.githubusercontent.com', claim: 'sub' },
  { issuer: 'vstoken.actions.githubusercontent.com', claim: 'sub' },
  { issuer: 'gitlab.com', claim: 'sub' },
  { issuer: 'agent.buildkite.com', claim: 'sub' },
  { issuer: 'oidc.codefresh.io', claim: 'sub' },
  { issuer: 'studio.datachain.ai/api', claim: 'sub' },
  { issuer: 'app.terraform.io', claim: 'sub' },
  { issuer: 'scalr.io', claim: 'sub' },
  { issuer: 'tokens.cloud.shisho.dev', claim: 'sub' },
  { issuer: 'proidc.upbound.io', claim: 'sub' },
  { issuer: 'api.pulumi.com/oidc', claim: 'aud' },
  { issuer: 'sandboxes.cloud', claim: 'aud' },
  { issuer: 'oidc.vercel.com', claim: 'aud' },
  { issuer: 'cognito-identity.amazonaws.com', claim: 'aud' },
]

/** The only operators that count: others hold also where the claim is another, or is missing. */
const counting = ['StringEquals', 'StringLike', 'StringEqualsIgnoreCase'] as const

/** The condition key that a statement which trusts this provider must ask for; `undefined` where no rule is about it. */
export function requiredKey(provider: string): string | undefined {
  const name = /^arn:[^:]*:iam::\d*:oidc-provider\/(.+)$/.exec(provider)?.[1] ?? provider
  const found = shared.find(({ issuer }) => name === issuer || name.startsWith(`${issuer}/`))
  return found === undefined ? undefined : `${name}:${found.claim}`
}

/** Whether a `Condition` asks for a key by values that leave somebody out. */
export function narrows(condition: Node | undefined, key: string): boolean {
  if (condition?.kind !== 'object') return false
  return condition.members.some(({ key: written, value: block }) => {
    const operator = parseOperator(written.value)
    const counts =
      operator !== undefined &&
      !operator.ifExists &&
      // It holds where the key is missing.
      operator.set !== 'ForAllValues' &&
      counting.some((name) => name === operator.base)
    if (!counts || block.kind !== 'object') return false
    return block.members.some(
      ({ key: asked, value }) => asked.value.toLowerCase() === key.toLowerCase() && !listOf(value).some(meansAll),
    )
  })
}

/** A value of nothing but stars. `StringEquals` takes it for a letter, and still nobody can have meant it. */
const meansAll = (value: Node): boolean => value.kind === 'string' && /^\*+$/.test(value.value)

/** AWS's words for a statement that lets everybody in whom a shared issuer speaks for. */
export const tooWide = (provider: string, key: string): string =>
  `Trust policy with trusted principal ${provider} must evaluate, using ${counting[0]}, ${counting[1]} or ${counting[2]}, ${key} which is not scoped to all.`
