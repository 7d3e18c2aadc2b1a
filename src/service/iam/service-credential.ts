import type { Need } from '../../access/need.ts'
import { iamArn } from '../../base/arn.ts'
import type { Random } from '../../base/env.ts'
import { uniqueId } from '../../base/id.ts'
import type { ServiceCredential } from '../../state/credential.ts'
import { bindingOf } from '../../state/entity.ts'
import type { User } from '../../state/identity.ts'
import { inAccount, ownedBy } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf, type Scene } from '../operation.ts'
import { find, type Place } from './lookup.ts'
import { wholeSecond } from './make.ts'
import { ownerOf } from './owner.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { mustBeSomeone, onSelf } from './self.ts'
import { switchable } from './status.ts'
import { onNamed } from './target.ts'

const iam = operationsOf('iam')

/**
 * The services that take credentials of their own, and how they look: a user name and a password, or a key, which begins with
 * these letters and expires where that is asked for (IAM User Guide, "Service-specific credentials").
 */
const services: ReadonlyMap<string, { readonly key?: string }> = new Map([
  ['bedrock.amazonaws.com', { key: 'ABSK' }],
  ['cassandra.amazonaws.com', {}],
  ['codecommit.amazonaws.com', {}],
  ['logs.amazonaws.com', { key: 'ACWL' }],
])

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

/** 256 random bits; in a key, the public part stands before them. */
function newSecret(random: Random, service: string, login: string): string {
  const secret = base64(random.bytes(32))
  const key = services.get(service)?.key
  return key === undefined ? secret : `${key}${btoa(`${login}:${secret}`)}`
}

const isExpired = ({ expiresAt }: ServiceCredential, now: number): boolean =>
  expiresAt !== undefined && expiresAt <= now

/** What every answer tells, and lists tell nothing else. */
const metadataOf = (UserName: string, credential: ServiceCredential, now: number) => ({
  UserName,
  Status: isExpired(credential, now) ? ('Expired' as const) : credential.status,
  CreateDate: credential.createdAt,
  ...(credential.expiresAt === undefined ? {} : { ExpirationDate: credential.expiresAt }),
  ServiceSpecificCredentialId: credential.id,
  ServiceName: credential.service,
  ...(services.get(credential.service)?.key === undefined
    ? { ServiceUserName: credential.login }
    : { ServiceCredentialAlias: credential.login }),
})

/** The same with the secret: told when it is made, and never again. */
const inFull = (UserName: string, credential: ServiceCredential, now: number, secret: string) => ({
  ...metadataOf(UserName, credential, now),
  ...(services.get(credential.service)?.key === undefined
    ? { ServicePassword: secret }
    : { ServiceCredentialSecret: secret }),
})

/** QUIRK: unsupported-is-absent. The model has a code for it; AWS answers as if something were not there. */
const notSupported = (scene: Failing<'NoSuchEntity'>, name: string): never =>
  scene.fail('NoSuchEntity', `No such service ${name} is supported for Service Specific Credentials`)

/** The first name that is free of those that AWS gives: `ann-at-111122223333`, `ann+1-at-111122223333`. */
function freeLogin(user: User, held: readonly ServiceCredential[]): string {
  const taken = new Set(held.map(({ login }) => login))
  for (let count = 0; ; count++) {
    const login = `${user.name}${count === 0 ? '' : `+${count}`}-at-${user.account}`
    if (!taken.has(login)) return login
  }
}

const dayMilliseconds = 24 * 60 * 60_000

export const createServiceSpecificCredential = iam.write('CreateServiceSpecificCredential', {
  level: 'write',
  needs: ({ UserName, ServiceName, CredentialAgeDays }, scene) => [
    {
      ...onNamed(scene, 'CreateServiceSpecificCredential', 'user', UserName),
      context: {
        'iam:ServiceSpecificCredentialServiceName': [ServiceName],
        'iam:ServiceSpecificCredentialAgeDays': CredentialAgeDays === undefined ? null : [String(CredentialAgeDays)],
      },
    },
  ],
  run: (scene, { UserName, ServiceName, CredentialAgeDays }) => {
    const { state, random, now, vault, fail } = scene
    const user = find(scene, 'user', UserName)
    const service = services.get(ServiceName) ?? notSupported(scene, ServiceName)
    if (CredentialAgeDays !== undefined && service.key === undefined)
      fail('ValidationError', `CredentialAgeDays is not valid for ${ServiceName}.`)
    const held = state.find('service-credential', ownedBy(user)).filter((each) => each.service === ServiceName)
    within(scene, 'ServiceSpecificCredentialsPerUser', held.length + 1)
    const row = { kind: 'service-credential', id: uniqueId(random, 'ACCA'), account: user.account } as const
    const login = freeLogin(user, held)
    const secret = newSecret(random, ServiceName, login)
    const createdAt = wholeSecond(now)
    const credential: ServiceCredential = {
      ...row,
      owner: user.id,
      service: ServiceName,
      login,
      secret: vault.seal(secret, bindingOf(row)),
      status: 'Active',
      createdAt,
      ...(CredentialAgeDays === undefined ? {} : { expiresAt: createdAt + CredentialAgeDays * dayMilliseconds }),
    }
    state.put(credential)
    return { ServiceSpecificCredential: inFull(UserName, credential, now, secret) }
  },
})

/** Of all users: asked of all there are, and told with each one's name. */
const onAll = ({ caller }: Place): Need => ({
  action: 'iam:ListServiceSpecificCredentials',
  resource: iamArn(caller.account, 'user/*'),
})

export const listServiceSpecificCredentials = iam.read('ListServiceSpecificCredentials', {
  level: 'list',
  check: (input, scene) => {
    if (input.AllUsers === true && input.UserName !== undefined)
      scene.fail('ValidationError', 'UserName cannot be specified where AllUsers is.')
    if (input.AllUsers !== true) mustBeSomeone(input, scene)
  },
  needs: ({ UserName, AllUsers }, scene) => [
    AllUsers === true ? onAll(scene) : onSelf(scene, 'ListServiceSpecificCredentials', UserName),
  ],
  run: (scene, input) => {
    const { state, caller, now } = scene
    const { ServiceName, AllUsers } = input
    if (ServiceName !== undefined && !services.has(ServiceName)) notSupported(scene, ServiceName)
    const whose = AllUsers === true ? inAccount(caller.account) : ownedBy(ownerOf(scene, input.UserName))
    const credentials = state
      .find('service-credential', whose)
      .filter(({ service }) => ServiceName === undefined || service === ServiceName)
    const order = ({ createdAt, id }: ServiceCredential) => `${createdAt} ${id}`
    const { shown, end } = page(scene, input, `service credentials ${whose}`, credentials, order)
    return {
      ServiceSpecificCredentials: shown.map((credential) => metadataOf(nameOf(state, credential), credential, now)),
      ...end,
    }
  },
})

const nameOf = (state: View, { owner }: ServiceCredential): string => state.get('user', owner)?.name ?? ''

/** A credential by its id, where it is this user's: another's is as unknown as none. */
function credentialOf(scene: Scene<View, 'NoSuchEntity'>, asked: string | undefined, id: string): ServiceCredential {
  const owner = ownerOf(scene, asked)
  const credential = scene.state.get('service-credential', id)
  if (credential === undefined || credential.owner !== owner.id)
    return scene.fail('NoSuchEntity', `No such credential ${id} exists`)
  return credential
}

/** The old secret is good for nothing from then on. */
export const resetServiceSpecificCredential = iam.write('ResetServiceSpecificCredential', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'ResetServiceSpecificCredential', UserName)],
  run: (scene, { UserName, ServiceSpecificCredentialId }) => {
    const { state, random, now, vault } = scene
    const credential = credentialOf(scene, UserName, ServiceSpecificCredentialId)
    const secret = newSecret(random, credential.service, credential.login)
    const fresh = { ...credential, secret: vault.seal(secret, bindingOf(credential)) }
    state.put(fresh)
    return { ServiceSpecificCredential: inFull(nameOf(state, fresh), fresh, now, secret) }
  },
})

export const updateServiceSpecificCredential = iam.write('UpdateServiceSpecificCredential', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'UpdateServiceSpecificCredential', UserName)],
  run: (scene, { UserName, ServiceSpecificCredentialId, Status }) => {
    const credential = credentialOf(scene, UserName, ServiceSpecificCredentialId)
    scene.state.put({ ...credential, status: switchable(scene, 'ValidationError', 'a credential', Status) })
    return {}
  },
})

export const deleteServiceSpecificCredential = iam.write('DeleteServiceSpecificCredential', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'DeleteServiceSpecificCredential', UserName)],
  run: (scene, { UserName, ServiceSpecificCredentialId }) => {
    scene.state.remove('service-credential', credentialOf(scene, UserName, ServiceSpecificCredentialId).id)
    return {}
  },
})
