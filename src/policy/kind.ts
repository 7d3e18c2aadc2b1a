/** Where a document may stand. What it must hold, and what it must not, follows from that. */
export type PolicyKind =
  | 'managed'
  | 'inline'
  | 'session'
  | 'trust'
  | 'boundary'
  | 'resource'
  | 'scp'
  | 'rcp'
  | 'endpoint'

/** What a policy document may say of versions; a document without one is read as the older. */
export type Version = '2008-10-17' | '2012-10-17'
