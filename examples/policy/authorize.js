// Authorization for a service of your own: a billing desk with actions and resources that AWS has never heard of, decided by IAM's
// rules. No server runs and nothing is stored.
//
//   node examples/policy/authorize.js
import { readFileSync } from 'node:fs'
import { compile, decide, explain, renderExplanation, requestFrom } from 'rolecall/policy'

const account = '111111111111'
const read = (name) => compile(name, readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'))

// Compiled once, asked for every request. A clerk refunds within the clerk's own region, up to a limit; and over everyone stands that
// large refunds need a second factor.
const clerk = read('billing-clerk')
const ceiling = read('large-refunds')

/** The one place where the service asks. The explanation is for the log, or for who may see it. */
function authorize(user, action, invoice, context) {
  const decision = decide({
    request: requestFrom({
      principal: `arn:aws:iam::${account}:user/${user}`,
      action: `billing:${action}`,
      resource: `arn:corp:billing::${account}:invoice/${invoice}`,
      context,
    }),
    identity: [clerk],
    boundary: ceiling,
  })
  return { allowed: decision.effect === 'allow', explanation: explain(decision) }
}

const requests = [
  ['GetInvoice', 'apac/7', {}],
  ['Refund', 'emea/8', { 'billing:Amount': '80' }],
  ['Refund', 'apac/7', { 'billing:Amount': '80' }],
  ['Refund', 'emea/8', { 'billing:Amount': '300', 'aws:MultiFactorAuthPresent': 'true' }],
  ['Refund', 'emea/8', { 'billing:Amount': '300', 'aws:MultiFactorAuthPresent': 'false' }],
  ['Refund', 'emea/8', { 'billing:Amount': '900', 'aws:MultiFactorAuthPresent': 'true' }],
]
for (const [action, invoice, context] of requests) {
  const { explanation } = authorize('alice', action, invoice, { 'billing:ClerkRegion': 'emea', ...context })
  console.log(`${renderExplanation(explanation, { account })}\n`)
}
