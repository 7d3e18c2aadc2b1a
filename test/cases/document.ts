export type Members = Readonly<Record<string, unknown>>

/**
 * A policy document as the cases write it: whole, as its very text, as a bare statement, or as a list of statements. The bare ones
 * stand in a document of the newer version.
 */
export function documentOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value) && !('Effect' in value)) return value
  return { Version: '2012-10-17', Statement: value }
}

export function documentText(value: unknown): string {
  const document = documentOf(value)
  return typeof document === 'string' ? document : JSON.stringify(document)
}
