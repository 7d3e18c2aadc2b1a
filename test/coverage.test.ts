import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { coveragePage, quirksOf } from '../tools/coverage.ts'

const root = join(import.meta.dirname, '..')
const page = coveragePage(root)

describe('docs/coverage.md', () => {
  test('is what npm run coverage writes', () => {
    const kept = readFileSync(join(root, 'docs', 'coverage.md'), 'utf8')
    expect(kept === page ? '' : 'docs/coverage.md is out of date: run `npm run coverage`').toBe('')
  })

  test('names every operation of every model, answered or not, with its file', () => {
    expect(page).toContain('| CreateUser | yes | write | [user.ts](../src/service/iam/user.ts) |')
    expect(page).toContain('| AssumeRole | yes | write | [assume-role.ts](../src/service/sts/assume-role.ts) |')
    expect(page.match(/^\| [A-Z]\w+ \| (?:yes|no) \|/gm)?.length).toBeGreaterThan(190)
    expect(page.match(/^\| \w+ \| yes \| \w+ \| {2}\|$/gm) ?? []).toEqual([])
  })

  test('says of every quirk what AWS does', () => {
    expect(page.split('\n').filter((line) => /^\| [a-z0-9-]+ \| {2}\|/.test(line))).toEqual([])
  })

  test('has a test for every quirk', () => {
    const untested = page.split('\n').filter((line) => /^\| [a-z0-9-]+ \| .* \| {2}\|$/.test(line))
    expect(untested).toEqual([])
  })
})

describe('a quirk', () => {
  const quirk = (text: string, ...tests: readonly string[]) =>
    quirksOf(
      [{ path: 'src/a.ts', text }],
      tests.map((test, at) => ({ path: `test/${at}.ts`, text: test })),
    )[0]

  test.each([
    ['in a line', '// QUIRK: odd-one. It is odd. And more.', 'It is odd.'],
    [
      'over lines',
      '/**\n * Some. QUIRK: odd-one. It is\n * odd, v1.2 too. More.\n */\nconst x = 1. Y',
      'It is odd, v1.2 too.',
    ],
    ['at the end of a comment', '/** QUIRK: odd-one. It is odd */ const x = 1. Y', 'It is odd'],
    ['over lines of slashes', '  // QUIRK: odd-one. It\n  // is odd.\n  const x = 1', 'It is odd.'],
    ['without a word', '// QUIRK: odd-one\nconst x = 1. Y', ''],
  ])('says what AWS does %s', (_what, text, says) => {
    expect(quirk(text)).toMatchObject({ name: 'odd-one', says })
  })

  test('is held by the tests that say its whole name', () => {
    const text = '// QUIRK: odd-one. It is odd.'
    expect(quirk(text, "test('odd-one: x')", "test('odd-one-out: x')", "test('QUIRK: odd-one. X')")?.tests).toEqual([
      'test/0.ts',
      'test/2.ts',
    ])
  })
})
