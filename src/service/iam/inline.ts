import { checkDocument, policySize } from '../../policy/check.ts'
import type { Group, InlinePolicy, Role, User } from '../../state/identity.ts'
import type { View } from '../../state/view.ts'
import { operationsOf, type Scene, type Writable } from '../operation.ts'
import { type Family, groups, onHolder, roles, users } from './holder.ts'
import { page } from './page.ts'
import { limitOf } from './quota.ts'
import { encoded } from './render.ts'
import { onNamed } from './target.ts'

const iam = operationsOf('iam')

interface Named {
  readonly PolicyName: string
}
interface Documented extends Named {
  readonly PolicyDocument: string
}
interface Paged {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** Four verbs over three holders, in the same words. */
const inline = <Held extends User | Group | Role, Input extends object, Code extends string>(
  family: Family<Held, Input, Code>,
) => {
  const { kind, word, nameOf } = family
  const changing = (action: string) => (input: Input, scene: Scene) => [onHolder(family, scene, action, nameOf(input))]
  const reading = (action: string) => (input: Input, scene: Scene) => [onNamed(scene, action, kind, nameOf(input))]

  const policyOf = (scene: Scene<View, 'NoSuchEntity'>, held: Held, { PolicyName }: Named): InlinePolicy =>
    held.inline.find(({ name }) => name === PolicyName) ??
    scene.fail('NoSuchEntity', `The ${kind} policy with name ${PolicyName} cannot be found.`)

  return {
    put: {
      level: 'permissions' as const,
      needs: changing(`Put${word}Policy`),
      run: (
        scene: Scene<Writable, 'NoSuchEntity' | 'LimitExceeded' | 'MalformedPolicyDocument' | Code>,
        input: Input & Documented,
      ) => {
        const { PolicyName, PolicyDocument } = input
        const held = family.find(scene, nameOf(input))
        family.guard(scene, held)
        const finding = checkDocument('inline', PolicyDocument)
        if (finding !== undefined) scene.fail('MalformedPolicyDocument', finding.message)

        const others = held.inline.filter(({ name }) => name !== PolicyName)
        const policies = [...others, { name: PolicyName, document: PolicyDocument }]
        // The quota is one for all inline policies of a holder together; white space does not count.
        const bytes = policies.reduce((sum, { document }) => sum + policySize(document), 0)
        const limit = limitOf(scene, `${word}PolicySizeQuota`)
        // QUIRK: too-long-alone. A document that is longer than all of them together may be is told of in the words for managed ones.
        if (policySize(PolicyDocument) > limit)
          scene.fail('LimitExceeded', `Cannot exceed quota for PolicySize: ${limit}`)
        if (bytes > limit)
          scene.fail('LimitExceeded', `Maximum policy size of ${limit} bytes exceeded for ${kind} ${held.name}`)
        scene.state.put({ ...held, inline: policies })
        return {}
      },
    },

    get: {
      level: 'read' as const,
      needs: reading(`Get${word}Policy`),
      run: (scene: Scene<View, 'NoSuchEntity'>, input: Input & Named) => {
        const held = family.find(scene, nameOf(input))
        const { name, document } = policyOf(scene, held, input)
        return { ...family.named(held.name), PolicyName: name, PolicyDocument: encoded(document) }
      },
    },

    remove: {
      level: 'permissions' as const,
      needs: changing(`Delete${word}Policy`),
      run: (scene: Scene<Writable, 'NoSuchEntity' | Code>, input: Input & Named) => {
        const held = family.find(scene, nameOf(input))
        family.guard(scene, held)
        const gone = policyOf(scene, held, input)
        scene.state.put({ ...held, inline: held.inline.filter((policy) => policy !== gone) })
        return {}
      },
    },

    list: {
      level: 'list' as const,
      needs: reading(`List${word}Policies`),
      run: (scene: Scene<View, 'NoSuchEntity'>, input: Input & Paged) => {
        const held = family.find(scene, nameOf(input))
        const names = held.inline.map(({ name }) => name)
        const { shown, end } = page(scene, input, `inline ${held.id}`, names, (name) => name)
        return { PolicyNames: shown, ...end }
      },
    },
  }
}

const ofUser = inline(users)
export const putUserPolicy = iam.write('PutUserPolicy', ofUser.put)
export const getUserPolicy = iam.read('GetUserPolicy', ofUser.get)
export const deleteUserPolicy = iam.write('DeleteUserPolicy', ofUser.remove)
export const listUserPolicies = iam.read('ListUserPolicies', ofUser.list)

const ofGroup = inline(groups)
export const putGroupPolicy = iam.write('PutGroupPolicy', ofGroup.put)
export const getGroupPolicy = iam.read('GetGroupPolicy', ofGroup.get)
export const deleteGroupPolicy = iam.write('DeleteGroupPolicy', ofGroup.remove)
export const listGroupPolicies = iam.read('ListGroupPolicies', ofGroup.list)

const ofRole = inline(roles)
export const putRolePolicy = iam.write('PutRolePolicy', ofRole.put)
export const getRolePolicy = iam.read('GetRolePolicy', ofRole.get)
export const deleteRolePolicy = iam.write('DeleteRolePolicy', ofRole.remove)
export const listRolePolicies = iam.read('ListRolePolicies', ofRole.list)
