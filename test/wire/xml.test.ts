import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeXml, readXml, type XmlElement } from '../../src/base/xml.ts'
import { processorMilliseconds } from '../processor.ts'

const shown = ({ name, attributes, children, text }: XmlElement): unknown => [
  name,
  Object.fromEntries(attributes),
  children.map(shown),
  text,
]

describe('readXml', () => {
  const documents: readonly [string, string, unknown][] = [
    ['an element', '<a/>', ['a', {}, [], '']],
    ['text', '<a>b &amp; &#x63;&#100;</a>', ['a', {}, [], 'b & cd']],
    ['a declaration and a comment', '<?xml version="1.0"?>\n<!-- x --><a></a >', ['a', {}, [], '']],
    ['attributes', `<a b="1" c:d='&lt;"'/>`, ['a', { b: '1', 'c:d': '<"' }, [], '']],
    [
      'children',
      '<a><b>1</b>x<b/></a>',
      [
        'a',
        {},
        [
          ['b', {}, [], '1'],
          ['b', {}, [], ''],
        ],
        'x',
      ],
    ],
    ['character data', '<a><![CDATA[<b>&amp;]]></a>', ['a', {}, [], '<b>&amp;']],
    ['lines that end in two characters, or in the first of them', '<a>1\r\n2\r3</a>', ['a', {}, [], '1\n2\n3']],
    ['lines and tabs in attributes as spaces', '<a b="1\r\n2\t3&#10;"/>', ['a', { b: '1 2 3\n' }, [], '']],
    ['no white space but its own', '<a\n\tb="\u00a0"\r\n>\u00a0</a\n>', ['a', { b: '\u00a0' }, [], '\u00a0']],
  ]
  for (const [what, source, expected] of documents)
    it(`reads ${what}`, () => {
      const root = readXml(source)
      if (!root) throw new Error('it was not read')
      expect(shown(root)).toEqual(expected)
    })

  const refused: readonly [string, string][] = [
    ['nothing', ''],
    ['text alone', 'x'],
    ['an open element', '<a>'],
    ['crossed elements', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>x'],
    ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['an entity of its own', '<a>&x;</a>'],
    ['an entity that is called like something else', '<a>&toString;</a>'],
    ['an entity that does not end', '<a>&amp</a>'],
    ['a bare ampersand', '<a>a & b</a>'],
    ['a reference to nothing', '<a>&#0;</a>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['an open comment', '<a><!-- </a>'],
    ['a reference to a character that XML has not', '<a>&#1;</a>'],
    ['a reference to half a character', '<a>&#xD800;</a>'],
    ['a character that XML has not', '<a>\u0001</a>'],
    ['half a character', '<a>\ud800</a>'],
    ['an end of character data in a text', '<a>]]></a>'],
    ['another kind of white space in a tag', '<a\u00a0b="1"/>'],
    ['another kind of white space behind the root', '<a/>\u00a0'],
    ['an end tag without a name', '<a></>'],
    ['an end tag that closes itself', '<a></a/>'],
    ['an end tag of a longer name', '<a></ab>'],
    ['an end tag alone', '</>'],
    ['more elements than anybody needs', `<a>${'<b/>'.repeat(50_000)}</a>`],
    ['depth', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`],
  ]
  for (const [what, source] of refused) it(`refuses ${what}`, () => expect(readXml(source)).toBeUndefined())

  it('tells elements and texts in their order', () => {
    const content = readXml('<a>1<b/>2<!-- x -->3<c>4</c></a>')?.content
    expect(content?.map((part) => (typeof part === 'string' ? part : part.name))).toEqual(['1', 'b', '23', 'c'])
  })

  it('refuses remarks where it is told to, and takes a declaration all the same', () => {
    for (const source of ['<a><!-- x --></a>', '<a/><!-- x -->', '<?x?><a/>', '<a><?xml version="1.0"?></a>']) {
      expect(readXml(source)).toBeDefined()
      expect(readXml(source, 'refused')).toBeUndefined()
    }
    expect(readXml('\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<a/>', 'refused')).toBeDefined()
  })

  it('is total, and quick on what is hostile', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '<',
            '>',
            '/',
            'a',
            ' ',
            '"',
            '=',
            '&',
            ';',
            '<a>',
            '</a>',
            '<!--',
            '-->',
            '<![CDATA[',
            ']]>',
          ),
        ),
        (pieces) => {
          readXml(pieces.join(''))
        },
      ),
    )
    const took = processorMilliseconds(() => {
      for (const source of [
        `<a ${' '.repeat(200_000)}`,
        `<a ${'b="1" '.repeat(20_000)}`,
        `<a>${'&'.repeat(200_000)}`,
        '<'.repeat(200_000),
      ])
        readXml(source)
    })
    expect(took).toBeLessThan(2000)
  })

  it('reads back what escapeXml writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const root = readXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)
        expect(root?.text).toBe(text)
        expect(root?.attributes.get('b')).toBe(text)
      }),
    )
  })
})
