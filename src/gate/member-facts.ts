import type { MemberFacts, Members } from '../audit/redact.ts'
import type { Ref, StructureShape } from '../model/shape.ts'

const facts = new WeakMap<StructureShape, Members>()

/** What the model says of the members of a shape, which is of one service. Each shape is gone through once. */
export function membersOf(shape: StructureShape, service: string | undefined): Members {
  const known = facts.get(shape)
  if (known !== undefined) return known
  const told = new Map<string, MemberFacts>()
  const members: Members = (name) => told.get(name)
  // Known before its members are followed, so that a shape that contains itself ends here.
  facts.set(shape, members)
  for (const member of shape.members) told.set(member.name, factsOf(member, service))
  return members
}

/** A list says of its elements what it says of itself; a map of its values too, whose names are their sender's. */
function factsOf({ shape, sensitive }: Ref, service: string | undefined): MemberFacts {
  // What the model of Organizations marks are names and addresses of people, and no secrets.
  const personal = sensitive && service === 'organizations'
  if (personal) return { personal }
  if (shape.type === 'list') {
    const element = factsOf(shape.element, service)
    return sensitive ? { ...element, sensitive } : element
  }
  if (shape.type === 'map') {
    const value = factsOf(shape.value, service)
    return { sensitive, map: true, members: () => value }
  }
  const timestamp = shape.type === 'timestamp'
  return shape.type === 'structure'
    ? { sensitive, timestamp, members: membersOf(shape, service) }
    : { sensitive, timestamp }
}

/** Of what has no shape. */
export const nothingKnown: Members = () => undefined
const principalTags: MemberFacts = { map: true }
/** The tags of an assertion stand beside what the request has. */
export const withAsserted =
  (members: Members): Members =>
  (name) =>
    name === 'PrincipalTags' ? principalTags : members(name)
