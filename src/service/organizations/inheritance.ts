import { memberOf, type Node, type ObjectNode, parseJson } from '../../base/json.ts'

/**
 * Management policies and what they come to along the way from the root to an account (AWS Organizations User Guide, "Understanding
 * management policy inheritance" and "Inheritance operators"). Each is a tree whose leaves say by operators what they do to the value
 * that comes from above.
 */

/** What the tree begins with, for the types of which AWS's guide tells. */
const beginnings: Readonly<Record<string, string | undefined>> = {
  TAG_POLICY: 'tags',
  BACKUP_POLICY: 'plans',
  AISERVICES_OPT_OUT_POLICY: 'services',
  CHATBOT_POLICY: 'chatbot',
  DECLARATIVE_POLICY_EC2: 'ec2_attributes',
  SECURITYHUB_POLICY: 'securityhub',
  INSPECTOR_POLICY: 'inspector',
  UPGRADE_ROLLOUT_POLICY: 'upgrade_rollout',
  BEDROCK_POLICY: 'bedrock',
  S3_POLICY: 's3_attributes',
}

const setting = ['@@assign', '@@append', '@@remove'] as const
type Operator = (typeof setting)[number]
const control = '@@operators_allowed_for_child_policies'
const controls: readonly string[] = ['@@all', '@@none', ...setting]

const isOperator = (key: string): key is Operator => setting.some((operator) => operator === key)

type Scalar = string | number | boolean
type Value = Scalar | readonly Scalar[]

/** What is wrong with a document of this type; `undefined` where nothing is. */
export function managementFlaw(type: string, text: string): string | undefined {
  const parsed = parseJson(text)
  if (!parsed.ok) return parsed.problem
  const { root } = parsed
  if (root.kind !== 'object') return 'a policy is a JSON object'
  const beginning = beginnings[type]
  for (const { key, value } of root.members) {
    if (beginning !== undefined && key.value !== beginning) return `there is no element ${key.value}`
    if (value.kind !== 'object') return `${key.value} is an object`
  }
  if (beginning !== undefined && memberOf(root, beginning) === undefined) return `${beginning} is missing`
  return flawIn(root)
}

/** A leaf has operators and nothing else; what has names below it has no operator but the one that binds its children. */
function flawIn({ members }: ObjectNode): string | undefined {
  const leaf = members.some(({ key }) => isOperator(key.value))
  for (const { key, value } of members) {
    if (key.value === control) {
      const words = value.kind === 'array' ? value.items : [value]
      if (words.some((word) => word.kind !== 'string' || !controls.includes(word.value)))
        return `${control} names ${controls.join(', ')}`
    } else if (isOperator(key.value)) {
      if (givenIn(value) === undefined)
        return `what ${key.value} has is a text, a number, true or false, or a list of such`
    } else if (key.value.startsWith('@@')) return `there is no operator ${key.value}`
    else if (leaf) return `${key.value} stands beside an operator`
    else if (value.kind !== 'object') return `${key.value} has no operator`
    else {
      const flaw = flawIn(value)
      if (flaw !== undefined) return flaw
    }
  }
  return undefined
}

function givenIn(node: Node): Value | undefined {
  if (node.kind !== 'array') return scalarOf(node)
  const items = node.items.map(scalarOf)
  return items.every((item) => item !== undefined) ? items : undefined
}

function scalarOf(node: Node): Scalar | undefined {
  switch (node.kind) {
    case 'string':
      return node.value
    case 'number':
      return Number(node.value)
    case 'boolean':
      return node.value === 'true'
    default:
      return undefined
  }
}

/** A place in the tree, with what has been put there so far. */
interface Place {
  readonly below: Map<string, Place>
  value: Value | undefined
  /** What policies further down may still do here. */
  allowed: ReadonlySet<string>
}

const place = (): Place => ({ below: new Map(), value: undefined, allowed: new Set(setting) })

/**
 * What policies come to, those nearer to the root first, as JSON without operators: `undefined` where it is nothing at all. What a
 * policy says against what one above it allows is passed over.
 */
export function effective(levels: readonly (readonly string[])[]): string | undefined {
  const whole = place()
  for (const level of levels) {
    const binding: (() => void)[] = []
    for (const text of level) {
      const parsed = parseJson(text)
      if (parsed.ok && parsed.root.kind === 'object') lay(whole, parsed.root, binding)
    }
    // Who is on the same level is nobody's child.
    for (const bind of binding) bind()
  }
  const shown = show(whole)
  return shown === undefined ? undefined : JSON.stringify(shown)
}

function lay(at: Place, { members }: ObjectNode, binding: (() => void)[]): void {
  for (const operator of setting) {
    const node = members.find(({ key }) => key.value === operator)?.value
    const given = node && givenIn(node)
    if (given !== undefined && at.allowed.has(operator)) at.value = applied(operator, at.value, given)
  }
  for (const { key, value } of members) {
    if (key.value === control) {
      binding.push(() => {
        at.allowed = new Set([...at.allowed].filter((operator) => permits(value, operator)))
      })
    } else if (value.kind === 'object') {
      const known = at.below.get(key.value)
      if (known !== undefined) lay(known, value, binding)
      else if (at.allowed.has('@@assign')) {
        const fresh = place()
        at.below.set(key.value, fresh)
        lay(fresh, value, binding)
      }
    }
  }
}

function permits(node: Node, operator: string): boolean {
  const words = (node.kind === 'array' ? node.items : [node]).flatMap((word) =>
    word.kind === 'string' ? [word.value] : [],
  )
  return words.includes('@@all') || words.includes(operator)
}

const listOf = (value: Value | undefined): readonly Scalar[] =>
  value === undefined ? [] : typeof value === 'object' ? value : [value]

function applied(operator: Operator, before: Value | undefined, given: Value): Value | undefined {
  if (operator === '@@assign') return given
  const old = listOf(before)
  if (operator === '@@append') return [...new Set([...old, ...listOf(given)])]
  const gone = new Set(listOf(given))
  return before === undefined ? undefined : old.filter((item) => !gone.has(item))
}

/** Keys are the policies' own, so the object that they become has no other. What has come to nothing is left out. */
function show({ below, value }: Place): unknown {
  if (value !== undefined) return value
  const members: Record<string, unknown> = Object.create(null)
  for (const [key, inner] of below) {
    const shown = show(inner)
    if (shown !== undefined) members[key] = shown
  }
  return Object.keys(members).length === 0 ? undefined : members
}
