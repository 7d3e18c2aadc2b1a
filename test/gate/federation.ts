import type { KeyObject } from 'node:crypto'
import type { Vouching } from '../../src/token/issuer.ts'
import { readKeySet } from '../../src/token/jwk.ts'
import { keySet, type Pair, rsaPair, signedText } from '../token/forge.ts'
import { type Answer, home, noon, policy, roleArn, Scene } from './scene.ts'

/** An account that believes an issuer of ID tokens, and the issuer. */

export const issuer = 'https://token.actions.githubusercontent.com'
export const host = issuer.slice('https://'.length)
export const provider = `arn:aws:iam::${home}:oidc-provider/${host}`
export const sub = 'repo:octo-org/octo-repo:ref:refs/heads/main'
/** Noon, as tokens have it. */
export const seconds = Math.floor(noon / 1000)

export const rsa = rsaPair()
/** Somebody's who is not the issuer. */
export const evil = rsaPair()

export const honest = {
  iss: issuer,
  sub,
  aud: 'sts.amazonaws.com',
  exp: seconds + 300,
  iat: seconds,
  nbf: seconds - 60,
}
export const header = { alg: 'RS256', typ: 'JWT', kid: 'one' }

/** A token of the issuer, with some of it otherwise. */
export const token = (claims: object = {}, head: object = {}, key: KeyObject = rsa.privateKey): string =>
  signedText(JSON.stringify({ ...header, ...head }), JSON.stringify({ ...honest, ...claims }), 'RS256', key)

export const assumingWebIdentity = 'sts:AssumeRoleWithWebIdentity'
const usual = {
  StringEquals: { [`${host}:aud`]: 'sts.amazonaws.com' },
  StringLike: { [`${host}:sub`]: 'repo:octo-org/*' },
}

export class Federation {
  readonly scene: Scene
  /** How often the issuer was asked for its keys. */
  asked = 0
  /** Who says that it is the issuer. */
  vouched: Vouching | undefined = 'authority'
  /** What it lists. */
  listed: readonly (readonly [Pair, object])[] = [[rsa, { kid: 'one', use: 'sig', alg: 'RS256' }]]

  private constructor(scene: Scene) {
    this.scene = scene
  }

  /** The provider is registered, and a role `deploy` trusts one organization of it. */
  static async open(): Promise<Federation> {
    const it = new Federation(await Scene.open())
    it.scene.fetchKeys = async () => {
      it.asked++
      return { keys: readKeySet(keySet(...it.listed)) ?? [], vouched: it.vouched }
    }
    await it.scene.done(it.scene.administrator, 'iam', 'CreateOpenIDConnectProvider', {
      Url: issuer,
      'ClientIDList.member.1': 'sts.amazonaws.com',
      'ClientIDList.member.2': 'another',
    })
    await it.role('deploy')
    return it
  }

  /** A role that tokens of a provider may take up. The usual one is shared by many: whatever else is asked, a subject is. */
  async role(
    RoleName: string,
    asked: { readonly [operator: string]: object } = usual,
    Action: string | readonly string[] = assumingWebIdentity,
    Federated = provider,
  ): Promise<void> {
    const subject = { StringLike: { [`${host}:sub`]: '?*', ...asked.StringLike } }
    const Condition = Federated === provider ? { ...asked, ...subject } : asked
    const statement = { Effect: 'Allow', Principal: { Federated }, Action, Condition }
    await this.scene.done(this.scene.administrator, 'iam', 'CreateRole', {
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify(policy(statement)),
    })
  }

  /** What sessions of a role may do. */
  async allow(RoleName: string, Action: string, Condition: object = {}): Promise<void> {
    const statement = { Effect: 'Allow', Action, Resource: '*', Condition }
    await this.scene.done(this.scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName,
      PolicyName: 'own',
      PolicyDocument: JSON.stringify(policy(statement)),
    })
  }

  /** Shown without a signature, by nobody whom anybody knows. */
  assume(WebIdentityToken: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const asked = { RoleArn: roleArn('deploy'), RoleSessionName: 'one', WebIdentityToken, ...more }
    return this.scene.call(this.scene.administrator, 'sts', 'AssumeRoleWithWebIdentity', asked, { unsigned: true })
  }
}

export const refusal = ({ status, code, message }: Answer) => [status, code, message]
export const invalid = (message: string) => [400, 'InvalidIdentityToken', message]
export const denied = (action = assumingWebIdentity) => [403, 'AccessDenied', `Not authorized to perform ${action}`]
export const noKey = invalid(
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
)
export const wrongAudience = invalid('Incorrect token audience')
export const malformed = (claim: string) => invalid(`The claim ${claim} is malformed`)
export const unknownIssuer = (url: string) => invalid(`No OpenIDConnect provider found in your account for ${url}`)
