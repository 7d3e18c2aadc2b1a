import type { Tag } from './identity.ts'

export interface PolicyVersion {
  /** `v1`, `v2`, …: never used again. */
  readonly id: string
  readonly document: string
  readonly createdAt: number
}

export interface ManagedPolicy {
  readonly kind: 'policy'
  /** `ANPA…` */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly description?: string
  readonly tags: readonly Tag[]
  readonly versions: readonly PolicyVersion[]
  readonly defaultVersion: string
  /** The highest version number ever given. */
  readonly lastVersion: number
}
