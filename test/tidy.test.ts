import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { circles, complaints, importsOf } from '../tools/tidy.ts'

const root = join(import.meta.dirname, '..')
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'))
const textOf = (file: string): string => readFileSync(join(root, 'src', file), 'utf8')

describe('the house', () => {
  test('keeps its floors, its doors and its brands', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(files.flatMap((file) => complaints(file, textOf(file)))).toEqual([])
  })

  test('has no circles, type imports included', () => {
    const imports = new Map(
      files.map((file) => [
        file,
        importsOf(textOf(file))
          .filter((target) => target.startsWith('.'))
          .map((target) => posix.join(posix.dirname(file), target)),
      ]),
    )
    expect(circles(imports)).toEqual([])
  })
})

describe('the guard itself', () => {
  test.each([
    ['a room that reaches up', 'policy/a.ts', "import { x } from '../gate/gate.ts'", /reaches up/],
    ['a room that reaches across its floor', 'policy/a.ts', "import type { X } from '../state/view.ts'", /reaches up/],
    ['a file that opens the disk', 'policy/a.ts', "import { readFileSync } from 'node:fs'", /no door/],
    ['a file that looks at the clock', 'gate/a.ts', 'const now = Date.now()', /handed in/],
    ['a file that brands by itself', 'gate/gate.ts', 'const scene = it as Authorized<Scene>', /only gate\/authorize/],
    ['a file in no room', 'attic/a.ts', '', /no floor/],
  ])('finds %s', (_what, file, text, complaint) => {
    expect(complaints(file, text).join('\n')).toMatch(complaint)
  })

  test('finds a circle', () => {
    expect(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
        ]),
      ),
    ).toEqual(['a -> b -> c -> a'])
  })
})

describe('what is checked in', () => {
  const tracked = existsSync(join(root, '.git'))
    ? execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
        .split('\n')
        .filter((file) => file !== '' && existsSync(join(root, file)))
    : []

  test('names no package registry, so that an install asks only the one that is set up here', () => {
    const hosts = new RegExp(['registry', 'npmjs', 'org'].join('\\.'))
    expect(tracked.filter((file) => hosts.test(readFileSync(join(root, file), 'latin1')))).toEqual([])
  })

  interface Locked {
    readonly packages: Readonly<Record<string, { readonly license?: string; readonly dev?: boolean }>>
  }
  // npm writes it in this form.
  const lock = () => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Locked

  test('needs sixty packages at the most to run, those for every machine that there is counted', () => {
    const running = Object.entries(lock().packages).filter(([path, { dev }]) => path !== '' && dev !== true)
    expect(running.length).toBeLessThanOrEqual(60)
    expect(running.length).toBeGreaterThan(0)
  })

  test('holds no package under a licence that would bind its users', () => {
    const packages = Object.entries(lock().packages)
    const bound = packages.filter(([, { license = '' }]) => /GPL|SSPL|BUSL/.test(license))
    expect(bound).toEqual([])
    const unnamed = packages.filter(([path, entry]) => path !== '' && entry.license === undefined)
    expect(unnamed.map(([path]) => path)).toEqual([])
  })
})
