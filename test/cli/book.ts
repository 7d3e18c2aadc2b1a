import { spawnSync } from 'node:child_process'

/** A fenced block of a page, with the line where its text begins. */
export interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
}

export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { language: string; line: number; text: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) open?.text.push(line)
    else if (open === undefined) open = { language: (fence[1] ?? '').trim(), line: index + 2, text: [] }
    else {
      blocks.push({ language: open.language, line: open.line, text: open.text.join('\n') })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`the block of line ${open.line} is not closed`)
  return blocks
}

/** One command as it was written, over however many lines. */
export interface Command {
  readonly text: string
  readonly line: number
  /** Ends in `# refused`: it must fail, and its output must say AccessDenied. */
  readonly refused: boolean
}

/** The commands of a block: lines are gathered until bash takes them for a whole. */
export function commandsOf({ text, line: first }: Pick<Block, 'text' | 'line'>): readonly Command[] {
  const commands: Command[] = []
  let gathered: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (gathered.length === 0 && (line.trim() === '' || line.startsWith('#'))) continue
    gathered.push(line)
    const sofar = gathered.join('\n')
    if (line.endsWith('\\') || spawnSync('bash', ['-n'], { input: sofar }).status !== 0) continue
    commands.push({ text: sofar, line: first + index - gathered.length + 1, refused: / # refused$/.test(line) })
    gathered = []
  }
  if (gathered.length > 0) throw new Error(`line ${first}: no whole command: ${gathered.join('\n')}`)
  return commands
}

/** What is `npm start` in a terminal of its own to a reader: in the background, on any free port, awaited until it is ready. */
const inBackground = `npm start -- --port 0 > start.log 2>&1 &
until grep '^rolecall is ready: ' start.log; do kill -0 $! || { cat start.log; break; }; sleep 0.1; done
grep -q "^rolecall is ready: " start.log`

/** A bash script that runs the commands in order, in one session, and says before and after each which one it is. */
export const scriptOf = (commands: readonly Command[]): string =>
  commands
    .map(({ text }, index) => {
      const run = text.trim() === 'npm start' ? inBackground : text
      return `echo; echo '@@@ begin ${index}'\n${run}\nstatus=$?; echo; echo "@@@ end ${index} $status"\n`
    })
    .join('')

/** What every command came to, by the words that the script said. A command that was never reached has no status. */
export function outcomesOf(output: string, commands: readonly Command[]) {
  return commands.map((command, index) => {
    const begin = output.indexOf(`@@@ begin ${index}\n`)
    const end = /@@@ end (\d+) (\d+)\n/g
    end.lastIndex = begin < 0 ? output.length : begin
    const found = begin < 0 ? null : end.exec(output)
    const status = found !== null && Number(found[1]) === index ? Number(found[2]) : undefined
    return { ...command, status, output: begin < 0 ? '' : output.slice(begin, found?.index ?? output.length) }
  })
}

/** What went otherwise than the page promises, a paragraph each. */
export const complaintsOf = (outcomes: ReturnType<typeof outcomesOf>): readonly string[] =>
  outcomes.flatMap(({ text, line, refused, status, output }) => {
    const here = `line ${line}: ${text}\n${output}`
    if (status === undefined) return [`${here}\nwas not reached, or did not end`]
    if (refused && (status === 0 || !output.includes('AccessDenied'))) return [`${here}\nwas not refused (${status})`]
    return refused || status === 0 ? [] : [`${here}\nfailed with ${status}`]
  })

/** Links of a page to files beside it, with the line of each: addresses elsewhere are not followed. */
export const linksOf = (markdown: string): readonly { readonly target: string; readonly line: number }[] =>
  markdown
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
        /^[a-z][a-z0-9+.-]*:/i.test(target) ? [] : [{ target, line: index + 1 }],
      ),
    )

/** The names by which a page's headings can be linked to, as GitHub makes them. */
export const anchorsOf = (markdown: string): ReadonlySet<string> =>
  new Set(
    [...markdown.matchAll(/^#+ +(.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
