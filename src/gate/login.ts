import type { Login, VerifiedLogin } from '../access/caller.ts'
import type { Presentation } from '../service/operation.ts'
import type { View } from '../state/view.ts'

/** A token whose signature is good. Who that is, and whether it is still taken, the state decides: asked again on every draft. */
export interface Shown {
  /** Throws a Fault where the provider is gone, or takes this token no longer. */
  readonly identify: (view: View) => Login
}

/**
 * Checks what one kind of login shows. Whatever has to be waited for (the keys of an issuer) is waited for here, before anything is
 * decided. Throws a Fault for what is not believed.
 */
export interface Prover<Kind extends Presentation['kind']> {
  readonly prove: (
    presentation: PresentationOf<Kind>,
    at: { readonly view: View; readonly now: number },
  ) => Promise<Shown>
}
export type PresentationOf<Kind extends Presentation['kind']> = Extract<Presentation, { readonly kind: Kind }>
export type Provers = { readonly [Kind in Presentation['kind']]: Prover<Kind> }

declare const proven: unique symbol

/** A login whose token was checked. INVARIANT: only `proveLogin` makes one. */
export type LoginProof = Shown & { readonly [proven]: true }

export async function proveLogin(
  provers: Provers,
  presentation: Presentation,
  at: { readonly view: View; readonly now: number },
): Promise<LoginProof> {
  // The one place where the brand is given: a prover either vouches for the token or throws.
  return (await shown(provers, presentation, at)) as LoginProof
}

function shown(
  provers: Provers,
  presentation: Presentation,
  at: { readonly view: View; readonly now: number },
): Promise<Shown> {
  switch (presentation.kind) {
    case 'web-identity':
      return provers['web-identity'].prove(presentation, at)
    case 'saml':
      return provers.saml.prove(presentation, at)
  }
}

/** The login that a proof stands for, in the state that the request is answered from. */
export const identifyLogin = (view: View, proof: LoginProof): VerifiedLogin => proof.identify(view) as VerifiedLogin
