import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'
import { describe, expect, test } from 'vitest'
import { compile, decide, explain, Fault, renderExplanation, requestFrom } from '../../src/policy/library.ts'
import { root, run } from '../clients/process.ts'

const statement = { Effect: 'Allow', Action: 'billing:Refund', Resource: 'arn:corp:billing::111111111111:invoice/*' }
const asked = {
  principal: 'arn:aws:iam::111111111111:user/alice',
  action: 'billing:Refund',
  resource: 'arn:corp:billing::111111111111:invoice/7',
}

describe('the library', () => {
  test('compiles, decides and explains', () => {
    const clerk = compile('clerk', { Statement: statement })
    const decision = decide({ request: requestFrom(asked), identity: [clerk] })
    expect(decision.effect).toBe('allow')
    expect(renderExplanation(explain(decision), { account: undefined })).toContain('statement 1 of clerk')
    const other = decide({ request: requestFrom({ ...asked, action: 'billing:Void' }), identity: [clerk] })
    expect(other.effect).toBe('deny')
  })

  const fault = (attempt: () => unknown): unknown => {
    try {
      return attempt()
    } catch (error) {
      return error instanceof Fault ? `${error.code}: ${error.message}` : error
    }
  }
  test('refuses a policy that is none, and says where', () => {
    expect(fault(() => compile('clerk', '{\n"Statment": []}'))).toBe(
      'MalformedPolicyDocument: clerk is no policy: there is no element Statment (line 2, column 1)',
    )
    expect(fault(() => compile('clerk', []))).toBe(
      'MalformedPolicyDocument: a policy document is an object, or its text',
    )
  })
  test('refuses a request that is none, and says which member', () => {
    expect(fault(() => requestFrom({ ...asked, principal: 'alice' }))).toMatch(/^ValidationError: request\.principal: /)
  })
})

test('the library runs where there is nothing but the language: bundled as for a browser, without any of its globals', async () => {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: { entry: join(root, 'src/policy/library.ts'), name: 'law', formats: ['iife'] },
    },
  })
  const [output] = [built].flat()
  const chunks = output !== undefined && 'output' in output ? output.output : []
  expect(chunks).toHaveLength(1)
  const [chunk] = chunks
  const code = chunk?.type === 'chunk' ? chunk.code : ''
  expect(code).not.toMatch(/\bnode:|\brequire\(|\bimport\(/)

  const world = createContext(Object.create(null))
  runInContext(`${code}\n;globalThis.law = law`, world)
  const given: unknown = runInContext(
    `JSON.stringify(law.answerQuestion(${JSON.stringify({
      request: asked,
      policies: {
        identity: [
          {
            name: 'clerk',
            document: {
              Version: '2012-10-17',
              Statement: [
                statement,
                // Every family of operators, so that each reads its values without help from outside.
                {
                  Effect: 'Deny',
                  Action: '*',
                  Resource: '*',
                  Condition: {
                    BinaryEquals: { a: 'QUJD' },
                    DateGreaterThan: { b: '2030-01-01T00:00:00Z' },
                    IpAddress: { c: ['10.0.0.0/8', '2001:db8::/32'] },
                    NumericLessThan: { d: '1.5' },
                    ArnLike: { e: 'arn:*:s3:::*' },
                    'ForAnyValue:StringLike': { f: '*x*' },
                  },
                },
              ],
            },
          },
        ],
      },
    })}))`,
    world,
  )
  expect(JSON.parse(String(given))).toMatchObject({ effect: 'allow', because: 'granted' })
})

test('the example authorizes the requests of a service that AWS has never heard of', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [join(root, 'examples/policy/authorize.js')])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.match(/^(ALLOW|DENY) .*$/gm)).toEqual([
    'ALLOW  billing:GetInvoice on arn:corp:billing::111111111111:invoice/apac/7',
    'ALLOW  billing:Refund on arn:corp:billing::111111111111:invoice/emea/8',
    'DENY  billing:Refund on arn:corp:billing::111111111111:invoice/apac/7',
    'ALLOW  billing:Refund on arn:corp:billing::111111111111:invoice/emea/8',
    'DENY  billing:Refund on arn:corp:billing::111111111111:invoice/emea/8',
    'DENY  billing:Refund on arn:corp:billing::111111111111:invoice/emea/8',
  ])
  expect(stdout).toContain('statement LargeNeedSecondFactor (line 5) of large-refunds, which denies it')
  expect(stdout).toContain('NumericLessThanEquals billing:Amount wants "500"; the request has "900"')
})
