import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Question } from '../../src/policy/question.ts'
import { documentOf, type Members } from './document.ts'
import { type OperatorRow, questionsOf } from './operator.ts'
import type { WorldCase } from './world.ts'

/** What a question is expected to come to. */
export interface Expected {
  readonly effect: 'allow' | 'deny' | 'unknown'
  readonly because: 'granted' | 'root' | 'explicit-deny' | 'implicit-deny' | 'unknown'
  readonly blocking?: string
  /** Sids of all statements that apply, in any order. */
  readonly matched?: readonly string[]
  /** A statement that would apply but for one condition key. */
  readonly near?: { readonly sid: string; readonly key: string }
  readonly message?: string
  /** The keys that an unknown hangs on. */
  readonly untold?: readonly string[]
}

/** For what is no question: a part of what is said of it, and where it is wrong. */
export interface Wrong {
  readonly error: string
  readonly at: string
}

interface Case {
  /** `chapter/file`. */
  readonly place: string
  readonly says: string
  readonly source: string
}
export interface QuestionCase extends Case {
  readonly question: Question
  readonly expect: Expected | Wrong
}
export interface LiveCase extends Case {
  readonly live: WorldCase
}
export interface Corpus {
  readonly questions: readonly QuestionCase[]
  readonly worlds: readonly LiveCase[]
  readonly operators: readonly (QuestionCase & { readonly row: OperatorRow })[]
}

const here = import.meta.dirname

/** Every file under a chapter's folder. A member that is spelled wrong is refused: it would be an expectation that nobody checks. */
export function readCorpus(): Corpus {
  const questions: QuestionCase[] = []
  const worlds: LiveCase[] = []
  const operators: (QuestionCase & { readonly row: OperatorRow })[] = []
  for (const file of readdirSync(here, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.json')) continue
    const place = file.replaceAll('\\', '/').slice(0, -'.json'.length)
    // The files are this folder's own; their members are checked below.
    const read = JSON.parse(readFileSync(join(here, file), 'utf8')) as Members
    knownOnly(read, ['source', 'given', 'cases', 'operators'], place)
    for (const [index, row] of listOf(read.operators).entries()) {
      // A row is checked by the one who reads it.
      for (const one of questionsOf(row as OperatorRow, `${place} row ${index + 1}`)) {
        const { says, question, expect } = one
        operators.push({ place, says, source: String(read.source), question, expect, row: row as OperatorRow })
      }
    }
    for (const item of listOf(read.cases)) {
      const one = item as Members
      const says = String(one.says)
      const source = one.source ?? read.source
      if (typeof one.says !== 'string' || typeof source !== 'string') throw new Error(`${place}: ${says}: no source`)
      if ('world' in one) {
        knownOnly(one, ['says', 'source', 'world', 'after', 'asks'], `${place}: ${says}`)
        // What a world lacks is missed when it is built.
        worlds.push({ place, says, source, live: one as unknown as WorldCase })
        continue
      }
      knownOnly(one, ['says', 'source', 'request', 'policies', 'expect'], `${place}: ${says}`)
      const question = questionOf(read.given as Members | undefined, one)
      questions.push({ place, says, source, question, expect: expectedOf(one.expect, `${place}: ${says}`) })
    }
  }
  return { questions, worlds, operators }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export function knownOnly(members: Members, known: readonly string[], where: string): void {
  const stranger = Object.keys(members).find((name) => !known.includes(name))
  if (stranger !== undefined) throw new Error(`${where}: there is no member ${stranger}`)
}

/** The defaults of the file under the case's own: request and context member by member, policies layer by layer. */
function questionOf(given: Members = {}, one: Members): Question {
  const under = (name: string): Members => ({ ...(given[name] as Members), ...(one[name] as Members) })
  const request = under('request')
  const context = {
    ...((given.request as Members | undefined)?.context as Members),
    ...((one.request as Members | undefined)?.context as Members),
  }
  const asked = { request: { ...request, context }, policies: policiesOf(under('policies')) }
  // The engine itself says what is wrong with a question; some cases are about that.
  return asked as unknown as Question
}

/** The layers in full: what stands alone is a list of itself, and a bare statement is a document. */
function policiesOf(policies: Members): Members {
  const full: Record<string, unknown> = {}
  for (const [layer, value] of Object.entries(policies)) {
    if (value === null) continue
    const listed = Array.isArray(value) ? value : [value]
    if (layer === 'resource') full[layer] = documentOf(value)
    else if (layer === 'identity') full[layer] = listed.map(namedOf)
    else if (layer === 'scp' || layer === 'rcp')
      full[layer] = listed.map((level: unknown) => (Array.isArray(level) ? level : [level]).map(namedOf))
    else if (layer === 'resourceRule') full[layer] = value
    else full[layer] = listed.map(documentOf)
  }
  return full
}

const namedOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'document' in value
    ? { ...value, document: documentOf(value.document) }
    : { document: documentOf(value) }

const expectedMembers = ['effect', 'because', 'blocking', 'matched', 'near', 'message', 'untold', 'error', 'at']

/** `"allow"`, `"unknown"`, `"implicit-deny boundary"`, or the members themselves, where `because` says the effect as well. */
function expectedOf(value: unknown, where: string): Expected | Wrong {
  if (typeof value === 'string') {
    const [because = '', blocking] = value.split(' ')
    return expectedOf({ because, ...(blocking === undefined ? {} : { blocking }) }, where)
  }
  const members = value as Members
  knownOnly(members, expectedMembers, where)
  if (typeof members.error === 'string') return { error: members.error, at: String(members.at) }
  const because = members.because === 'allow' ? 'granted' : members.because
  const effect = effects[String(because)]
  if (effect === undefined || (members.effect ?? effect) !== effect) throw new Error(`${where}: no such outcome`)
  if (effect === 'deny' && typeof members.blocking !== 'string') throw new Error(`${where}: which layer denies?`)
  // Every member was looked at above or is compared as it is.
  return { ...members, effect, because } as Expected
}

const effects: Readonly<Record<string, Expected['effect']>> = {
  granted: 'allow',
  root: 'allow',
  'explicit-deny': 'deny',
  'implicit-deny': 'deny',
  unknown: 'unknown',
}
