import { describe, expect, test } from 'vitest'
import type { CompiledPolicy } from '../../src/policy/compile.ts'
import { compiledText } from '../../src/policy/kept.ts'
import { grantsService, reachesAction, serviceReach } from '../../src/policy/service-access.ts'

const policy = (...statements: object[]): CompiledPolicy => {
  const compiled = compiledText(JSON.stringify({ Version: '2012-10-17', Statement: statements }))
  if ('problem' in compiled) throw new Error('no policy')
  return compiled
}
const allow = (Action: string, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more })
const deny = (Action: string, more: object = {}) => ({ Effect: 'Deny', Action, Resource: '*', ...more })
const allowBut = (NotAction: string) => ({ Effect: 'Allow', NotAction, Resource: '*' })
const when = { Condition: { StringEquals: { 'aws:PrincipalTag/a': 'b' } } }
const bucket = { Resource: 'arn:aws:s3:::box' }

const reach = (...statements: object[]) => {
  const reaches = serviceReach([policy(...statements)])
  return ['ec2', 's3'].filter(reaches).join(' ')
}

describe('policies leave a service allowed', () => {
  test.each([
    ['everything', [allow('*')], 'ec2 s3'],
    ['nothing', [deny('s3:*')], ''],
    ['one service', [allow('s3:*')], 's3'],
    ['one action of a service, whatever its case', [allow('S3:getobject')], 's3'],
    ['a service by a pattern', [allow('s?:Get*')], 's3'],
    ['everything but a service', [allowBut('s3:*')], 'ec2'],
    ['everything but an action', [allowBut('s3:GetObject')], 'ec2 s3'],
    ['on a condition', [allow('s3:*', when)], 's3'],
    ['everything on resources of a service', [allow('*', bucket)], 's3'],
    ['everything on other resources', [{ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::box' }], 'ec2 s3'],
    ['a service on resources that are not its own', [allow('ec2:*', bucket)], 'ec2'],
    ['all but what is taken back', [allow('*'), deny('s3:*')], 'ec2'],
    ['nothing where all is taken back', [allow('*'), deny('*')], ''],
    ['all where a part is taken back', [allow('*'), deny('s3:GetObject')], 'ec2 s3'],
    ['nothing where the part that was given is taken back', [allow('s3:GetObject'), deny('s3:Get*')], ''],
    ['nothing where the pattern that was given is taken back', [allow('s3:Get*'), deny('s3:get*')], ''],
    ['all where it is taken back on a condition', [allow('s3:*'), deny('*', when)], 's3'],
    ['all where it is taken back on a resource', [allow('s3:*'), deny('s3:*', bucket)], 's3'],
  ])('%s', (_what, statements, expected) => {
    expect(reach(...statements)).toBe(expected)
  })
})

test.each([
  ['allowed', [allow('s3:Get*')], true],
  ['on a condition', [allow('s3:Get*', when)], true],
  ['not named', [allow('s3:Put*')], false],
  ['but for another service’s resources', [allow('*', { Resource: 'arn:aws:sqs:*:*:*' })], false],
  ['taken back', [allow('*'), deny('s3:GetObject')], false],
  ['taken back on a condition', [allow('*'), deny('s3:GetObject', when)], true],
])('policies could allow an action: %s', (_what, statements, expected) => {
  expect(reachesAction([policy(...statements)], 's3:GetObject')).toBe(expected)
})

test.each([
  ['it has an Allow of it', [allow('s3:*')], true],
  ['a part of it is taken back', [allow('s3:*'), deny('s3:Get*')], true],
  ['all of it is taken back', [allow('s3:*'), deny('s3:*')], false],
  ['it is about others', [allow('ec2:*')], false],
  ['it only takes away', [deny('s3:Get*')], false],
])('one policy grants of a service: %s', (_what, statements, expected) => {
  expect(grantsService(policy(...statements), 's3')).toBe(expected)
})
