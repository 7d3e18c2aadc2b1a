import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { isPostgres, parseLocation, shownLocation } from '../../src/store/location.ts'
import { openPostgres } from '../../src/store/postgres.ts'

describe('where a store is', () => {
  test.each([
    ['a name and nothing else', 'postgres://db/rolecall', 'postgres://db:5432/rolecall'],
    ['a user, whose database has their name', 'postgresql://ann@db', 'postgres://ann@db:5432/ann'],
    ['several servers', 'postgres://u:p@h1:5432,h2:5433,h3/r', 'postgres://u@h1:5432,h2:5433,h3:5432/r'],
    ['addresses of version 6', 'postgres://u@[::1]:6000,[fe80::1]/r', 'postgres://u@[::1]:6000,[fe80::1]:5432/r'],
    ['a socket', 'postgres://u@%2Frun%2Fpg:6000/r', 'postgres://u@%2Frun%2Fpg:6000/r'],
    ['a socket as a parameter', 'postgres:///r?host=/run/pg:1', 'postgres://%2Frun%2Fpg%3A1:5432/r'],
    ['and its port', 'postgres:///r?host=/run/pg&port=6000', 'postgres://%2Frun%2Fpg:6000/r'],
    ['a password with everything in it', 'postgres://u:%40%2F%3A%3F%23,@h/r', 'postgres://u@h:5432/r'],
    ['an at sign that nobody escaped', 'postgres://u:p@ss@h/r', 'postgres://u@h:5432/r'],
  ])('%s', (_, text, shown) => {
    expect(shownLocation(parseLocation(text))).toBe(shown)
  })

  test('passwords are read with their escapes', () => {
    expect(parseLocation('postgres://u:%40%2F%3A%3F%23,%25@h/r').password?.()).toBe('@/:?#,%')
    expect(parseLocation('postgres://u:@h/r').password?.()).toBe('')
    expect(parseLocation('postgres://u@h/r').password).toBeUndefined()
  })

  test.each([
    ['this machine is spoken to in the clear', 'postgres://u@localhost/r', 'disable'],
    ['a socket too', 'postgres://u@%2Frun/r', 'disable'],
    ['every other one over TLS that knows who is there', 'postgres://u@db/r', 'verify-full'],
    ['also where only one of several is another one', 'postgres://u@127.0.0.1,db/r', 'verify-full'],
    ['unless the location says otherwise', 'postgres://u@db/r?sslmode=disable', 'disable'],
    ['or asks for secrecy alone', 'postgres://u@db/r?sslmode=require', 'require'],
  ])('%s', (_, text, mode) => {
    expect(parseLocation(text).tls.mode).toBe(mode)
  })

  test('times are told in seconds', () => {
    const { connectMilliseconds, answerMilliseconds } = parseLocation(
      'postgres://h/r?connect_timeout=2&answer_timeout=0.5',
    )
    expect([connectMilliseconds, answerMilliseconds]).toEqual([2000, 500])
  })

  test('reads are confirmed unless the location says that something else sees to it', () => {
    expect(parseLocation('postgres://h/r').confirmReads).toBe(true)
    expect(parseLocation('postgres://h/r?reads=unconfirmed').confirmReads).toBe(false)
  })

  test.each([
    ['mysql://u:hunter2@h/r', 'begins neither'],
    ['postgres://u:hunter2@/r', 'names no host'],
    ['postgres://u:hunter2@h,/r', 'names no host'],
    ['postgres://u:hunter2@h:x/r', 'port that is none'],
    ['postgres://u:hunter2@h:70000/r', 'port that is none'],
    ['postgres://u:hunter2%zz@h/r', 'no escape in its password'],
    ['postgres://u:hunter2#@h/r', '%23'],
    ['postgres://u:hunter2/@h/r', '%2F'],
    ['postgres://u:hunter2?@h/r?a=b', 'more than one "?"'],
    ['postgres://u:hunter2@h/r?sslmode=prefer', 'talk out of it'],
    ['postgres://u:hunter2@h/r?sslmode=hunter2', 'none of disable'],
    ['postgres://u:hunter2@h/r?target_session_attrs=any', 'written to'],
    ['postgres://u:hunter2@h/r?connect_timeout=never', 'connect_timeout'],
    ['postgres://u:hunter2@h/r?connect_timeout=0', 'connect_timeout'],
    ['postgres://u:hunter2@h/r?reads=maybe', 'reads='],
    ['postgres://u:hunter2@h/r?sslmode=require&sslmode=disable', 'twice'],
    ['postgres://u:hunter2@h/r?fsync=off', 'not known here: fsync'],
    ['postgres://u:hunter2@h/r?Hunter2!=off', 'not known here'],
  ])('%s is refused, without a word of what stands in it', (text, why) => {
    const refused = () => parseLocation(text)
    expect(refused).toThrow(why)
    expect(() => parseLocation(text)).not.toThrow(/hunter2/i)
  })

  test('nothing that is printed shows the password', () => {
    const text = 'postgres://u:hunter2@h/r'
    const engine = openPostgres(text)
    for (const shown of [parseLocation(text), engine]) {
      expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain('hunter2')
      expect(JSON.stringify(shown)).not.toContain('hunter2')
      expect(String(shown)).not.toContain('hunter2')
    }
    expect(String(engine)).toBe('postgres://u@h:5432/r')
  })

  test('a directory is no location of this kind', () => {
    expect(isPostgres('./data')).toBe(false)
    expect(isPostgres('postgresql://h')).toBe(true)
  })
})
