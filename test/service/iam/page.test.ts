import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { page } from '../../../src/service/iam/page.ts'
import { fail } from '../../../src/service/operation.ts'

const scene = { fail }
const self = (name: string) => name
const name = fc.stringMatching(/^[\w+=,.@-]{1,128}$/)

describe('pages', () => {
  test('together are the whole list, each item once and in order, whatever the size of a page', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (names, MaxItems) => {
        const seen: string[] = []
        let marker: string | undefined
        do {
          const { shown, end } = page(scene, { MaxItems, Marker: marker }, 'list', names, self)
          expect(shown.length).toBeLessThanOrEqual(MaxItems)
          expect(end.IsTruncated).toBe(end.Marker !== undefined)
          seen.push(...shown)
          marker = end.Marker
          // AWS's model allows no longer marker.
          expect(marker?.length ?? 0).toBeLessThanOrEqual(320)
        } while (marker !== undefined)
        const folded = (one: string) => one.toLowerCase()
        expect(seen).toEqual(
          names.toSorted((a, b) => ((folded(a) === folded(b) ? a < b : folded(a) < folded(b)) ? -1 : 1)),
        )
      }),
    )
  })

  test('QUIRK: names-in-order. They go by the alphabet, and by case only where nothing else differs', () => {
    expect(page(scene, {}, 'list', ['b', 'AWSx', 'Amazon', 'amazon', 'C'], self).shown).toEqual([
      'Amazon',
      'amazon',
      'AWSx',
      'b',
      'C',
    ])
  })

  test('hold a hundred items where nobody says how many', () => {
    const names = Array.from({ length: 101 }, (_, at) => `n${1000 + at}`)
    expect(page(scene, {}, 'list', names, self).shown).toHaveLength(100)
  })

  test('neither repeat nor skip what stayed when others come and go between them', () => {
    const first = page(scene, { MaxItems: 2 }, 'list', ['b', 'd', 'f', 'h'], self)
    const second = page(scene, { Marker: first.end.Marker }, 'list', ['a', 'b', 'f', 'g', 'h'], self)
    expect([...first.shown, ...second.shown]).toEqual(['b', 'd', 'f', 'g', 'h'])
  })

  test('QUIRK: page-end. IsTruncated is always there, Marker only where there is more', () => {
    expect(page(scene, {}, 'list', [], self).end).toEqual({ IsTruncated: false })
  })
})

describe('a marker', () => {
  const good = page(scene, { MaxItems: 1 }, 'list', ['a', 'b', 'c'], self).end.Marker ?? ''
  const read = (marker: string, list = 'list') => {
    try {
      return page(scene, { Marker: marker }, list, ['a', 'b', 'c'], self).shown.join('')
    } catch (error) {
      return error instanceof Fault ? `${error.code}: ${error.message}` : error
    }
  }

  test('is good for its own list', () => {
    expect(read(good)).toBe('bc')
  })

  test.each([
    ['of another list', () => read(good, 'other')],
    ['that is a word', () => read('nonsense')],
    ['that is empty in base64', () => read('====')],
    ['with one character more', () => read(`${good}A`)],
    ['with a space in it', () => read(`${good.slice(0, 4)} ${good.slice(4)}`)],
    ['of the right form and another key', () => read(btoa(`${atob(good).slice(0, 8)}z`))],
    ['of letters that base64 does not have', () => read('ÿþý')],
  ])('%s is none', (_what, asked) => {
    expect(asked()).toBe('ValidationError: Invalid Marker.')
  })

  test('never is anything but a page or a refusal', () => {
    fc.assert(
      fc.property(fc.string(), (marker) => {
        expect(read(marker)).toMatch(/^(a?b?c?|ValidationError: Invalid Marker\.)$/)
      }),
    )
  })
})
