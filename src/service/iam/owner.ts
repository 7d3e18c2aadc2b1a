import type { View } from '../../state/view.ts'
import type { Scene } from '../operation.ts'
import { find } from './lookup.ts'
import { nameOrOwn } from './self.ts'

/** Whose something is: a user's, or the root user's, who has no name. */
export interface Owner {
  readonly id: string
  readonly name: string | undefined
}

/** The one that was named, or the caller where nobody was. */
export function ownerOf(scene: Scene<View, 'NoSuchEntity'>, asked: string | undefined): Owner {
  const name = nameOrOwn(scene, asked)
  return name === undefined ? { id: scene.caller.account, name } : find(scene, 'user', name)
}

export const namedAs = ({ name }: Owner) => (name === undefined ? {} : { UserName: name })
