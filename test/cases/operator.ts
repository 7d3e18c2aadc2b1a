import type { Question } from '../../src/policy/question.ts'
import type { Expected } from './case.ts'

/** Whether a condition holds; `-`: the guide does not say, or AWS knows no such operator. */
type Cell = boolean | '-'

/**
 * One line of the table of operators: operator, value or values wanted, values of the request (`null`: the key is missing), and
 * whether it holds when it stands plainly, with IfExists, with ForAllValues and with ForAnyValue. A last text says what is odd about it.
 */
export type OperatorRow = readonly [
  operator: string,
  wanted: unknown,
  seen: string | readonly string[] | null,
  plain: Cell,
  ifExists: Cell,
  forAll: Cell,
  forAny: Cell,
  note?: string,
]

const forms: readonly ((operator: string) => string)[] = [
  (operator) => operator,
  (operator) => `${operator}IfExists`,
  (operator) => `ForAllValues:${operator}`,
  (operator) => `ForAnyValue:${operator}`,
]

interface Cased {
  readonly says: string
  readonly question: Question
  readonly expect: Expected
}

/** Each cell as a question: may somebody do what one statement allows under this condition alone? */
export function* questionsOf(row: OperatorRow, where: string): Generator<Cased> {
  const [operator, wanted, seen, ...rest] = row
  const [note] = rest.slice(4)
  for (const [index, form] of forms.entries()) {
    const cell = rest[index]
    if (cell === '-') continue
    if (typeof cell !== 'boolean') throw new Error(`${where}: four cells are wanted`)
    const full = form(operator)
    const document = {
      Version: '2012-10-17' as const,
      Statement: {
        Sid: 'Row',
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: '*',
        Condition: { [full]: { 'example:key': wanted } },
      },
    }
    const told = seen === null ? 'no key' : JSON.stringify(seen)
    yield {
      says: `${full} ${JSON.stringify(wanted)} ${cell ? 'holds' : 'does not hold'} with ${told}${note ? ` (${String(note)})` : ''}`,
      question: {
        request: {
          principal: 'arn:aws:iam::111111111111:user/ann',
          action: 's3:GetObject',
          resource: 'arn:aws:s3:::reports/june',
          context: { 'example:key': seen },
        },
        policies: { identity: [{ document }] },
      },
      expect: cell
        ? { effect: 'allow', because: 'granted', matched: ['Row'] }
        : { effect: 'deny', because: 'implicit-deny', blocking: 'identity', near: { sid: 'Row', key: 'example:key' } },
    }
  }
}
