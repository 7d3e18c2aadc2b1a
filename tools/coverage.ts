/**
 * Writes docs/coverage.md: every operation of every model that is served, answered or not, and every QUIRK with its tests. Nothing
 * in it is written by hand, and a test fails where it is not what this would write.
 *
 *   npm run coverage
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCatalog, operationKey } from '../src/service/catalog.ts'

const file = join('docs', 'coverage.md')

interface Source {
  readonly path: string
  readonly text: string
}

const sourcesIn = (root: string, folder: string, endings: RegExp): readonly Source[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => endings.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const linked = (path: string, shown = path): string => `[${shown}](../${path})`

export interface Quirk {
  readonly name: string
  /** What AWS does, in the first sentence of the comment. */
  readonly says: string
  readonly path: string
  /** The tests that say its name. */
  readonly tests: readonly string[]
}

/** Quirks by their names. A name is told in the comment that has it, up to the first full stop. */
export function quirksOf(sources: readonly Source[], tests: readonly Source[]): readonly Quirk[] {
  const found = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/QUIRK: ([a-z0-9-]+)\b/g)].map(({ 1: name = '', index }) => ({
      name,
      says: sentenceAt(text, index + 'QUIRK: '.length + name.length),
      path,
      tests: tests
        .filter((test) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(test.text))
        .map((test) => test.path),
    })),
  )
  return found.sort((a, b) => (a.name === b.name ? (a.path < b.path ? -1 : 1) : a.name < b.name ? -1 : 1))
}

/** The sentence of a comment from a place on, over the beginnings of its lines. */
function sentenceAt(text: string, from: number): string {
  const [first = '', ...rest] = text.slice(from, from + 1000).split('\n')
  const lines = [first]
  for (const line of first.includes('*/') ? [] : rest) {
    const prose = /^\s*(?:\/\/|\*(?!\/)) ?(.*)$/.exec(line)
    if (prose === null) break
    lines.push(prose[1] ?? '')
    if (line.includes('*/')) break
  }
  const prose = lines
    .join(' ')
    .replace(/\*\/.*/, '')
    .replace(/\s+/g, ' ')
    .replace(/^[.:,] */, '')
  return (/^.*?\.(?= [A-Z]|\s*$)/.exec(prose)?.[0] ?? prose).trim()
}

/** The page, for the checkout at `root`. */
export function coveragePage(root: string): string {
  const { services, operations } = loadCatalog()
  const sources = sourcesIn(root, 'src', /\.ts$/)
  const quirks = quirksOf(sources, sourcesIn(root, 'test', /\.(?:ts|json)$/))

  const homeOf = (service: string, name: string): string => {
    const declared = new RegExp(`\\.(?:read|write|mint|login|data)\\(\\s*'${name}'`)
    const home = sources.find(({ path, text }) => path.startsWith(`src/service/${service}/`) && declared.test(text))
    return home === undefined ? '' : linked(home.path, home.path.slice(`src/service/${service}/`.length))
  }
  const sections = services.map((service) => {
    const names = [...service.operations.keys()].sort()
    const answered = names.filter((name) => operations.has(operationKey(service.id, name)))
    const rows = names.map((name) => {
      const operation = operations.get(operationKey(service.id, name))
      return operation === undefined
        ? `| ${name} | no | | |`
        : `| ${name} | yes | ${operation.level} | ${homeOf(service.id, name)} |`
    })
    return {
      sum: `| ${service.id} | ${service.apiVersion} | ${names.length} | ${answered.length} |`,
      text: `## ${service.id}\n\n| operation | answered | access level | declared in |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
    }
  })
  return `# What is served

<!-- Written by \`npm run coverage\`; do not edit. -->

Every operation of the models that are served, and whether it is answered. One that is not answers \`NotImplemented\` in AWS's error form, never
a pretended success. Where an answer differs from AWS's, [differences.md](differences.md) says so.

| service | version | operations | answered |
| --- | --- | --- | --- |
${sections.map(({ sum }) => sum).join('\n')}

${sections.map(({ text }) => text).join('\n')}
## Quirks

What AWS does oddly and rolecall does as well, each with the tests that say its name.

| quirk | what AWS does | in | tests |
| --- | --- | --- | --- |
${quirks.map(({ name, says, path, tests }) => `| ${name} | ${cell(says)} | ${linked(path, path.slice('src/'.length))} | ${tests.map((test) => linked(test, test.slice('test/'.length))).join(', ')} |`).join('\n')}
`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

if (process.argv[1]?.endsWith('coverage.js')) {
  writeFileSync(file, coveragePage('.'))
  console.log(`${file} is written`)
}
