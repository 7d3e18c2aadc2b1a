import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { have, root, run } from '../clients/process.ts'
import { anchorsOf, blocksOf, commandsOf, complaintsOf, linksOf, outcomesOf, scriptOf } from './book.ts'

/** A folder that looks like a fresh clone, in which what is made stays out of the checkout. */
let scratch = ''
let clone = ''
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'rolecall-readme-'))
  clone = join(scratch, 'clone')
  mkdirSync(clone)
  mkdirSync(join(scratch, 'home'))
  const left = ['.rolecall', '.git']
  for (const entry of readdirSync(root)) if (!left.includes(entry)) symlinkSync(join(root, entry), join(clone, entry))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Ends what `npm start` began there, by the process id that it wrote down itself. */
function stop(): void {
  const holder = join(clone, '.rolecall', 'lock.json')
  if (!existsSync(holder)) return
  const { pid } = JSON.parse(readFileSync(holder, 'utf8')) as { pid: number }
  if (pid > 1) process.kill(pid, 'SIGTERM')
}

describe('README.md', () => {
  test('does what it shows, command by command', async ({ skip }) => {
    const here = { aws: await have('aws'), bash: await have('bash') }
    if (!here.bash) skip('there is no bash here to type the commands into')
    const blocks = blocksOf(readFileSync(join(root, 'README.md'), 'utf8')).filter(({ language }) => language === 'sh')
    // Without the aws CLI what needs it is left out; what remains stands on `npm start` alone.
    const typed = blocks.filter(({ text }) => here.aws || !/\baws /.test(text)).flatMap(commandsOf)
    expect(typed.length).toBeGreaterThan(here.aws ? 10 : 0)
    expect(typed[0]?.text).toBe('npm start')
    try {
      const { stdout, stderr } = await run(
        'bash',
        ['--norc', '-c', `exec 2>&1\n${scriptOf(typed)}`],
        { HOME: join(scratch, 'home'), AWS_PAGER: '', AWS_EC2_METADATA_DISABLED: 'true' },
        clone,
      )
      expect(stderr).toBe('')
      expect(complaintsOf(outcomesOf(stdout, typed))).toEqual([])
    } finally {
      stop()
    }
    expect(readdirSync(join(scratch, 'home')).filter((entry) => entry === '.aws')).toEqual([])
    if (!here.aws) skip('there is no aws CLI here: the blocks that need it were left out')
  })
})

describe('every page', () => {
  const pages = ['.', 'docs']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' })
        .filter((file) => file.endsWith('.md'))
        .map((file) => join(folder, file)),
    )
  const missing = (page: string): readonly string[] => {
    const markdown = readFileSync(join(root, page), 'utf8')
    return linksOf(markdown).flatMap(({ target, line }) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? join(root, page) : join(root, dirname(page), decodeURIComponent(path))
      const at = `${page}:${line}`
      if (relative(root, file).startsWith('..')) return [`${at} links out of the checkout: ${target}`]
      if (!existsSync(file)) return [`${at} links to ${target}, which is not there`]
      if (anchor === undefined || !file.endsWith('.md')) return []
      return anchorsOf(readFileSync(file, 'utf8')).has(anchor)
        ? []
        : [`${at} links to ${target}, which has no such heading`]
    })
  }

  test('is there to be read', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']))
  })
  test.each(pages)('%s links to what is there', (page) => {
    expect(missing(page)).toEqual([])
  })
})

describe('the reader of pages', () => {
  const page = [
    '# A page',
    '',
    '```sh',
    "echo '{",
    '  "a": 1',
    "}' \\",
    '  again',
    '# a remark',
    'false',
    '',
    '```',
    '',
    '```text',
  ]
  const markdown = [
    ...page,
    'not run',
    '```',
    '```sh',
    'echo AccessDenied; exit_with 3 # refused',
    'true # refused',
    '```',
  ].join('\n')

  test('finds blocks, and commands over several lines', () => {
    const blocks = blocksOf(markdown)
    expect(blocks.map(({ language, line }) => [language, line])).toEqual([
      ['sh', 4],
      ['text', 14],
      ['sh', 17],
    ])
    expect(blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf)).toEqual([
      { text: `echo '{\n  "a": 1\n}' \\\n  again`, line: 4, refused: false },
      { text: 'false', line: 9, refused: false },
      { text: 'echo AccessDenied; exit_with 3 # refused', line: 17, refused: true },
      { text: 'true # refused', line: 18, refused: true },
    ])
    expect(() => blocksOf('```sh\necho')).toThrow(/line 2 is not closed/)
    expect(() => commandsOf({ text: "echo 'x", line: 7 })).toThrow(/line 7/)
  })

  test('tells what failed, what was not refused, and what was never reached', () => {
    const commands = [
      { text: 'name=one', line: 1, refused: false },
      { text: 'test "$name" = one', line: 2, refused: false },
      { text: 'false', line: 3, refused: false },
      { text: 'echo AccessDenied >&2; false # refused', line: 4, refused: true },
      { text: 'false # refused', line: 5, refused: true },
      { text: 'echo AccessDenied # refused', line: 6, refused: true },
      { text: 'exit 0', line: 7, refused: false },
      { text: 'true', line: 8, refused: false },
    ]
    const { stdout } = spawnSync('bash', ['-c', `exec 2>&1\n${scriptOf(commands)}`], { encoding: 'utf8' })
    const complaints = complaintsOf(outcomesOf(stdout, commands))
    expect(complaints.map((complaint) => [complaint.split(':')[0], complaint.split('\n').at(-1)])).toEqual([
      ['line 3', 'failed with 1'],
      ['line 5', 'was not refused (1)'],
      ['line 6', 'was not refused (0)'],
      ['line 7', 'was not reached, or did not end'],
      ['line 8', 'was not reached, or did not end'],
    ])
  })

  test('finds links, and the names of headings', () => {
    expect(linksOf('[a](b.md) and [c](https://example.org)\n![d](e/f.svg#g)')).toEqual([
      { target: 'b.md', line: 1 },
      { target: 'e/f.svg#g', line: 2 },
    ])
    expect([...anchorsOf('# The command line\n## What’s `new`?\n')]).toEqual(['the-command-line', 'whats-new'])
  })
})
