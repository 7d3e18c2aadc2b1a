import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { acquireLock, joinHolder, Lock, readHolder } from '../../src/store/lock.ts'

let home = ''
let directory = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rolecall-lock-'))
  directory = join(home, 'a', 'b')
})
afterEach(() => rmSync(home, { recursive: true }))

const mine = (pid = 1): Lock => {
  const lock = acquireLock(directory, { pid })
  if (!(lock instanceof Lock)) throw new Error('the directory is held')
  return lock
}

describe('the lock on a data directory', () => {
  test('is taken by the first, who is named to the second', () => {
    const lock = mine(4711)
    expect(acquireLock(directory, { pid: 2 })).toEqual({ pid: 4711 })
    lock.describe('http://127.0.0.1:4080')
    expect(acquireLock(directory, { pid: 2 })).toEqual({ pid: 4711, endpoint: 'http://127.0.0.1:4080' })
    lock.release()
  })

  test('still holds after others have looked at it and tried to take it', () => {
    const lock = mine()
    for (let time = 0; time < 3; time++) {
      readHolder(directory)
      acquireLock(directory, { pid: 2 })
    }
    expect(acquireLock(directory, { pid: 2 })).not.toBeInstanceOf(Lock)
    lock.release()
  })

  test('can be taken again once it is released, and then names nobody', () => {
    mine().release()
    expect(readHolder(directory)).toBeUndefined()
    const lock = mine(2)
    expect(readHolder(directory)).toEqual({ pid: 2 })
    lock.release()
  })

  test('is not taken while somebody still serves for a holder that is gone', () => {
    mine(4711).release()
    const leave = joinHolder(directory)
    const other = joinHolder(directory)
    expect(acquireLock(directory, { pid: 2 }, 0)).toEqual({ pid: 0 })
    leave()
    expect(acquireLock(directory, { pid: 2 }, 0)).toEqual({ pid: 0 })
    other()
    const lock = mine(2)
    // Those who come to serve for the new one are welcome, and in nobody's way.
    joinHolder(directory)()
    expect(readHolder(directory)).toEqual({ pid: 2 })
    lock.release()
  })

  test('is nobody’s where the file beside it names a holder that is gone', () => {
    mine().release()
    writeFileSync(join(directory, 'lock.json'), '{"pid":1,"endpoint":"http://127.0.0.1:1"}')
    expect(readHolder(directory)).toBeUndefined()
    mine().release()
  })

  test('is nobody’s to each of two who look at the same time', () => {
    mine().release()
    writeFileSync(join(directory, 'lock.json'), '{"pid":1,"endpoint":"http://127.0.0.1:1"}')
    const other = openDatabase(join(directory, 'lock.db'))
    // As far as one who looks gets, until it has looked.
    other.exec('BEGIN; SELECT count(*) FROM sqlite_master')
    expect(readHolder(directory)).toBeUndefined()
    other.close()
    mine().release()
  })

  test('names an unknown holder where the file beside it cannot be read', () => {
    const lock = mine(4711)
    for (const garbage of ['', '{', '[]', 'null', '{"pid":"1"}']) {
      writeFileSync(join(directory, 'lock.json'), garbage)
      expect(readHolder(directory)).toEqual({ pid: 0 })
    }
    lock.release()
  })

  test('looking for a holder makes no directory and no file', () => {
    expect(readHolder(directory)).toBeUndefined()
    expect(existsSync(directory)).toBe(false)
  })

  test('lets nobody but its owner read what it keeps', () => {
    const lock = mine()
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(home, 'a')).mode & 0o777).toBe(0o700)
    for (const file of ['lock.db', 'lock.json']) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
    lock.release()
  })
})
