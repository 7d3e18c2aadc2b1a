import type { Decision, LayerKind, LayerTrace } from './decide.ts'
import type { ExplainedLayer, Explanation } from './explanation.ts'

/** Whether the layers of one account are for another one's eyes. What belongs to no account is for everybody's. */
const isOf = (account: string) => (part: { readonly account: string }) =>
  part.account === account || part.account === ''

type Verdict = Pick<Decision, 'because'> & { readonly blocking?: LayerKind }

/** Why a refusal is one, by the layers of one side alone. Between accounts each of them must allow, so the first that does not is it. */
function verdictOf(layers: readonly Pick<LayerTrace, 'kind' | 'says'>[]): Verdict {
  const denies = layers.find(({ says }) => says === 'deny')
  if (denies !== undefined) return { because: 'explicit-deny', blocking: denies.kind }
  const lacks = layers.find(({ kind, says }) => says !== 'allow' && !(kind === 'identity' && says === 'absent'))
  if (lacks === undefined) return { because: 'no-grant' }
  const grants = lacks.kind === 'identity' || lacks.kind === 'resource'
  return { because: grants ? 'no-grant' : 'ceiling', blocking: lacks.kind }
}

/** A refusal between two accounts as one of them has to answer for it. */
export function sideOf(decision: Decision, account: string): Decision {
  const layers = decision.layers.filter(isOf(account))
  const { blocking: _, ...rest } = decision
  return { ...rest, layers, ...verdictOf(layers) }
}

/**
 * What an organization puts over an account, as that account may know it. QUIRK: ceilings-by-name. AWS tells a member which kind of policy
 * refused, and which policy denied; what they say, and where they hang, is the managing account's to know.
 */
function ceilingsOver({ layers, principal, resourceAccount }: Explanation, account: string): readonly ExplainedLayer[] {
  const held = { rcp: resourceAccount, scp: principal.account } as const
  return (['rcp', 'scp'] as const).flatMap((kind) => {
    const over = layers.filter((layer) => layer.kind === kind && !isOf(account)(layer))
    if (held[kind] !== account || over.length === 0) return []
    const denying = over.flatMap(({ statements }) =>
      statements.flatMap(({ part, effect, policy: { arn } }) =>
        part === 'applies' && effect === 'Deny' && arn !== undefined ? [arn] : [],
      ),
    )
    const says = (['deny', 'unknown', 'silent'] as const).find((word) => over.some((layer) => layer.says === word))
    return [
      {
        kind,
        account,
        says: says ?? 'allow',
        policies: 0,
        statements: [],
        omitted: 0,
        denying: [...new Set(denying)],
      },
    ]
  })
}

/**
 * What an account may know of a decision: its own layers, and what it could mend itself. INVARIANT: own-side-only. Of the other
 * side nothing is told, not even whether it refused: a role that does not trust, one that denies and one that does not exist
 * are explained in the same words.
 */
export function asSeenBy(whole: Explanation, account: string): Explanation {
  // What a login says was said to the account that owns the role.
  const explanation = whole.token === undefined || whole.resourceAccount === account ? whole : without(whole)
  const mine = isOf(account)
  const { blocking, because, ...rest } = explanation
  const [missing, hints] = [explanation.missing.filter(mine), explanation.hints.filter(mine)]
  if (because === 'rule') return { ...explanation, missing, hints }
  const own = explanation.layers.filter(mine)
  if (own.length === explanation.layers.length) return explanation
  const ceilings = ceilingsOver(explanation, account)
  const layers = [...ceilings, ...own]
  const other = explanation.layers.some((layer) => !mine(layer) && !ceilings.some(({ kind }) => kind === layer.kind))
  // Within one account AWS itself tells which kind of policy it was, also where an organization's account wrote it.
  const told: Verdict = { because, ...(blocking === undefined ? {} : { blocking }) }
  return {
    ...rest,
    ...(explanation.crossAccount && explanation.effect === 'deny' ? verdictOf(layers) : told),
    layers,
    missing,
    hints,
    ...(other ? { withheld: true } : {}),
  }
}

const without = ({ token: _, ...rest }: Explanation): Explanation => rest

/** An explanation of which the resource's side is another's than the rest: what its own policies, and those over them, said. */
export function withOwnersSide(owner: string, side: Explanation, rest: Explanation): Explanation {
  const isOwners = ({ kind }: ExplainedLayer) => kind === 'resource' || kind === 'rcp'
  const mine = isOf(owner)
  const merge = <Part extends { readonly account: string }>(ours: readonly Part[], theirs: readonly Part[]) => [
    ...ours.filter(mine),
    ...theirs.filter((one) => !mine(one)),
  ]
  return {
    ...side,
    layers: [...side.layers.filter(isOwners), ...rest.layers.filter((layer) => !isOwners(layer))],
    missing: merge(side.missing, rest.missing),
    hints: merge(side.hints, rest.hints),
  }
}
