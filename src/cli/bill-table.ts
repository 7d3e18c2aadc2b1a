import { wrapped } from './session-list.ts'

/** A line of a bill as it is printed with --json: calls of one kind, for which the same account pays for the same reason. */
export interface Line {
  /** Whose trail it is in. */
  readonly trail: string
  /** The account that is billed. */
  readonly account: string
  /** The account that owns what the calls were about. */
  readonly owner: string
  readonly reason: string
  readonly service: string
  /** Not told of calls that were refused or failed. */
  readonly operation?: string
  readonly calls: number
  readonly failed: number
  /** USD, as a decimal number. */
  readonly cost: string
}

export interface Bill {
  readonly account: string
  /** The account that the bill goes to: of an organization the one that manages it. */
  readonly payer: string
  /** `2026-11` */
  readonly month: string
  readonly lines: readonly Line[]
}

/** Reasons in words, of a line that stands in the bill of the account that pays. */
const words: Readonly<Record<string, (line: Line) => string>> = {
  'own-call': () => 'its own calls',
  'role-session': () => 'sessions of its roles act as the account',
  'session-began': ({ owner }) => `its own call into ${owner}, counted once, here`,
  'resource-owner': () => 'its resource, used through a resource policy',
  'requester-pays': ({ owner }) => `its own request to ${owner}, requester pays`,
  'caller-without-account': () => 'the caller has no account, it was asked here',
}
const whyIn = (line: Line): string => words[line.reason]?.(line) ?? line.reason

/** Lines that are the same but for what is not asked for become one. */
export function summed(lines: readonly Line[], by: 'service' | 'operation'): readonly Line[] {
  const sums = new Map<string, Line>()
  for (const { operation, ...rest } of lines) {
    const line: Line = by === 'service' || operation === undefined ? rest : { ...rest, operation }
    const { trail, account, owner, reason, service } = line
    const key = [trail, account, service, line.operation ?? '', reason, owner].join('\t')
    const sum = sums.get(key)
    const cost = (Number(sum?.cost ?? 0) + Number(line.cost)).toFixed(2)
    sums.set(key, {
      ...line,
      calls: line.calls + (sum?.calls ?? 0),
      failed: line.failed + (sum?.failed ?? 0),
      cost,
    })
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
}

const isOwn = ({ trail, account }: Line): boolean => trail === account

/** A row a line, or two where a terminal of so many columns is too narrow; then what stands in these trails and is on another's bill. */
export function tableOf(bills: readonly Bill[], by: 'service' | 'operation', columns?: number): readonly string[] {
  const lines = summed(
    bills.flatMap((bill) => bill.lines),
    by,
  )
  const rows = lines
    .filter(isOwn)
    .map((line) => [
      line.account,
      line.service,
      ...(by === 'operation' ? [line.operation ?? '(failed)'] : []),
      String(line.calls),
      String(line.failed),
      line.cost,
      whyIn(line),
    ])
  if (rows.length === 0) return ['no calls']
  const all = [
    ['ACCOUNT', 'SERVICE', ...(by === 'operation' ? ['OPERATION'] : []), 'CALLS', 'FAILED', 'USD', 'WHY THIS ACCOUNT'],
    ...rows,
  ]
  const numbers = by === 'operation' ? 3 : 2
  const width = (column: number) => Math.max(...all.map((row) => row[column]?.length ?? 0))
  const widths = (all[0] ?? []).map((_, column) => width(column))
  const total = widths.reduce((sum, wide) => sum + wide + 2, -2)
  const drawn = all.flatMap((row, at) => {
    const cells = row.map((cell, column) => {
      const wide = widths[column] ?? 0
      if (column === row.length - 1) return cell
      return column >= numbers ? cell.padStart(wide) : cell.padEnd(wide)
    })
    if (columns === undefined || total <= columns) return [cells.join('  ')]
    // What does not fit stands under its row.
    const line = cells.slice(0, -1).join('  ')
    return at === 0 ? [line] : [line, ...wrapped(cells.at(-1) ?? '', '    ', columns)]
  })
  const cost = lines.filter(isOwn).reduce((sum, line) => sum + Number(line.cost), 0)
  const elsewhere = lines
    .filter((line) => !isOwn(line) && line.calls > 0)
    .flatMap(({ trail, account, service, calls }) =>
      wrapped(
        `${calls} ${service} call${calls === 1 ? '' : 's'} in the trail of ${trail} ${calls === 1 ? 'is' : 'are'} on the bill of ${account}, which made ${calls === 1 ? 'it' : 'them'} or owns what was used.`,
        '',
        columns,
      ),
    )
  const consolidated = bills
    .filter(({ account, payer }) => payer !== account)
    .flatMap(({ account, payer }) =>
      wrapped(`The bill of ${account} goes to ${payer}, which manages its organization.`, '', columns),
    )
  return [...drawn, `${cost.toFixed(2)} USD in all`, ...elsewhere, ...consolidated]
}

/** Columns of AWS's Cost and Usage Reports (Data Exports User Guide, "Line item details"). */
const columns = [
  'bill/PayerAccountId',
  'lineItem/UsageAccountId',
  'lineItem/ProductCode',
  'lineItem/Operation',
  'lineItem/UsageType',
  'lineItem/UsageAmount',
  'lineItem/UnblendedCost',
  'lineItem/UsageStartDate',
  'lineItem/UsageEndDate',
  'lineItem/LineItemDescription',
]

/** What is billed, and nothing else: what failed, and what others pay for, is in no cost report. */
export function csvOf(bills: readonly Bill[]): readonly string[] {
  const rows = bills.flatMap(({ payer, month, lines }) => {
    const [year = 0, number = 0] = month.split('-').map(Number)
    const at = (index: number) => new Date(Date.UTC(year, index)).toISOString().replace('.000', '')
    return summed(lines, 'operation')
      .filter((line) => isOwn(line) && line.calls > 0)
      .map((line) => [
        payer,
        line.account,
        line.service,
        line.operation ?? '',
        'Requests',
        String(line.calls),
        line.cost,
        at(number - 1),
        at(number),
        `$${(Number(line.cost) / line.calls).toFixed(2)} per request - ${whyIn(line)}`,
      ])
  })
  return [columns, ...rows].map((row) => row.map(cellOf).join(','))
}

const cellOf = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
