import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../clients/process.ts'

interface Entry {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
type Packages = Readonly<Record<string, Entry>>

/** Where Node would find a package from another one's folder: there, or in any folder above it. */
function found(packages: Packages, from: string, name: string): boolean {
  const inside = from === '' ? '' : `${from}/`
  if (packages[`${inside}node_modules/${name}`]?.version !== undefined) return true
  const above = from.lastIndexOf('node_modules/')
  return above >= 0 && found(packages, from.slice(0, Math.max(0, above - 1)), name)
}

/** What entries of a lock file depend on and the file does not have. `npm ci` refuses to install from such a one. */
const missing = (packages: Packages): readonly string[] =>
  Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !found(packages, path, name))
      .map((name) => `${path} wants ${name}`),
  )

test('the lock file names every package that another in it depends on, those for other platforms too', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Packages }
  expect(Object.keys(packages).length).toBeGreaterThan(100)
  expect(missing(packages)).toEqual([])
})

test('one that does not is found out', () => {
  const version = '1.0.0'
  const packages = {
    '': { dependencies: { a: version } },
    'node_modules/a': { version, dependencies: { b: version }, optionalDependencies: { 'a-darwin': version } },
    'node_modules/a/node_modules/b': { version, dependencies: { c: version, d: version } },
    'node_modules/d': { version },
  }
  expect(missing(packages)).toEqual(['node_modules/a wants a-darwin', 'node_modules/a/node_modules/b wants c'])
})
