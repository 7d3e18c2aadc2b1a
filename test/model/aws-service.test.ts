import { expect, test } from 'vitest'
import { awsServices } from '../../src/model/aws-service.ts'
import { distilServices } from '../../tools/services.ts'

test('AWS’s services are known by their prefixes, in order', () => {
  expect(awsServices().get('iam')).toBe('AWS Identity and Access Management')
  expect(awsServices().get('s3')).toBe('Amazon S3')
  expect(awsServices().size).toBeGreaterThan(400)
  expect([...awsServices().keys()]).toEqual([...awsServices().keys()].sort())
})

test('QUIRK: iam-by-its-name. Services are distilled to lines, without what is no prefix', () => {
  const published = { s3: 'Amazon S3', iam: 'AWS Identity and Access Management (IAM)', 'a b': 'Odd' }
  expect(distilServices(published)).toBe('iam\tAWS Identity and Access Management\ns3\tAmazon S3\n')
})
