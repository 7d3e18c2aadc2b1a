import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadService, type ModelledService, readService } from '../../src/model/service.ts'
import type { RawService } from '../../src/model/shape.ts'
import { distil, print, printCalls } from '../../tools/model.ts'

const data = (id: string): string => readFileSync(new URL(`../../src/model/data/${id}.json`, import.meta.url), 'utf8')
const rawOf = (id: string): RawService => JSON.parse(data(id)) as RawService

describe('the model of IAM', () => {
  const iam = loadService('iam')
  it('is read once', () => expect(loadService('iam')).toBe(iam))
  it('has what the wire needs', () =>
    expect(iam).toMatchObject({
      protocol: 'query',
      apiVersion: '2010-05-08',
      signingName: 'iam',
      xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    }))
  it('has all operations', () => expect(iam.operations.size).toBe(176))
  it('knows an operation', () => {
    const operation = iam.operation('CreateUser')
    expect(operation?.resultWrapper).toBe('CreateUserResult')
    expect(operation?.unsigned).toBe(false)
    expect(operation?.faults).toContain('EntityAlreadyExists')
    expect(operation?.input?.members.map(({ name, required }) => [name, required])).toEqual([
      ['Path', false],
      ['UserName', true],
      ['PermissionsBoundary', false],
      ['Tags', false],
    ])
    expect(iam.operation('DeleteUser')?.output).toBeUndefined()
  })
  it('knows no operation of Object', () => {
    expect(iam.operation('constructor')).toBeUndefined()
    expect(iam.operation('__proto__')).toBeUndefined()
    expect(iam.error('toString')).toBeUndefined()
  })
  it('knows errors by their wire code, not by their shape', () => {
    expect(iam.error('NoSuchEntity')).toMatchObject({ code: 'NoSuchEntity', status: 404, senderFault: true })
    expect(iam.error('ServiceFailure')).toMatchObject({ code: 'ServiceFailure', status: 500, senderFault: false })
    expect(iam.error('OrganizationNotFoundException')).toMatchObject({ status: 400 })
    expect(iam.error('NoSuchEntityException')).toBeUndefined()
  })
})

describe('the model of STS', () => {
  const sts = loadService('sts')
  it('knows what is called without a signature', () =>
    expect([...sts.operations.values()].filter(({ unsigned }) => unsigned).map(({ name }) => name)).toEqual([
      'AssumeRoleWithSAML',
      'AssumeRoleWithWebIdentity',
    ]))
  it('QUIRK: member-order', () => {
    const names = (operation: string) => sts.operation(operation)?.output?.written.map(({ name }) => name)
    expect(names('GetCallerIdentity')).toEqual(['Arn', 'UserId', 'Account'])
    expect(names('AssumeRole')).toEqual(['AssumedRoleUser', 'Credentials', 'PackedPolicySize', 'SourceIdentity'])
    expect(sts.operation('AssumeRole')?.output?.members[0]?.name).toBe('Credentials')
  })
})

describe('a model file', () => {
  for (const id of [
    'iam',
    'sts',
    'organizations',
    'cloudtrail',
    'rolecall',
  ] as const satisfies readonly ModelledService[])
    it(`${id}.json holds no prose, and is printed as the tool prints it`, () => {
      expect(data(id)).not.toMatch(/"documentation":\s*"/)
      const raw = rawOf(id)
      expect(data(id)).toBe(print(raw))
      expect(readService(id, raw).operations.size).toBe(Object.keys(raw.operations).length)
    })
  for (const id of ['iam', 'sts', 'rolecall'])
    it(`calls/${id}.ts is what the tool writes of it`, () =>
      expect(readFileSync(new URL(`../../src/model/calls/${id}.ts`, import.meta.url), 'utf8')).toBe(
        printCalls(rawOf(id), id),
      ))

  it('loses prose, what nothing refers to, and no member that is named like prose', () => {
    const model = {
      metadata: { apiVersion: '1', protocol: 'query' },
      operations: { Get: { name: 'Get', input: { shape: 'In', documentation: 'x' }, documentation: 'x' } },
      shapes: {
        In: {
          type: 'structure',
          documentation: 'x',
          members: { documentation: { shape: 'Text', documentation: 'x' }, In: { shape: 'In' } },
        },
        Text: { type: 'string', documentation: 'x', pattern: 'x' },
        Unused: { type: 'string' },
      },
    }
    expect(distil(model as unknown as RawService)).toEqual({
      metadata: { apiVersion: '1', protocol: 'query' },
      operations: { Get: { name: 'Get', input: { shape: 'In' } } },
      shapes: {
        In: { type: 'structure', members: { documentation: { shape: 'Text' }, In: { shape: 'In' } } },
        Text: { type: 'string', pattern: 'x' },
      },
    })
  })

  it('that refers to nothing is refused', () => {
    const raw: RawService = {
      metadata: { apiVersion: '1', protocol: 'query' },
      operations: { Get: { name: 'Get', input: { shape: 'Gone' } } },
      shapes: {},
    }
    expect(() => readService('test', raw)).toThrow('the service model lacks Gone')
  })
})
