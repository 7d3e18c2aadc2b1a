import { Fault } from '../base/fault.ts'
import { loginBy, providerOf } from '../service/sts/id-token.ts'
import type { ClaimProblem, IdToken } from '../token/id-token.ts'
import { readIdToken, timeliness } from '../token/id-token.ts'
import { IssuerTrouble } from '../token/issuer.ts'
import { isSigned, keysFor, readJwt } from '../token/jwt.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import type { Prover } from './login.ts'

const invalid = (message: string) => new Fault('InvalidIdentityToken', message)

const noJwt = 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)'
const noKey =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"

/**
 * Proves ID tokens: what they are and when they are good is looked at first, so that no issuer is asked for the sake of a token that
 * is none. Nothing of a token is told to anybody before its signature was found good, but to whoever sent it.
 */
export const webIdentityProver = (issuers: Pick<IssuerKeys, 'keysOf'>): Prover<'web-identity'> => ({
  async prove({ account, token: text, role }, { view, now }) {
    const jwt = readJwt(text)
    if (jwt === undefined) throw invalid(noJwt)
    const token = readIdToken(jwt)
    if ('kind' in token) throw faultOfClaims(token)
    const issuer = providerOf(view, account, token.issuer)
    checkTime(token, now)
    const { keys, vouched } = await issuers
      .keysOf(issuer, (known) => keysFor(jwt, known).length > 0)
      .catch((error: unknown) => {
        throw error instanceof IssuerTrouble ? faultOfTrouble(error) : error
      })
    if (keysFor(jwt, keys).length === 0) throw invalid(noKey)
    if (!isSigned(jwt, keys)) throw invalid('The signature of the ID Token is not valid')
    return {
      // The provider may have gone meanwhile, or take another audience: that is the state's to say, whichever it is asked of.
      identify: (state) => loginBy(token, providerOf(state, account, token.issuer), { account, role, vouched }),
    }
  },
})

const faultOfClaims = ({ kind, claim }: ClaimProblem): Fault =>
  invalid(kind === 'missing' ? `Missing a required claim: ${claim}` : `The claim ${claim} is malformed`)

function checkTime(token: IdToken, now: number): void {
  const seconds = Math.floor(now / 1000)
  switch (timeliness(token, now)) {
    case 'expired':
      throw new Fault(
        'ExpiredTokenException',
        `Token expired: current date/time ${seconds} must be before the expiration date/time ${Math.floor(token.expiresAt)}`,
      )
    case 'early':
      throw invalid(`The ID Token is not valid yet: the current date/time is ${seconds}`)
  }
}

/** What is told of an issuer that gave no keys: not where it is, nor what was found there. */
function faultOfTrouble({ kind }: IssuerTrouble): Fault {
  switch (kind) {
    case 'unreachable':
      return new Fault('IDPCommunicationError', 'Your identity provider cannot be reached. Try again.')
    case 'certificate':
      return invalid("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
    case 'refused':
      return invalid(noKey)
  }
}
