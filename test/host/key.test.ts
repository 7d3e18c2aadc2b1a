import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type KeyOptions, keySource } from '../../src/host/key.ts'
import { changeKeyFile, ownKeyFile, readKeyFile, textOfKey } from '../../src/host/key-file.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { freshKey } from '../token/keys.ts'

const one = freshKey()
const two = freshKey()
const hexOf = ({ key }: typeof one): string => key.export().toString('hex')
const ids = (keys: readonly { readonly id: string }[]) => keys.map(({ id }) => id)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function file(text: string, mode = 0o600, name = 'keys'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const sourceOf = (options: KeyOptions, environment: Record<string, string> = {}, directory?: string) =>
  keySource(options, environment, directory)

/** A program of one line of JavaScript, as a command. */
const node = (script: string): string => `"${process.execPath}" -e '${script}'`

describe('keys come', () => {
  test('from a file, in its order: base64 of either alphabet, with or without padding, or hexadecimal', () => {
    const lines = [`# the new one`, textOfKey(one), '', `  ${hexOf(two).toUpperCase()}  `, '\r']
    expect(ids(sourceOf({ keyFile: file(lines.join('\n')) }).read())).toEqual([one.id, two.id])
    const url = one.key.export().toString('base64url')
    expect(ids(sourceOf({ keyFile: file(url) }).read())).toEqual([one.id])
  })

  test('from the environment, with commas, spaces or lines between them', () => {
    for (const between of [',', ' ', '\n', ', '])
      expect(ids(sourceOf({}, { ROLECALL_KEY: [textOfKey(one), hexOf(two)].join(between) }).read())).toEqual(
        ids([one, two]),
      )
    expect(ids(sourceOf({}, { ROLECALL_KEY_FILE: file(textOfKey(two)) }).read())).toEqual([two.id])
  })

  test('from what a program prints, which is run without a shell', () => {
    const command = node(`console.log("# keys"); console.log(process.argv[1])`)
    expect(ids(sourceOf({ keyCommand: `${command} ${hexOf(one)}` }).read())).toEqual([one.id])
    // To a shell this would be two commands, a variable and a file.
    const words = node(`console.log(Buffer.from(process.argv.slice(1).join().padEnd(32).slice(0, 32)).toString("hex"))`)
    const [key] = sourceOf({ keyCommand: `${words} ; "echo  $HOME" 'a'"b" > x *` }).read()
    expect(key?.key.export().toString()).toBe(';,echo  $HOME,ab,>,x,*'.padEnd(32))
  })

  test('from where an option says before the environment, from the environment before the data directory', () => {
    const environment = { ROLECALL_KEY: textOfKey(two) }
    const { kind, read } = sourceOf({ keyFile: file(textOfKey(one)) }, environment, folder)
    expect([kind, ids(read())]).toEqual(['file', [one.id]])
    expect(sourceOf({}, environment, folder).kind).toBe('environment')
    expect(sourceOf({}, { ROLECALL_KEY: '', ROLECALL_KEY_FILE: '' }, folder).kind).toBe('directory')
  })

  test('anew each time that they are read', () => {
    const path = file(textOfKey(one))
    const { read } = sourceOf({ keyFile: path })
    expect(ids(read())).toEqual([one.id])
    file(`${textOfKey(two)}\n${textOfKey(one)}`)
    expect(ids(read())).toEqual([two.id, one.id])
  })
})

describe('the data directory’s own key', () => {
  test('is made once, for its owner alone, and is the same from then on', () => {
    const directory = join(folder, 'data')
    mkdirSync(directory)
    const source = sourceOf({}, {}, directory)
    expect(() => source.read()).toThrow(/is not there/)
    const made = source.found?.(machineRandom()) ?? []
    expect(made).toHaveLength(1)
    expect(ids(source.read())).toEqual(ids(made))
    expect(ids(sourceOf({}, {}, directory).found?.(machineRandom()) ?? [])).toEqual(ids(made))
    expect(statSync(ownKeyFile(directory)).mode & 0o777).toBe(0o600)
  })

  test('no other source makes a key where there is none', () => {
    for (const source of [
      sourceOf({ keyFile: join(folder, 'none') }, {}, folder),
      sourceOf({ keyCommand: 'none' }, {}, folder),
      sourceOf({}, { ROLECALL_KEY: 'none' }, folder),
    ])
      expect(source.found).toBeUndefined()
  })

  test('is changed in one step, and stays closed', () => {
    const path = file(textOfKey(one))
    expect(ids(changeKeyFile(path, (keys) => [two, ...keys]))).toEqual(ids([two, one]))
    expect(ids(readKeyFile(path))).toEqual(ids([two, one]))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    changeKeyFile(path, (keys) => keys.filter(({ id }) => id !== one.id))
    expect(readFileSync(path, 'utf8')).not.toContain(textOfKey(one))
    expect(() =>
      changeKeyFile(path, () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(ids(readKeyFile(path))).toEqual([two.id])
    expect(existsSync(`${path}.${process.pid}`)).toBe(false)
  })
})

describe('what is refused, in words that tell no key', () => {
  const half = textOfKey(one).slice(0, 30)
  test.each<[string, () => unknown, RegExp]>([
    [
      'a file that a group can read',
      () => sourceOf({ keyFile: file(textOfKey(one), 0o660) }).read(),
      /open to others \(mode 0660\)/,
    ],
    [
      'a file that anybody can read',
      () => sourceOf({ keyFile: file(textOfKey(one), 0o644) }).read(),
      /open to others \(mode 0644\)/,
    ],
    ['a file that others can write', () => sourceOf({ keyFile: file(textOfKey(one), 0o622) }).read(), /open to others/],
    ['a file that is not there', () => sourceOf({ keyFile: join(folder, 'none') }).read(), /none is not there/],
    ['a folder', () => sourceOf({ keyFile: folder }).read(), /is no file/],
    ['a file without a key', () => sourceOf({ keyFile: file('# none\n\n') }).read(), /there is no key in .*keys/],
    [
      'a line that is no key',
      () => sourceOf({ keyFile: file(`${textOfKey(two)}\n${half}\n`) }).read(),
      /line 2 of .*keys is no key/,
    ],
    [
      'a key that is too long',
      () => sourceOf({ keyFile: file(`${hexOf(one)}00`) }).read(),
      /line 1 of .*keys is no key/,
    ],
    ['a huge file', () => sourceOf({ keyFile: file('#'.repeat(70_000)) }).read(), /too large/],
    [
      'an environment without a key',
      () => sourceOf({}, { ROLECALL_KEY: half }).read(),
      /line 1 of ROLECALL_KEY is no key/,
    ],
    ['two options', () => sourceOf({ keyFile: 'a', keyCommand: 'b' }), /two sources of one key/],
    ['two variables', () => sourceOf({}, { ROLECALL_KEY: half, ROLECALL_KEY_FILE: 'a' }), /two sources of one key/],
    ['no source', () => sourceOf({}), /there is no key: name one/],
    [
      'a program that is not there',
      () => sourceOf({ keyCommand: `no-such-program ${half}` }).read(),
      /it was not found/,
    ],
    [
      'a program that fails',
      () => sourceOf({ keyCommand: node(`console.log("${half}"); console.error("${half}"); process.exit(3)`) }).read(),
      /it ended with 3/,
    ],
    [
      'a program that prints no key',
      () => sourceOf({ keyCommand: node(`console.log("${half}")`) }).read(),
      /line 1 of what the key command printed is no key/,
    ],
    [
      'a program that prints without end',
      () => sourceOf({ keyCommand: node(`for (;;) console.log("#".repeat(1000))`) }).read(),
      /gave no key/,
    ],
    ['a quote that is not closed', () => sourceOf({ keyCommand: `echo "${half}` }), /quote that is not closed/],
    ['an empty command', () => sourceOf({ keyCommand: '  ' }), /names no command/],
  ])('%s', (_what, work, told) => {
    let message = ''
    try {
      work()
    } catch (error) {
      message = `${String(error)}\n${error instanceof Error ? error.stack : ''}\n${JSON.stringify(error)}`
      expect(error instanceof Error && error.cause).toBeFalsy()
    }
    expect(message).toMatch(told)
    for (const hidden of [half, textOfKey(one), textOfKey(two), hexOf(one)]) expect(message).not.toContain(hidden)
  })

  test.runIf(process.getuid?.() === 0)('a file of another user; not one of root that a group can read', () => {
    const path = file(textOfKey(one), 0o640)
    expect(ids(sourceOf({ keyFile: path }).read())).toEqual([one.id])
    chownSync(path, 12345, 0)
    expect(() => sourceOf({ keyFile: path }).read()).toThrow(/belongs to another user/)
  })
})
