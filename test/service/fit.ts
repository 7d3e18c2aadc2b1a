import type { Shape } from '../../src/model/shape.ts'
import { excused } from './excused.ts'

/** Where a response is not of its model's shape: members that it does not know, required ones that are absent, wrong types. */
export function misfits(shape: Shape | undefined, value: unknown, path = ''): readonly string[] {
  if (shape === undefined)
    return value instanceof Object && Object.keys(value).length === 0 ? [] : [`${path || 'output'}`]
  const wrong = [path]
  switch (shape.type) {
    case 'structure': {
      if (typeof value !== 'object' || value === null) return wrong
      const entries = new Map(Object.entries(value))
      const known = shape.members.flatMap((member) => {
        const inner: unknown = entries.get(member.name)
        const at = path === '' ? member.name : `${path}.${member.name}`
        entries.delete(member.name)
        if (inner === undefined) return member.required ? [at] : []
        return misfits(member.shape, inner, at)
      })
      return [...known, ...[...entries.keys()].map((name) => `${path}.${name} (unknown)`)]
    }
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item, at) => misfits(shape.element.shape, item, `${path}[${at}]`))
        : wrong
    case 'map':
      return typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, item]) => [
            ...misfits(shape.key.shape, key, `${path}.${key}`),
            ...misfits(shape.value.shape, item, `${path}.${key}`),
          ])
        : wrong
    case 'string': {
      if (typeof value !== 'string') return wrong
      const excuse = excused.values[shape.name]
      return (excuse?.test(value) ?? shape.enum?.includes(value) ?? true) ? [] : wrong
    }
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong
    case 'timestamp':
      return Number.isInteger(value) && Number(value) % 1000 === 0 ? [] : wrong
    case 'blob':
      return value instanceof Uint8Array ? [] : wrong
    case 'integer':
      return Number.isInteger(value) ? [] : wrong
    default:
      return [`${path} (${shape.type})`]
  }
}
