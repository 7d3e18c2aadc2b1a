import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSshKey } from '../../src/token/public-key.ts'
import { sshKey } from './x509.ts'

const good = sshKey(2048)
const read = (text: string) => {
  const key = readSshKey(text)
  if (key === 'encoding' || key === 'key') throw new Error(key)
  return key
}

describe('a key for SSH', () => {
  test('is the same key in both of its forms, without its comment', () => {
    const key = read(`${good.ssh} ann@laptop with words`)
    expect(key.ssh).toBe(good.ssh)
    expect(key.pem).toBe(good.pem.trim())
    expect(read(good.pem)).toEqual(key)
    expect(read(`  ${good.ssh}\n`)).toEqual(key)
    expect(key.fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/)
  })

  const keygen = (() => {
    try {
      execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' })
      return true
    } catch (error) {
      // It ends with an error where it is there, and there is no such file where it is not.
      return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
    }
  })()
  test.skipIf(!keygen)('has the fingerprint that ssh-keygen tells (skipped where there is none)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-ssh-'))
    try {
      const file = join(folder, 'key.pub')
      writeFileSync(file, `${good.ssh}\n`)
      const told = execFileSync('ssh-keygen', ['-l', '-E', 'md5', '-f', file], { encoding: 'utf8' })
      expect(told).toContain(`MD5:${read(good.ssh).fingerprint} `)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  const ec = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  test.each([
    ['of another kind', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA', 'encoding'],
    ['of no kind', 'hello', 'encoding'],
    ['of 1024 bits', sshKey(1024).ssh, 'key'],
    ['in PEM that is not RSA', ec.publicKey, 'key'],
    ['that is private', good.private, 'key'],
    ['cut short', good.ssh.slice(0, -20), 'key'],
    [
      'with more behind',
      `ssh-rsa ${Buffer.concat([Buffer.from(good.ssh.slice(8), 'base64'), Buffer.alloc(4)]).toString('base64')}`,
      'key',
    ],
    ['that says another kind inside', good.ssh.replace('AAAAB3NzaC1yc2', 'AAAAB3NzaC1kc3'), 'key'],
    ['that is not base64', 'ssh-rsa !!!!', 'key'],
    ['that is empty', 'ssh-rsa', 'key'],
  ])('%s is refused', (_, text, what) => {
    expect(readSshKey(text)).toBe(what)
  })

  test('is looked for in any text without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.string(), (bytes, tail) => {
        readSshKey(`ssh-rsa ${Buffer.from(bytes).toString('base64')}${tail}`)
        readSshKey(`-----BEGIN PUBLIC KEY-----\n${tail}`)
      }),
    )
  })
})
