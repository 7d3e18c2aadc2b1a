import { describe, expect, test } from 'vitest'
import { canonical } from '../../src/token/c14n.ts'
import { childrenOf } from '../../src/token/xml-node.ts'
import { parsed } from '../../src/token/xml-signature.ts'

const read = (text: string) => parsed(text) ?? expect.unreachable(`not read: ${text}`)

/** Exclusive XML Canonicalization 1.0, and Canonical XML 1.0 where it refers to it. */
const forms: readonly (readonly [string, string, string])[] = [
  ['elements do not close themselves', '<a/>', '<a></a>'],
  ['there is no declaration', '<?xml version="1.0"?>\n<a></a>\n', '<a></a>'],
  ['tags have no room', '<a  b = "1"\n></a >', '<a b="1"></a>'],
  ['attributes are in the order of their names', '<a c="1" b="2"/>', '<a b="2" c="1"></a>'],
  [
    'and of their namespaces before that, those without one in front',
    '<a y:b="1" x:c="2" z="3" xmlns:y="urn:a" xmlns:x="urn:b"/>',
    '<a xmlns:x="urn:b" xmlns:y="urn:a" z="3" y:b="1" x:c="2"></a>',
  ],
  ['attributes have double quotes', `<a b='"'/>`, '<a b="&quot;"></a>'],
  ['white space in an attribute is a space', '<a b="1\n2\t3"/>', '<a b="1 2 3"></a>'],
  ['unless it was a reference', '<a b="1&#10;2&#9;3&#13;4"/>', '<a b="1&#xA;2&#x9;3&#xD;4"></a>'],
  ['a greater-than stays in an attribute', '<a b="&gt;"/>', '<a b=">"></a>'],
  ['and is escaped in a text', '<a>></a>', '<a>&gt;</a>'],
  ['references are resolved', '<a>&#x61;&apos;&quot;&lt;&amp;</a>', `<a>a'"&lt;&amp;</a>`],
  ['character data are text', '<a>1<![CDATA[<&]]>2</a>', '<a>1&lt;&amp;2</a>'],
  ['lines end in a line feed', '<a>1\r\n2\r3&#13;</a>', '<a>1\n2\n3&#xD;</a>'],
  ['namespaces that nothing uses are left out', '<a xmlns:b="urn:b" xmlns="urn:a"/>', '<a xmlns="urn:a"></a>'],
  ['and told where they are used', '<a xmlns:b="urn:b"><b:c/></a>', '<a><b:c xmlns:b="urn:b"></b:c></a>'],
  [
    'again and again, as often as they are used side by side',
    '<a xmlns:b="urn:b"><b:c/><b:d/></a>',
    '<a><b:c xmlns:b="urn:b"></b:c><b:d xmlns:b="urn:b"></b:d></a>',
  ],
  [
    'once where they stand in one another',
    '<b:a xmlns:b="urn:b"><b:c xmlns:b="urn:b"/></b:a>',
    '<b:a xmlns:b="urn:b"><b:c></b:c></b:a>',
  ],
  [
    'anew where a prefix means something else, and again after that',
    '<b:a xmlns:b="urn:b"><b:c xmlns:b="urn:c"><b:d xmlns:b="urn:b"/></b:c></b:a>',
    '<b:a xmlns:b="urn:b"><b:c xmlns:b="urn:c"><b:d xmlns:b="urn:b"></b:d></b:c></b:a>',
  ],
  [
    'also where only an attribute uses them',
    '<a xmlns:b="urn:b"><c b:d="1"/></a>',
    '<a><c xmlns:b="urn:b" b:d="1"></c></a>',
  ],
  [
    'a default namespace is not told for an attribute, which is in none',
    '<n:a xmlns="urn:d" xmlns:n="urn:n" b="1"><c/></n:a>',
    '<n:a xmlns:n="urn:n" b="1"><c xmlns="urn:d"></c></n:a>',
  ],
  [
    'the end of a default namespace is told',
    '<a xmlns="urn:a"><b xmlns=""><c/></b></a>',
    '<a xmlns="urn:a"><b xmlns=""><c></c></b></a>',
  ],
  ['but not where there was none', '<a xmlns=""><b xmlns=""/></a>', '<a><b></b></a>'],
  ['xml: needs no declaration', '<a xml:lang="de"/>', '<a xml:lang="de"></a>'],
]

describe('the canonical form', () => {
  test.each(forms)('%s', (_what, text, expected) => {
    const form = canonical(read(text))
    expect(form).toBe(expected)
    expect(canonical(read(expected))).toBe(expected)
  })

  test('of a part has what the part uses, and nothing of the whole', () => {
    const [part] = childrenOf(read('<a xmlns="urn:a" xmlns:b="urn:b" xml:lang="de"><b:c><d/></b:c></a>'))
    expect(part && canonical(part)).toBe('<b:c xmlns:b="urn:b"><d xmlns="urn:a"></d></b:c>')
  })

  test('leaves out one child', () => {
    const whole = read('<a><b/>1<b/>2</a>')
    const [first] = childrenOf(whole)
    expect(first && canonical(whole, { without: first })).toBe('<a>1<b></b>2</a>')
  })

  test('has listed prefixes wherever they are declared', () => {
    const [part] = childrenOf(
      read('<a xmlns="urn:a" xmlns:b="urn:b" xmlns:c="urn:c"><b:d><e xmlns:c="urn:e"/></b:d></a>'),
    )
    expect(part && canonical(part, { inclusive: ['c', 'nobody'] })).toBe(
      '<b:d xmlns:b="urn:b" xmlns:c="urn:c"><e xmlns="urn:a" xmlns:c="urn:e"></e></b:d>',
    )
    expect(part && canonical(part, { inclusive: [''] })).toBe('<b:d xmlns="urn:a" xmlns:b="urn:b"><e></e></b:d>')
  })

  test('is none where it would be far larger than what it is of', () => {
    const inner = '<n:b/>'.repeat(8_000)
    expect(canonical(read(`<a xmlns:n="urn:${'x'.repeat(200)}">${inner}</a>`))).toBeUndefined()
    expect(canonical(read(`<a xmlns:n="urn:${'x'.repeat(20)}">${inner}</a>`))).toHaveLength(7 + 8_000 * 46)
    expect(canonical(read(`<a>${'y'.repeat(999_993)}</a>`))).toHaveLength(1_000_000)
    expect(canonical(read(`<a>${'y'.repeat(999_994)}</a>`))).toBeUndefined()
    expect(canonical(read(`<a><n:b xmlns:n="urn:x">${'y'.repeat(1_000_000)}</n:b></a>`))).toBeUndefined()
  })
})

const refused: readonly (readonly [string, string])[] = [
  ['a prefix that is not declared', '<n:a/>'],
  ['a prefix of an attribute that is not declared', '<a n:b="1"/>'],
  ['a prefix that is declared beside', '<a><b xmlns:n="urn:n"/><n:c/></a>'],
  ['a prefix that is taken back', '<a xmlns:n="urn:n"><b xmlns:n=""/></a>'],
  ['xml meaning something else', '<a xmlns:xml="urn:x"/>'],
  ['xml under another name', '<a xmlns:n="http://www.w3.org/XML/1998/namespace"/>'],
  ['xml as the default', '<a xmlns="http://www.w3.org/XML/1998/namespace"/>'],
  ['a declaration of xmlns', '<a xmlns:xmlns="urn:x"/>'],
  ['the namespace of declarations', '<a xmlns:n="http://www.w3.org/2000/xmlns/"/>'],
  ['an element called xmlns', '<xmlns:a/>'],
  ['two colons', '<a xmlns:n="urn:n"><n:b:c/></a>'],
  ['two colons in an attribute', '<a xmlns:n="urn:n" n:b:c="1"/>'],
  ['a colon in front', '<:a/>'],
  ['a colon at the end', '<a xmlns:n="urn:n"><n:/></a>'],
  ['a number behind a colon', '<a xmlns:n="urn:n"><n:1/></a>'],
  ['a declaration of nothing', '<a xmlns:="urn:n"/>'],
  ['one attribute under two prefixes', '<a xmlns:n="urn:n" xmlns:m="urn:n" n:b="1" m:b="2"/>'],
  ['a namespace with a space', '<a xmlns="urn: a"/>'],
  ['a namespace beyond ASCII', '<a xmlns="urn:\u00e9"/>'],
  ['a namespace without end', `<a xmlns="urn:${'x'.repeat(253)}"/>`],
  ['a comment', '<a><!-- x --></a>'],
  ['a comment in front', '<!-- x --><a/>'],
  ['a processing instruction', '<a><?x y?></a>'],
  ['a second declaration', '<?xml version="1.0"?><?xml version="1.0"?><a/>'],
  ['a late declaration', ' <?xml version="1.0"?><a/>'],
  ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
]

describe('names', () => {
  test.each(refused)('are not read with %s', (_what, text) => {
    expect(parsed(text)).toBeUndefined()
  })

  test.each([
    ['a prefix that hides another', '<n:a xmlns:n="urn:n"><n:b xmlns:n="urn:m"/></n:a>'],
    ['one local name in two namespaces', '<a xmlns:n="urn:n" xmlns:m="urn:m" n:b="1" m:b="2" b="3"/>'],
    ['a namespace that is as long as they may be', `<a xmlns="urn:${'x'.repeat(252)}"/>`],
    ['a default namespace that is taken back', '<a xmlns="urn:a"><b xmlns=""/></a>'],
    ['a declaration with an encoding', `<?xml version='1.0' encoding='utf-8' standalone='yes' ?><a/>`],
  ])('are read with %s', (_what, text) => {
    expect(parsed(text)).toBeDefined()
  })

  test('of attributes are in no default namespace', () => {
    expect(parsed('<a xmlns="urn:a" b="1"/>')).toMatchObject({
      namespace: 'urn:a',
      attributes: [{ namespace: '', name: 'b', value: '1' }],
    })
  })
})
