/**
 * A second evaluator, written from AWS's guide alone: slow, without a clever idea in it, and sharing nothing with the
 * one that it is compared to. Where the guide leaves a choice, a comment that starts with CHOICE says what was chosen.
 */
import { type Bond, bonds, type Caller, callerOf, lookupOf } from './caller.ts'
import { holds } from './condition.ts'
import { arnParts, coversAction, coversResource, type Lookup, type Reader } from './pattern.ts'
import { type Document, type Lax, list, type Named, type Question, type Statement, type Verdict } from './question.ts'
import { all, any, no, not, type Truth, truth, yes } from './truth.ts'

interface Scene {
  readonly caller: Caller
  readonly action: string
  readonly resource: string
  readonly lookup: Lookup
  readonly trust: boolean
  readonly lax: readonly Lax[]
}

export function decide(question: Question): Verdict {
  const { request, policies } = question
  const caller = callerOf(request)
  const rule = policies.resourceRule ?? 'ordinary'
  const scene = { caller, ...request, lookup: lookupOf(request, caller), trust: false, lax: question.lax ?? [] }
  const trustScene = { ...scene, trust: rule === 'trust' }
  const action = request.action.toLowerCase()
  // These two are never authorized: no policy has a say.
  if (action === 'sts:getcalleridentity' || action === 'sts:getsessiontoken')
    return { id: question.id, effect: 'allow', because: 'granted' }

  const person = caller.account !== undefined
  const root = caller.kind === 'root'
  const session = caller.kind === 'role' || caller.kind === 'federated-user'
  // The organization's policies hold neither the roles of services nor, on the caller's side, services and strangers.
  const serviceLinked =
    !question.lax?.includes('service-linked') && caller.role?.includes(':role/aws-service-role/') === true

  // What has a say about this caller. CHOICE: a root user's boundary and session policies are ignored, and a user's
  // session policies too: neither can have any.
  const identity = person && !root ? policies.identity.map(documentOf) : []
  const boundary = person && !root ? policies.boundary?.map(parsed) : undefined
  const ofSession = session ? policies.session?.map(parsed) : undefined
  const scp = person && !serviceLinked ? (policies.scp ?? []) : []
  const rcp = serviceLinked ? [] : (policies.rcp ?? [])
  const vpce = policies.vpce?.map(parsed)
  const resource = policies.resource === undefined ? [] : [parsed(policies.resource)]

  const account = request.resourceAccount || arnParts(request.resource)?.[4] || caller.account
  const same = caller.account === account
  // The owner of a bucket can always mend its policy.
  const mending = /^s3:(get|put|delete)bucketpolicy$/.test(action) && root && same

  const denied = any([
    ...[...identity, ...(boundary ?? []), ...(ofSession ?? [])].map((each) => vote(each, 'Deny', scene)),
    ...scp.flat().map((each) => vote(documentOf(each), 'Deny', scene)),
    ...rcp.flat().map((each) => principalVote(documentOf(each), 'Deny', scene)),
    ...(vpce ?? []).map((each) => principalVote(each, 'Deny', scene)),
    ...resource.map((each) => (mending ? no : principalVote(each, 'Deny', trustScene))),
  ])

  // Every level must allow. CHOICE: so it is with resource control policies, of which every level has the full one.
  const organization = all([
    ...scp.map((level) => any(level.map((each) => vote(documentOf(each), 'Allow', scene)))),
    ...rcp.map((level) => any(level.map((each) => principalVote(documentOf(each), 'Allow', scene)))),
  ])
  // CHOICE: a VPC endpoint must allow whatever passes through it, whoever else grants it.
  const endpoint = vpce === undefined ? yes : any(vpce.map((each) => principalVote(each, 'Allow', scene)))

  // Several session policies count together; without any, a federated user may do nothing by itself.
  const own = root ? yes : any(identity.map((each) => vote(each, 'Allow', scene)))
  const bounded = boundary === undefined ? yes : any(boundary.map((each) => vote(each, 'Allow', scene)))
  const narrowed =
    ofSession === undefined || ofSession.length === 0
      ? truth(caller.kind !== 'federated-user')
      : any(ofSession.map((each) => vote(each, 'Allow', scene)))
  const limits = all([bounded, narrowed])

  const by = (...wanted: Bond[]): Truth =>
    any(resource.map((each) => principalVote(each, 'Allow', trustScene, new Set(wanted))))
  const direct = by('self', 'everyone')
  const granted = (): Truth => {
    // Services, outsiders and strangers have no account that could speak for them.
    if (!person) return direct
    // CHOICE: the root user of another account needs the resource's policy only: its own account lets it do all.
    if (!same) return all([own, limits, by('self', 'role', 'account', 'everyone')])
    if (rule === 'ordinary') return any([direct, all([any([own, by('role')]), limits])])
    // A role or a key has nobody's trust by default: the account counts only where its policy names the account.
    return any([direct, all([any([by('role'), all([by('account'), own])]), limits])])
  }

  const outcome = all([not(denied), organization, endpoint, granted()])
  if (outcome === yes) return { id: question.id, effect: 'allow', because: root && same ? 'root' : 'granted' }
  if (outcome === no)
    return { id: question.id, effect: 'deny', because: denied === yes ? 'explicit-deny' : 'implicit-deny' }
  return { id: question.id, effect: 'unknown', because: 'unknown' }
}

// JSON.parse knows no types; whoever asks the question vouches for its documents.
const parsed = (document: Document | string): Document =>
  typeof document === 'string' ? (JSON.parse(document) as Document) : document
const documentOf = (policy: Named): Document => parsed(policy.document)

/** Whether a document without principals has a statement of this effect about the request. */
function vote(document: Document, effect: 'Allow' | 'Deny', scene: Scene): Truth {
  return any(
    list(document.Statement).map((one) => (one.Effect === effect ? applies(one, document, 'identity', scene) : no)),
  )
}

/** The same for a document with principals, counting only statements that name the caller in one of these ways. */
function principalVote(document: Document, effect: 'Allow' | 'Deny', scene: Scene, ways?: ReadonlySet<Bond>): Truth {
  return any(
    list(document.Statement).map((one) => {
      if (one.Effect !== effect) return no
      const found = [...bonds(one, scene.caller, scene.trust)].filter((bond) => ways === undefined || ways.has(bond))
      return found.length === 0 ? no : applies(one, document, 'resource', scene)
    }),
  )
}

function applies(statement: Statement, document: Document, reader: Reader, scene: Scene): Truth {
  const modern = document.Version === '2012-10-17'
  const act = (entries: Statement['Action']) => truth(list(entries).some((entry) => coversAction(entry, scene.action)))
  const cover = (entries: Statement['Resource']) =>
    any(list(entries).map((entry) => coversResource(entry, scene.resource, reader, modern, scene.lookup)))
  const action = statement.Action === undefined ? not(act(statement.NotAction)) : act(statement.Action)
  if (action === no) return no
  // A trust policy names no resource: it speaks of the role that it is attached to.
  // CHOICE: an entry of NotResource whose variable has no value excludes nothing.
  const { Resource, NotResource } = statement
  const resource = Resource !== undefined ? cover(Resource) : NotResource !== undefined ? not(cover(NotResource)) : yes
  return resource === no ? no : all([resource, holds(statement.Condition, { modern, ...scene })])
}
