import { describe, expect, test } from 'vitest'
import { refusedOn } from '../../src/cli/touched.ts'

const account = '111122223333'
const refused = (noun: string, why: string): string =>
  `User: arn:aws:iam::${account}:user/ada is not authorized to perform: iam:Any on resource: ${noun}${why}`

describe('what a refused call was about', () => {
  test.each([
    [refused('user grace', ' because no identity-based policy allows the iam:Any action'), ['user/grace']],
    [
      refused(`arn:aws:iam::${account}:role/team/app`, ' with an explicit deny in a permissions boundary'),
      ['role/team/app'],
    ],
    [refused('arn:aws:iam::444455556666:role/app', ''), ['arn:aws:iam::444455556666:role/app']],
    [
      refused(
        `policy arn:aws:iam::${account}:policy/own`,
        ' because no identity-based policy allows the iam:Any action',
      ),
      ['policy/own'],
    ],
    [refused('*', ' because no identity-based policy allows the iam:Any action'), []],
    ['The user with name grace cannot be found.', []],
    [undefined, []],
  ])('is read off %s', (message, about) => {
    expect(refusedOn(account, message)).toEqual(about)
  })
})
