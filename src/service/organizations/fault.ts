import type * as Shape from '../../model/calls/organizations.ts'
import type { Failing } from '../operation.ts'

/** Refusals that have a reason in them beside their message, and those that many operations have in common. */

type Invalid = Failing<'InvalidInputException'>
type Violating = Failing<'ConstraintViolationException'>

export const invalid = (scene: Invalid, Reason: string, message: string): never =>
  scene.fail('InvalidInputException', message, undefined, undefined, { Reason })

export const violates = (scene: Violating, Reason: Shape.ConstraintViolationExceptionReason, message: string): never =>
  scene.fail('ConstraintViolationException', message, undefined, undefined, { Reason })

export const handshakeViolates = (
  scene: Failing<'HandshakeConstraintViolationException'>,
  Reason: Shape.HandshakeConstraintViolationExceptionReason,
  message: string,
): never => scene.fail('HandshakeConstraintViolationException', message, undefined, undefined, { Reason })

export const notAllFeatures = (scene: Violating): never =>
  violates(
    scene,
    'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE',
    'You attempted to perform an operation that requires the organization to be configured to support all features.',
  )

/** Texts that several operations say. */
export const tooManyAccounts = 'You have exceeded the allowed number of AWS accounts.'
export const nameTaken = 'A policy with the specified name and type already exists.'
export const noAccess = "You don't have permissions to access this resource."
export const noAccount = "You specified an account that doesn't exist."
export const noUnit = "You specified an organizational unit that doesn't exist."
export const noParent = "You specified a parent that doesn't exist."
export const noPolicy = "You specified a policy that doesn't exist."
export const noRoot = "You specified a root that doesn't exist."
export const noTarget = "You specified a target that doesn't exist."
