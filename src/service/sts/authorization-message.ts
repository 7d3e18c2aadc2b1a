import { operationsOf } from '../operation.ts'

const sts = operationsOf('sts')

/** What stands behind a refusal, for whoever may know it (STS API Reference, DecodeAuthorizationMessage). */
export const decodeAuthorizationMessage = sts.read('DecodeAuthorizationMessage', {
  level: 'write',
  needs: () => [{ action: 'sts:DecodeAuthorizationMessage', resource: '*' }],
  run({ decoded, fail }, { EncodedMessage }) {
    const message = decoded(EncodedMessage)
    if (message === undefined) return fail('InvalidAuthorizationMessageException', 'Invalid authorization message.')
    return { DecodedMessage: message.decoded }
  },
})
