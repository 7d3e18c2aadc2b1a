import { expect, test } from 'vitest'
import { loadService } from '../../src/model/service.ts'
import { seenInAnswer, seenInError } from './shape.ts'

/** The checker that every answer to AWS's client is held to: what it must let pass, and what it must not. */
const iam = loadService('iam')
const id = '0b7e4a7e-1c7e-4b5e-9a57-0123456789ab'
const xmlns = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'

const answer = (name: string, result: string, metadata = `<RequestId>${id}</RequestId>`) =>
  `<${name}Response ${xmlns}><${name}Result>${result}</${name}Result><ResponseMetadata>${metadata}</ResponseMetadata></${name}Response>`

const user =
  '<Path>/</Path><UserName>ann</UserName><UserId>AIDAAAAAAAAAAAAAAAAAA</UserId>' +
  '<Arn>arn:aws:iam::012345678901:user/ann</Arn><CreateDate>2026-11-23T12:00:00Z</CreateDate>'
const users = answer('ListUsers', `<Users><member>${user}</member></Users><IsTruncated>false</IsTruncated>`)
const summary = answer('GetAccountSummary', '<SummaryMap><entry><key>Users</key><value>1</value></entry></SummaryMap>')
const report = answer('GetCredentialReport', '<Content>dXNlcg==</Content><ReportFormat>text/csv</ReportFormat>')
const gone = `<DeleteUserResponse ${xmlns}><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></DeleteUserResponse>`

const wrongIn = (name: string, body: string) => seenInAnswer(iam, name, body).wrong

test('what is right is let pass, and every member of it told', () => {
  for (const [name, body] of [
    ['GetAccountSummary', summary],
    ['GetCredentialReport', report],
    ['DeleteUser', gone],
  ] as const)
    expect(wrongIn(name, body)).toEqual([])
  const seen = seenInAnswer(iam, 'ListUsers', users)
  expect(seen.wrong).toEqual([])
  expect([...seen.members]).toEqual([
    'Users',
    'Users[]',
    ...['Path', 'UserName', 'UserId', 'Arn', 'CreateDate'].map((name) => `Users[].${name}`),
    'IsTruncated',
  ])
})

test.each([
  ['a member that is missing', users, '<UserName>ann</UserName>', '', 'Users[].UserName is missing'],
  ['a list that is missing', users, /<Users>.*<\/Users>/, '', 'Users is missing'],
  [
    'one that the model does not know',
    users,
    '<IsTruncated>',
    '<Count>1</Count><IsTruncated>',
    ' has Count, which the model does not know',
  ],
  ['one in another case', users, /(<\/?)Path>/g, '$1path>', 'Users[].Path is missing'],
  ['one that is there twice', users, '<Path>/</Path>', '<Path>/</Path><Path>/</Path>', 'Users[] has Path twice'],
  ['an element of a list by another name', users, /(<\/?)member>/g, '$1item>', 'Users has an element called item'],
  ['text between members', users, '<Path>', 'and<Path>', 'Users[] has text between its members'],
  [
    'a value that holds elements',
    users,
    'ann</UserName>',
    'ann<b/></UserName>',
    'Users[].UserName is more than a value',
  ],
  [
    'a time with milliseconds',
    users,
    '00:00Z',
    '00:00.123Z',
    'Users[].CreateDate is no time in whole seconds: 2026-11-23T12:00:00.123Z',
  ],
  [
    'a time that is a number',
    users,
    '2026-11-23T12:00:00Z',
    '1795435200',
    'Users[].CreateDate is no time in whole seconds: 1795435200',
  ],
  ['a boolean in capitals', users, 'false', 'False', 'IsTruncated is no boolean: False'],
  ['a path that is none', users, '<Path>/', '<Path>x', 'Users[].Path is not of the pattern: x'],
  [
    'a name that is too long',
    users,
    '>ann<',
    `>${'a'.repeat(65)}<`,
    `Users[].UserName is too short or too long: ${'a'.repeat(65)}`,
  ],
  ['a number with a fraction', summary, '>1<', '>1.0<', 'SummaryMap{} is no number: 1.0'],
  ['a key that is none of the words', summary, '>Users<', '>Folks<', 'SummaryMap{} is none of the words: Folks'],
  ['an entry without its key', summary, '<key>Users</key>', '', 'SummaryMap has an entry without key and value'],
  ['a blob that is no base64', report, 'dXNlcg==', 'dXNlcg', 'Content is no base64: dXNlcg'],
  ['another operation’s answer', users, /ListUsers/g, 'ListGroups', ' is called ListGroupsResponse'],
  ['another namespace', users, '2010-05-08', '2011-06-15', ' is in another namespace'],
  ['no request id', users, id, '', ' has no request id'],
  [
    'a result where there is none to give',
    gone,
    '<ResponseMetadata>',
    '<DeleteUserResult/><ResponseMetadata>',
    'holds DeleteUserResult,ResponseMetadata, not ResponseMetadata',
  ],
  ['no XML', users, '</Users>', '', 'no XML'],
] as const)('is told: %s', (_what, good, from, to, wrong) => {
  const broken = good.replace(from, to)
  expect(broken).not.toBe(good)
  const name = /^<(\w+)Response/.exec(good)?.[1] ?? ''
  expect(wrongIn(name, broken).map((said) => said.trim())).toContain(wrong.trim())
})

const refusal = (code: string, type = 'Sender') =>
  `<ErrorResponse ${xmlns}><Error><Type>${type}</Type><Code>${code}</Code><Message>words</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`

test('an error is one that the model lets the operation end in, in its form and with its status', () => {
  const wrong = (status: number, body: string) => seenInError(iam, 'DeleteUser', status, body).wrong
  expect(seenInError(iam, 'DeleteUser', 404, refusal('NoSuchEntity'))).toMatchObject({
    wrong: [],
    code: 'NoSuchEntity',
  })
  expect(wrong(403, refusal('AccessDenied'))).toEqual([])
  expect(wrong(400, refusal('NoSuchEntity'))).toEqual(['ends in NoSuchEntity with status 400'])
  expect(wrong(409, refusal('EntityAlreadyExists'))).toEqual(['must not end in EntityAlreadyExists'])
  expect(wrong(404, refusal('NoSuchEntity', 'Receiver'))).toEqual(['blames Receiver with 404'])
  expect(wrong(404, refusal('NoSuchEntity').replace('<Type>', '<Detail/><Type>'))).toEqual([
    'holds more than type, code and message',
  ])
  expect(wrong(404, refusal('NoSuchEntity').replace(id, 'none'))).toEqual(['has no request id'])
  expect(wrong(404, '<html/>')).toEqual(['no ErrorResponse'])
})
