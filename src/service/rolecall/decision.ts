import { operationsOf } from '../operation.ts'

const rolecall = operationsOf('rolecall')

/** The decision behind a refusal, as the caller's account may see it. Without an id, the account's newest. */
export const getDecision = rolecall.data('GetDecision', {
  level: 'read',
  needs: ({ RequestId }, { caller }) => [
    { action: 'rolecall:GetDecision', resource: `arn:aws:rolecall::${caller.account}:decision/${RequestId ?? '*'}` },
  ],
  async run({ trail, caller, fail }, { RequestId }) {
    const found = await trail.decision(caller.account, RequestId)
    if (found !== undefined) {
      return { RequestId: found.requestId, Time: found.at, Event: found.event, Decision: found.decision }
    }
    return fail(
      'NoSuchDecision',
      RequestId === undefined
        ? 'No request was refused in this account yet.'
        : `No refusal with the id ${RequestId} is recorded in this account.`,
    )
  },
})
