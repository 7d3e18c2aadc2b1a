import type { View } from '../../state/view.ts'
import type { Scene } from '../operation.ts'
import { find } from './lookup.ts'
import { nameOrOwn } from './self.ts'

/** Whose something is: a user's, or the root user's, who has no name. */
export interface Owner {
  readonly account: string
  readonly id: string
  readonly name: string | undefined
}

/** The one that was named, or the caller where nobody was. */
export function ownerOf(scene: Scene<View, 'NoSuchEntity'>, asked: string | undefined): Owner {
  const name = nameOrOwn(scene, asked)
  const { account } = scene.caller
  return name === undefined ? { account, id: account, name } : find(scene, 'user', name)
}

export const namedAs = ({ name }: Owner) => (name === undefined ? {} : { UserName: name })
