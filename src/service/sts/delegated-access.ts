import { operationsOf } from '../operation.ts'

const sts = operationsOf('sts')

/**
 * Credentials for what was delegated to a partner (STS API Reference, GetDelegatedAccessToken). A trade-in token comes out of a
 * delegation request that was accepted. There are none here, so no token was ever given out, and none is good. It is not told as
 * expired, for which the model has a word: who hears that asks for another one, and there is nobody to give it.
 */
export const getDelegatedAccessToken = sts.mint('GetDelegatedAccessToken', {
  level: 'write',
  needs: () => [{ action: 'sts:GetDelegatedAccessToken', resource: '*' }],
  run: ({ fail }) => fail('ValidationError', 'The trade-in token is not valid.'),
})
