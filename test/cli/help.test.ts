import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { commandLine } from '../../src/cli/command-line.ts'
import { rolecall, root } from '../clients/process.ts'

/** Every verb, as it is typed behind `rolecall`; empty for none. */
const verbs = (() => {
  const under = (command: Command, typed: string): readonly string[] => [
    typed,
    ...command.commands.flatMap((verb) => under(verb, `${typed} ${verb.name()}`.trim())),
  ]
  return under(commandLine(), '')
})()

/** What is printed where that is typed, in a terminal of 80 columns. */
async function printed(args: readonly string[]): Promise<string> {
  let text = ''
  const program = commandLine()
  const catching = (command: Command): void => {
    command.configureOutput({
      writeOut: (more) => {
        text += more
      },
      getOutHelpWidth: () => 80,
    })
    command.commands.forEach(catching)
  }
  catching(program)
  const ended = await program.parseAsync([...args], { from: 'user' }).catch((error: unknown) => error)
  expect(ended).toMatchObject({ exitCode: 0 })
  return text
}

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

describe('help', () => {
  test.each(verbs)('rolecall %s --help tells what can be typed, with an example, within 80 columns', async (verb) => {
    const text = await printed([...words(verb), '--help'])
    expect(text).toMatch(new RegExp(`^Usage: rolecall ${verb}`.trimEnd()))
    expect(text).toMatch(/^Examples?:\n {2}\S/m)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(text).not.toContain('\u001b')
    // A default is told as it would be typed.
    expect(text).not.toMatch(/default:\s+[{[]/)
  })

  test.each(verbs)('rolecall %s --version answers the version alone', async (verb) => {
    for (const flag of ['--version', '-V']) expect(await printed([...words(verb), flag])).toBe(`${version}\n`)
  })

  test.each(['', 'account create'])('rolecall %s: both, as they are typed', async (verb) => {
    const asked = words(verb)
    expect(await rolecall([...asked, '--help'])).toEqual({
      code: 0,
      stdout: await printed([...asked, '--help']),
      stderr: '',
    })
    expect(await rolecall([...asked, '--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('the list of verbs names each with what it does', async () => {
    const { stdout } = await rolecall(['--help'])
    for (const verb of ['up', 'env', 'account', 'exec', 'why', 'decide'])
      expect(stdout).toMatch(new RegExp(`^ {2}${verb} .*\\w{3,}`, 'm'))
  })
})

describe('what is typed wrong ends with 2, and with the right word where there is one', () => {
  test.each([
    ['evn', /Did you mean env\?/],
    ['account creat', /Did you mean create\?/],
    ['up --prot 1', /Did you mean --port\?/],
    ['env --jsn', /Did you mean --json\?/],
    ['why --lsat', /Did you mean --last\?/],
    ['account create --nmae x', /Did you mean --name\?/],
    ['exec --rolle app -- true', /Did you mean --role\?/],
    ['env --role', /argument missing/],
    ['env one', /too many arguments/],
    ['why one two', /too many arguments/],
    ['exec', /missing required argument/],
    ['account', /Commands:/],
    ['', /Commands:/],
    ['why', /--last/],
    ['why 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d --last', /--last/],
    ['env --data=', /A data directory has a name/],
  ])('rolecall %s', async (line, told) => {
    const { code, stdout, stderr } = await rolecall(words(line))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(told)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})
