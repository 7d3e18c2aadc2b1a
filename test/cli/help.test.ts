import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rolecall, root } from '../clients/process.ts'

const verbs = [
  '',
  'up',
  'serve',
  'backup',
  'restore',
  'check',
  'env',
  'account',
  'account create',
  'account ls',
  'quota',
  'quota ls',
  'quota set',
  'quota reset',
  'saml',
  'saml metadata',
  'saml assertion',
  'sessions',
  'sessions ls',
  'sessions revoke',
  'bill',
  'exec',
  'why',
  'decide',
  'oidc',
  'oidc token',
  'oidc keys',
  'oidc rotate',
  'audit',
  'audit verify',
  'audit key',
  'audit export',
]
const words = (line: string): string[] => line.split(' ').filter((word) => word !== '')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

describe('help', () => {
  test.each(verbs)(
    'rolecall %s --help tells what can be typed, with an example, for a terminal of 80 columns',
    async (verb) => {
      const { code, stdout, stderr } = await rolecall([...words(verb), '--help'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(new RegExp(`^Usage: rolecall ${verb}`.trimEnd()))
      expect(stdout).toMatch(/^Examples?:\n {2}\S/m)
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
      expect(stdout).not.toContain('\u001b')
    },
  )

  test.each(verbs)('rolecall %s --version answers the version alone', async (verb) => {
    for (const flag of ['--version', '-V']) {
      expect(await rolecall([...words(verb), flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    }
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
