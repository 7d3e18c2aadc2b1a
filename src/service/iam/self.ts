import { isLentRoot } from '../../access/caller.ts'
import type { Need } from '../../access/need.ts'
import { rootArn } from '../../state/entity.ts'
import type { Failing, Scene } from '../operation.ts'
import { onNamed } from './target.ts'

/**
 * The user that an operation is about where it need not say so: the caller. `undefined` is the root user, who has no name.
 * Whoever is neither user nor root must name one, or gets a ValidationError.
 */
export function nameOrOwn(
  { caller, fail }: Pick<Scene, 'caller'> & Failing,
  name: string | undefined,
): string | undefined {
  if (name !== undefined) return name
  switch (caller.kind) {
    case 'user':
      return caller.user.name
    case 'root':
      return undefined
    case 'role-session':
    case 'federated-user':
      return mustName({ fail })
  }
}

/**
 * The same for what root has only in a session of AssumeRoot: by its own key it must name a user too (IAM API Reference,
 * CreateLoginProfile).
 */
export const mustBeUserOrLent = ({ UserName }: { readonly UserName?: string | undefined }, scene: Scene): void => {
  if (nameOrOwn(scene, UserName) === undefined && !isLentRoot(scene.caller)) mustName(scene)
}

const mustName = ({ fail }: Failing): never =>
  fail('ValidationError', 'Must specify userName when calling with non-User credentials')

/** For operations whose UserName may be left out: says so before anybody is asked for permission. */
export const mustBeSomeone = ({ UserName }: { readonly UserName?: string | undefined }, scene: Scene): void => {
  nameOrOwn(scene, UserName)
}

export function onSelf(scene: Scene, action: string, asked: string | undefined): Need {
  const name = nameOrOwn(scene, asked)
  if (name === undefined) return { action: `iam:${action}`, resource: rootArn(scene.caller.account) }
  return onNamed(scene, action, 'user', name)
}
