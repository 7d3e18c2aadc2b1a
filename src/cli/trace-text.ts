import { oneLine } from '../audit/redact.ts'
import { type Call, callText, timeText } from './history.ts'
import { loginIn, type Session, whoIn, wrapped } from './session-list.ts'
import type { Source, Trace } from './trace-walk.ts'

const accountIn = (arn: string | undefined): string => arn?.split(':')[4] ?? ''

/** Whoever it was, as people say it: `user ann of account 111122223333`. */
export function whoWas(source: Source): string {
  const { type, arn, principalId, accountId } = source
  const login = loginIn(source)
  if (login !== undefined) return login
  switch (type) {
    case 'AWSAccount':
      return `somebody of account ${accountId ?? ''} (${principalId ?? ''})`
    default:
      if (arn === undefined) return principalId ?? 'somebody'
      return `${whoIn(arn)} of account ${accountId ?? accountIn(arn)}`
  }
}

function stateOf({ ended, expires }: Session, now: number): string {
  if (ended !== undefined) return `ended: ${ended.replace('-', ' ')}`
  return Date.parse(expires) <= now ? `ended ${timeText(expires)}` : `alive until ${timeText(expires)}`
}

/** Lines of a terminal so wide. Nothing of it steers one: names and agents are what somebody else chose. */
export function traceText(trace: Trace, { columns, now }: { readonly columns: number; readonly now: number }): string {
  const lines: string[] = []
  const say = (text: string, indent = '') => lines.push(...wrapped(oneLine(text, 4096), indent, columns))
  const { steps, sessions, origin, accessKeyId } = trace
  const last = steps.at(-1)
  if (last !== undefined) say(`${last.accessKeyId} is a session of ${whoIn(last.arn)}, account ${accountIn(last.arn)}.`)
  else if (accessKeyId !== undefined)
    say(
      `${accessKeyId} ${accessKeyId.startsWith('ASIA') ? 'was given out by a call that is in no trail that can be asked' : 'is a lasting key'}.`,
    )
  if (origin !== undefined) say(`It began with ${whoWas(origin)}.`)
  if (trace.beyond !== undefined)
    say(`What stands behind that is in account ${trace.beyond}, whose trail cannot be asked with these keys.`)

  lines.push('', 'The way:')
  const numbers = new Map<string, number>()
  let number = 1
  const node = (key: string | undefined, what: string, details: readonly string[]) => {
    if (key !== undefined) numbers.set(key, number)
    const head = `${String(number++).padStart(3)}  `
    const [first = '', ...more] = wrapped(oneLine(what, 4096), ' '.repeat(5), columns)
    lines.push(head + first.slice(5), ...more)
    for (const detail of details) say(detail, ' '.repeat(5))
  }
  if (origin !== undefined)
    node(
      origin.accessKeyId,
      whoWas(origin),
      [
        [origin.accessKeyId, origin.sourceIp && `from ${origin.sourceIp}`].filter(Boolean).join(', '),
        ...(origin.userAgent ? [origin.userAgent] : []),
      ].filter((detail) => detail !== ''),
    )
  for (const step of steps)
    node(step.accessKeyId, `${whoIn(step.arn)} of account ${accountIn(step.arn)}`, [
      `${step.accessKeyId}, ${stateOf(step, now)}`,
      `by ${step.operation} at ${timeText(step.created)}${step.mfa ? ', with MFA' : ''}${step.sourceIdentity === undefined ? '' : `, source identity ${step.sourceIdentity}`}`,
      `event ${step.eventId ?? ''}`,
    ])
  if (number === 1) lines.push('     nothing is known of it')

  lines.push('', sessions.length === 0 ? 'No sessions grew out of it.' : 'Sessions that grew out of it:')
  for (const session of sessions) {
    const parent = numbers.get(session.source.accessKeyId ?? '')
    node(session.accessKeyId, `${whoIn(session.arn)} of account ${accountIn(session.arn)}`, [
      `${session.accessKeyId}, ${stateOf(session, now)}`,
      `by ${session.operation} at ${timeText(session.created)}${parent === undefined ? `, by ${whoWas(session.source)}` : `, by ${parent}`}`,
    ])
  }
  for (const account of trace.unseen) say(`What was done in account ${account} cannot be asked with these keys.`)

  const nothing =
    trace.unseen.length > 0 ? 'Nothing else is known to have been done with it.' : 'Nothing was done with it.'
  lines.push(
    '',
    ...(trace.calls.length === 0
      ? [nothing]
      : callLines(trace.calls, numbers, columns, accessKeyId === undefined ? 1 : undefined)),
  )
  if (trace.truncated) say('There is more: --limit shows more calls, --json all that was read.')
  return `${lines.join('\n')}\n`
}

/** Calls in the order of time, each with the number of who made it: where no key is traced, of who it is all about. */
function callLines(
  calls: readonly Call[],
  numbers: ReadonlyMap<string, number>,
  columns: number,
  byDefault: number | undefined,
): readonly string[] {
  const lines = [`What was done, ${calls.length} call${calls.length === 1 ? '' : 's'}:`]
  for (const call of [...calls].reverse()) {
    const by = numbers.get(call.accessKeyId ?? '') ?? byDefault
    const head = `${by === undefined ? '   ' : String(by).padStart(3)}  ${timeText(call.time)}  `
    const indent = ' '.repeat(Math.min(head.length, 7))
    const what = callText(call)
    // On a narrow terminal what was done stands under the time.
    if (head.length + what.length <= columns) lines.push(oneLine(head + what, 4096))
    else lines.push(head.trimEnd(), ...wrapped(oneLine(what, 4096), indent, columns))
  }
  return lines
}
