import { describe, expect, it } from 'vitest'
import { matches } from '../../src/model/pattern.ts'
import { loadService } from '../../src/model/service.ts'
import type { Shape } from '../../src/model/shape.ts'
import { processorMilliseconds } from '../processor.ts'

/** Every pattern of every model, found by walking what the operations take. */
const patterns = new Set<string>()
const visited = new Set<Shape>()
function visit(shape: Shape | undefined): void {
  if (!shape || visited.has(shape)) return
  visited.add(shape)
  if (shape.type === 'structure') for (const member of shape.members) visit(member.shape)
  if (shape.type === 'list') visit(shape.element.shape)
  if (shape.type === 'map') for (const ref of [shape.key, shape.value]) visit(ref.shape)
  if ('pattern' in shape && shape.pattern !== undefined) patterns.add(shape.pattern)
}
for (const id of ['iam', 'sts', 'organizations', 'cloudtrail', 'rolecall'] as const)
  for (const { input, output } of loadService(id).operations.values()) for (const shape of [input, output]) visit(shape)

describe('a pattern matches whole values', () => {
  const rows: readonly [pattern: string, text: string, boolean][] = [
    ['[\\w+=,.@-]+', 'a_b+c=d,e.f@g-h', true],
    ['[\\w+=,.@-]+', 'a b', false],
    ['[\\w+=,.@-]+', 'a\n', false],
    ['[\\w+=,.@-]+', 'é', false],
    ['[\\w+=,.@-]+', '', false],
    ['[\\w+=,.@-]*', '', true],
    ['[\\w+=,.@\\:-]*', 'a:b', true],
    ['[\\d]+', '123', true],
    ['[\\d]+', '١٢٣', false],
    ['[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', 'Größe 日本\u00a0١', true],
    ['[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', 'a\tb', false],
    ['[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', '😀', false],
    ['[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', '𝒳', true],
    ['[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+', '{\n\t"a": "\u00ff"}\r', true],
    ['[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+', '\u0100', false],
    ['[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+', '\u0000', false],
    ['(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)', '/', true],
    ['(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)', '/a/b/', true],
    ['(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)', '/a', false],
    ['(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)', 'x/', false],
    ['((/[A-Za-z0-9\\.,\\+@=_-]+)*)/', '/a/b.c/', true],
    ['((/[A-Za-z0-9\\.,\\+@=_-]+)*)/', '/a//', false],
    ['^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$', 'my-alias', true],
    ['^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$', 'my--alias', false],
    ['v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?', 'v12', true],
    ['v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?', 'v12x', false],
    ['\\d{12}', '123456789012', true],
    ['\\d{12}', '1234567890123', false],
    ['[ -~]+', 'a b', true],
    ['(?s).*', 'a\nb', true],
    ['o-[a-z]+(\\/ou\\-[0-9]+)*\\/', 'o-a/ou-1/', true],
    ['^(r-[0-9a-z]{4,32})|(\\d{12})$', 'r-abcd', true],
    ['^(r-[0-9a-z]{4,32})|(\\d{12})$', '123456789012x', false],
  ]
  for (const [pattern, text, expected] of rows)
    it(`${pattern} ${expected ? 'takes' : 'refuses'} ${JSON.stringify(text)}`, () =>
      expect(matches(pattern, text)).toBe(expected))
})

it('an address is what its pattern takes', () => {
  const pattern = '[^\\s@]+@[^\\s@]+\\.[^\\s@]+'
  const parts = ['a', '.', '@', ' ', '😀']
  let texts = ['']
  for (let length = 0; length < 6; length++) {
    texts = texts.flatMap((text) => parts.map((part) => text + part))
    for (const text of texts) expect(matches(pattern, text), text).toBe(new RegExp(`^(?:${pattern})$`, 'u').test(text))
  }
})

describe('no pattern of any model is slow', () => {
  // Whatever a pattern repeats, followed by what it cannot take: 128 KB, and eight times that.
  const seeds = [
    'a',
    '0',
    '/',
    '/a',
    'a/',
    '-',
    '.',
    'v1',
    ' ',
    'é',
    '😀',
    'http://a',
    'o-aaaaaaaaaa/r-aaaa',
    '?a',
    '#a',
    'a-',
    '.a',
  ]
  const hostile = (length: number) =>
    seeds.flatMap((seed) => {
      const long = seed.repeat(Math.ceil(length / seed.length))
      return [
        long,
        `${long}\u0000`,
        `/${long}\u0000`,
        `http://${long}\u0000`,
        `o-aaaaaaaaaa/r-aaaa${long}\u0000`,
        `v1${long}\u0000`,
        `a@${long} `,
      ]
    })

  it('there are some', () => expect(patterns.size).toBeGreaterThan(30))
  const small = hostile(128 * 1024)
  const large = hostile(1024 * 1024)
  for (const pattern of patterns)
    it(pattern, () => {
      for (const [texts, most] of [
        [small, 1000],
        [large, 1000],
      ] as const)
        for (const text of texts) {
          expect(processorMilliseconds(() => matches(pattern, text))).toBeLessThan(most)
        }
    })
})
