import { oneLine } from '../audit/redact.ts'
import type { Remaining } from './contain-left.ts'
import type { Plan } from './contain-plan.ts'
import { timeText } from './history.ts'
import { titleOf } from './principal.ts'
import { type Session, whoIn, wrapped } from './session-list.ts'

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** What would be done. */
export function plannedText({ suspect, account, keys, sessions }: Plan, columns: number): readonly string[] {
  const whose = titleOf(suspect)
  return [
    ...wrapped(`To contain ${whose} of account ${account}:`, '', columns),
    ...(keys.length === 0
      ? [suspect.kind === 'root' ? '  deactivate its keys' : '  no active key to deactivate']
      : keys.map((key) => `  deactivate key ${key}`)),
    ...wrapped(
      `end all sessions of ${whose}, and what grew out of them: ${counted(sessions.length, 'session')} that ${sessions.length === 1 ? 'is' : 'are'} alive`,
      '  ',
      columns,
    ),
    ...sessions.flatMap(sessionLines(columns)),
  ]
}

const sessionLines =
  (columns: number) =>
  ({ accessKeyId, arn, expires }: Session): readonly string[] =>
    wrapped(
      oneLine(`${accessKeyId}  ${whoIn(arn)}, account ${arn.split(':')[4]}, until ${timeText(expires)}`, 1024),
      '    ',
      columns,
    )

/** What was done, with the keys that were deactivated. */
export const doneText = ({ sessions }: Plan, keys: readonly string[], columns: number): readonly string[] =>
  wrapped(
    `${counted(keys.length, 'key')} deactivated, ${counted(sessions.length, 'session')} ended, on every node; nothing that grew out of them is taken any more.`,
    '',
    columns,
  )

export function leftText(left: readonly Remaining[], columns: number): readonly string[] {
  if (left.length === 0) return ['Nothing remains.']
  return [
    'What remains, and why:',
    ...left.flatMap(({ what, why, how }) => [
      ...wrapped(oneLine(`${what}: ${why}`, 1024), '  ', columns),
      ...(how === undefined ? [] : [`    ${how}`]),
    ]),
  ]
}
