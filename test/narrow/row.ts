import { seconds, token } from '../gate/federation.ts'
import { type Answer, home, keysOf, roleArn } from '../gate/scene.ts'
import type { Document } from '../oracle/question.ts'
import { aws, login } from '../token/idp.ts'
import { type Asked, corp, type Estate, type Holder, managedArn, may, mayHolder } from './estate.ts'
import { oidcHost, oidcProvider, type Step, samlProvider } from './plan.ts'

/** What asking for credentials came to, and what the guide says that it should. */
export interface Attempt {
  readonly answer: Answer
  /** `undefined`: the request is wrong in itself, and nobody is asked whether it may be made. */
  readonly due: boolean | undefined
  readonly holder: () => Holder
}

/** One operation that makes something to show to others. */
export type Row = (estate: Estate, source: Holder, step: Step) => Promise<Attempt>

const noHolder = (): never => {
  throw new Error('nothing comes of this')
}

/** Everything that must be allowed, in one word. */
const allOf = (holder: Holder, asked: readonly Asked[]): boolean => asked.every((each) => mayHolder(holder, each))

const narrowing = ({ policy, arns }: Step): Readonly<Record<string, string>> => ({
  ...(policy === undefined ? {} : { Policy: JSON.stringify(policy) }),
  ...Object.fromEntries(arns.map((at, index) => [`PolicyArns.member.${index + 1}.arn`, managedArn(`m${at}`)])),
})
const narrowedBy = ({ plan }: Estate, { policy, arns }: Step): readonly Document[] | undefined =>
  policy === undefined && arns.length === 0
    ? undefined
    : [...(policy === undefined ? [] : [policy]), ...arns.flatMap((at) => plan.managed[at] ?? [])]
const tagging = ({ team, transitive }: Step): Readonly<Record<string, string>> =>
  team === undefined
    ? {}
    : {
        'Tags.member.1.Key': 'team',
        'Tags.member.1.Value': team,
        ...(transitive ? { 'TransitiveTagKeys.member.1': 'team' } : {}),
      }

/** What it takes to begin a session of a role in one way: the way's own action, and what tags and a source identity take besides. */
function assuming(
  estate: Estate,
  action: string,
  step: Step,
  more: Asked['context'],
  inherited?: string,
): readonly Asked[] {
  const role = estate.role(step.role)
  const { team, transitive, sourceIdentity } = step
  const asked = (each: string): Asked => ({
    action: each,
    resource: roleArn(`r${step.role}`),
    trust: role.trust,
    context: {
      'sts:RoleSessionName': step.name,
      'sts:SourceIdentity': sourceIdentity ?? null,
      'sts:TransitiveTagKeys': team !== undefined && transitive ? ['team'] : null,
      'aws:RequestTag/team': team ?? null,
      'aws:TagKeys': team === undefined ? null : ['team'],
      // What is handed on stands over the role's own tag.
      'aws:ResourceTag/team': inherited ?? role.team ?? null,
      ...more,
    },
  })
  return [
    asked(action),
    ...(team !== undefined || inherited !== undefined ? [asked('sts:TagSession')] : []),
    ...(sourceIdentity === undefined ? [] : [asked('sts:SetSourceIdentity')]),
  ]
}

function sessionOf(
  estate: Estate,
  step: Step,
  answer: Answer,
  { inherited, lasting = {} }: { readonly inherited?: Holder['team']; readonly lasting?: Holder['lasting'] },
): Holder {
  const role = estate.role(step.role)
  const name = `r${step.role}`
  return {
    keys: keysOf(answer.result.Credentials),
    kind: 'assumed',
    request: {
      principal: `arn:aws:sts::${home}:assumed-role/${name}/${step.name}`,
      principalId: estate.roleIds[step.role] ?? '',
      roleArn: roleArn(name),
    },
    identity: role.policies,
    boundary: role.boundary,
    session: narrowedBy(estate, step),
    team: step.team ?? inherited ?? role.team,
    transitive: inherited !== undefined || (step.team !== undefined && step.transitive),
    sourceIdentity: step.sourceIdentity,
    lasting,
  }
}

const assumeRole: Row = async (estate, source, asked) => {
  const inherited = source.transitive ? source.team : undefined
  // The one that is held goes on where none is named.
  const step: Step = {
    ...asked,
    sourceIdentity: asked.sourceIdentity ?? source.sourceIdentity,
  }
  const answer = await estate.scene.call(source.keys, 'sts', 'AssumeRole', {
    RoleArn: roleArn(`r${step.role}`),
    RoleSessionName: step.name,
    ...narrowing(step),
    ...tagging(step),
    ...(asked.sourceIdentity === undefined ? {} : { SourceIdentity: asked.sourceIdentity }),
  })
  const wrong =
    (inherited !== undefined && step.team !== undefined) ||
    (source.sourceIdentity !== undefined && step.sourceIdentity !== source.sourceIdentity)
  const open = source.kind !== 'federated-user' && !String(source.request.principal).endsWith(':root')
  return {
    answer,
    due: open ? (wrong ? undefined : allOf(source, assuming(estate, 'sts:AssumeRole', step, {}, inherited))) : false,
    holder: () => sessionOf(estate, step, answer, { inherited }),
  }
}

/** Nobody is asked: whoever has a long-term key gets a session of their own. */
const getSessionToken: Row = async ({ scene }, source) => {
  const answer = await scene.call(source.keys, 'sts', 'GetSessionToken')
  return {
    answer,
    due: source.kind === 'key',
    holder: () => ({ ...source, kind: 'own-session', keys: keysOf(answer.result.Credentials) }),
  }
}

const getFederationToken: Row = async (estate, source, step) => {
  const { transitive: _, ...plain } = step
  const answer = await estate.scene.call(source.keys, 'sts', 'GetFederationToken', {
    Name: step.name,
    ...narrowing(step),
    ...tagging({ ...plain, transitive: false }),
  })
  const principal = `arn:aws:sts::${home}:federated-user/${step.name}`
  const asked = (action: string): Asked => ({
    action,
    resource: principal,
    context: { 'aws:RequestTag/team': step.team ?? null, 'aws:TagKeys': step.team === undefined ? null : ['team'] },
  })
  const needs = [asked('sts:GetFederationToken'), ...(step.team === undefined ? [] : [asked('sts:TagSession')])]
  return {
    answer,
    due: source.kind === 'key' && allOf(source, needs),
    holder: () => ({
      ...source,
      keys: keysOf(answer.result.Credentials),
      kind: 'federated-user',
      request: { principal },
      // None given is none allowed.
      session: narrowedBy(estate, step) ?? [],
      team: step.team ?? source.team,
      transitive: false,
    }),
  }
}

/** What an outsider may, whom only the trust policy speaks of. */
const byTrust = (federated: string, asked: readonly Asked[]): boolean =>
  asked.every((each) =>
    may(
      { request: { principal: { federated } }, identity: [], boundary: undefined, session: undefined, context: {} },
      each,
    ),
  )

const assumeRoleWithWebIdentity: Row = async (estate, _source, step) => {
  const { team, transitive, sourceIdentity } = step
  const tags =
    team === undefined
      ? {}
      : { principal_tags: { team: [team] }, ...(transitive ? { transitive_tag_keys: ['team'] } : {}) }
  const sub = 'repo:octo/one'
  const WebIdentityToken = token({
    iss: `https://${oidcHost}`,
    sub,
    exp: seconds + 3600,
    ...(team === undefined ? {} : { 'https://aws.amazon.com/tags': tags }),
    ...(sourceIdentity === undefined ? {} : { 'https://aws.amazon.com/source_identity': sourceIdentity }),
  })
  const answer = await estate.scene.call(
    estate.scene.administrator,
    'sts',
    'AssumeRoleWithWebIdentity',
    { RoleArn: roleArn(`r${step.role}`), RoleSessionName: step.name, WebIdentityToken, ...narrowing(step) },
    { unsigned: true },
  )
  const context = { [`${oidcHost}:sub`]: sub, [`${oidcHost}:aud`]: 'sts.amazonaws.com' }
  return {
    answer,
    due: byTrust(oidcProvider, assuming(estate, 'sts:AssumeRoleWithWebIdentity', step, context)),
    holder: () => sessionOf(estate, step, answer, { lasting: context }),
  }
}

const assumeRoleWithSaml: Row = async (estate, _source, step) => {
  const { team, transitive, sourceIdentity } = step
  const RoleArn = roleArn(`r${step.role}`)
  const SAMLAssertion = login(corp(), {
    at: estate.scene.now,
    nameId: 'alice',
    attributes: {
      [aws('Role')]: [`${RoleArn},${samlProvider}`],
      [aws('RoleSessionName')]: [step.name],
      ...(team === undefined ? {} : { [aws('PrincipalTag:team')]: [team] }),
      ...(team !== undefined && transitive ? { [aws('TransitiveTagKeys')]: ['team'] } : {}),
      ...(sourceIdentity === undefined ? {} : { [aws('SourceIdentity')]: [sourceIdentity] }),
    },
  })
  const answer = await estate.scene.call(
    estate.scene.administrator,
    'sts',
    'AssumeRoleWithSAML',
    { RoleArn, PrincipalArn: samlProvider, SAMLAssertion, ...narrowing(step) },
    { unsigned: true },
  )
  const context = { 'saml:sub': 'alice' }
  return {
    answer,
    due: byTrust(samlProvider, assuming(estate, 'sts:AssumeRoleWithSAML', step, context)),
    holder: () => sessionOf(estate, step, answer, { lasting: context }),
  }
}

/** No organization lends a root out here, and nobody was delegated anything: whoever asks goes away with nothing. */
const never =
  (action: string, parameters: Readonly<Record<string, string>>): Row =>
  async ({ scene }, source) => ({
    answer: await scene.call(source.keys, 'sts', action, parameters),
    due: undefined,
    holder: noHolder,
  })

/** Not credentials: a word of who the caller is, which no operation of this authority takes for a login. */
const getWebIdentityToken: Row = async ({ scene }, source) => {
  const answer = await scene.call(source.keys, 'sts', 'GetWebIdentityToken', {
    'Audience.member.1': 'https://elsewhere.example',
    SigningAlgorithm: 'ES384',
  })
  return { answer, due: undefined, holder: noHolder }
}

/** Every operation that makes credentials. One that has no row here fails the law. */
export const rows: Readonly<Record<string, Row>> = {
  AssumeRole: assumeRole,
  GetSessionToken: getSessionToken,
  GetFederationToken: getFederationToken,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  AssumeRoleWithSAML: assumeRoleWithSaml,
  AssumeRoot: never('AssumeRoot', {
    TargetPrincipal: home,
    'TaskPolicyArn.arn': 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials',
  }),
  GetDelegatedAccessToken: never('GetDelegatedAccessToken', { TradeInToken: 'x'.repeat(100) }),
  GetWebIdentityToken: getWebIdentityToken,
}
