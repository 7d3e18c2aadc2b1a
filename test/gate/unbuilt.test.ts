import { expect, test, vi } from 'vitest'
import type * as Catalog from '../../src/service/catalog.ts'
import { Scene } from './scene.ts'

/** As if one operation of AWS's model had not been built. */
const unbuilt = vi.hoisted(() => 'ListUsers')
vi.mock('../../src/service/catalog.ts', async (original) => {
  const { loadCatalog, operationKey } = await original<typeof Catalog>()
  const { services, operations } = loadCatalog()
  const others = [...operations].filter(([key]) => key !== operationKey('iam', unbuilt))
  return { operationKey, loadCatalog: () => ({ services, operations: new Map(others) }) }
})

test('what AWS has and is not built is told as that, to those who signed and asked well, and leaves one record', async () => {
  const scene = await Scene.open()
  const { administrator } = scene
  const asked = await scene.call(administrator, 'iam', unbuilt)
  expect([asked.status, asked.code, asked.message]).toEqual([
    501,
    'NotImplemented',
    `${unbuilt} is not implemented by this authority yet.`,
  ])
  expect(await scene.recordsOf(asked)).toMatchObject([{ eventName: unbuilt, errorCode: 'NotImplemented' }])
  expect((await scene.call(administrator, 'iam', unbuilt, { PathPrefix: 'no' })).code).toBe('ValidationError')
  const forged = { ...administrator, secretAccessKey: 'x' }
  expect((await scene.call(forged, 'iam', unbuilt)).code).toBe('SignatureDoesNotMatch')
  expect((await scene.call(administrator, 'iam', 'ListRoles')).status).toBe(200)
})
