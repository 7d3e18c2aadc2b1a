import { type InputOf, operationsOf, type Scene } from '../operation.ts'

const rolecall = operationsOf('rolecall')
type Input = InputOf<'rolecall', 'GetDecision'>

/** Which refusal is meant: by its request id, or by the message that it carried. */
const askedFor = ({ RequestId, EncodedMessage }: Input, { decoded }: Pick<Scene, 'decoded'>): string | undefined =>
  EncodedMessage === undefined ? RequestId : decoded(EncodedMessage)?.requestId

/** The decision behind a refusal, as the caller's account may see it. Without an id or a message, the account's newest. */
export const getDecision = rolecall.data('GetDecision', {
  level: 'read',
  check({ RequestId, EncodedMessage }, { fail }) {
    if (RequestId !== undefined && EncodedMessage !== undefined)
      fail('ValidationError', 'RequestId and EncodedMessage name one refusal each: give one of them.')
  },
  needs: (input, scene) => [
    {
      action: 'rolecall:GetDecision',
      resource: `arn:aws:rolecall::${scene.caller.account}:decision/${askedFor(input, scene) ?? '*'}`,
    },
  ],
  async run(scene, input) {
    const { trail, caller, fail } = scene
    const requestId = askedFor(input, scene)
    if (input.EncodedMessage !== undefined && requestId === undefined)
      return fail(
        'InvalidAuthorizationMessageException',
        `This is no authorization message of account ${caller.account}.`,
      )
    const found = await trail.decision(caller.account, requestId)
    if (found !== undefined) {
      return { RequestId: found.requestId, Time: found.at, Event: found.event, Decision: found.decision }
    }
    return fail(
      'NoSuchDecision',
      requestId === undefined
        ? 'No request was refused in this account yet.'
        : `No refusal with the id ${requestId} is recorded in this account.`,
    )
  },
})
