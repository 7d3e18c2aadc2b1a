import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, assume, deny, makeAccount } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws, type Terminal, terminalIn } from './aws.ts'
import { discard, type Env, envOf, type Running, startRolecall } from './process.ts'

/** The stock aws CLI over an organization, from its founding to its end. */
const home = '012345678901'
const guest = '987654321098'

describe.skipIf(!hasAws)(`the aws CLI over Organizations${leftOut}`, () => {
  let aws: Aws
  let running: Running
  let manager: Actor
  let invited: Actor
  let folder: string
  let terminal: Terminal
  let root: string
  let unit: string
  let member: string
  const text = (line: string, env?: Env) => terminal.text(line, env)
  const json = (line: string, env?: Env) => terminal.json(line, env)
  const refused = (line: string, env?: Env) => terminal.refused(line, env)

  beforeAll(async () => {
    aws = await openAws()
    running = await startRolecall({ args: ['--account-id', home] })
    manager = actorOf(await envOf(running))
    invited = (await makeAccount(running, guest)).administrator
    folder = mkdtempSync(join(tmpdir(), 'rolecall-cli-'))
    terminal = terminalIn(folder, aws, manager.env)
    writeFileSync(join(folder, 'scp.json'), JSON.stringify(deny('iam:CreateUser')))
    writeFileSync(join(folder, 'tags.json'), JSON.stringify({ tags: { a: { tag_key: { '@@assign': 'A' } } } }))
  })
  afterAll(async () => {
    aws.close()
    await discard(running)
    rmSync(folder, { recursive: true, force: true })
  })

  test('is founded and furnished', async () => {
    expect(await refused('organizations describe-organization')).toMatch(
      /\(AWSOrganizationsNotInUseException\) when calling the DescribeOrganization operation: Your account is not a member of an organization\.$/,
    )
    const { Organization } = await json('organizations create-organization --feature-set ALL')
    expect(await json('organizations describe-organization')).toEqual({ Organization })
    root = (await json('organizations list-roots')).Roots[0].Id
    await text(`organizations enable-policy-type --root-id ${root} --policy-type SERVICE_CONTROL_POLICY`)
    await text(`organizations enable-policy-type --root-id ${root} --policy-type TAG_POLICY`)
    const made = await json(
      `organizations create-organizational-unit --parent-id ${root} --name dev --tags Key=a,Value=b`,
    )
    unit = made.OrganizationalUnit.Id
    expect(
      (await json(`organizations list-organizational-units-for-parent --parent-id ${root}`)).OrganizationalUnits,
    ).toEqual([made.OrganizationalUnit])
    expect(await json(`organizations list-tags-for-resource --resource-id ${unit}`)).toEqual({
      Tags: [{ Key: 'a', Value: 'b' }],
    })
  })

  test('gets accounts, made and invited', async () => {
    const asked = await json('organizations create-account --email a@example.com --account-name Alpha')
    const { Id } = asked.CreateAccountStatus
    await expect
      .poll(async () => {
        const told = await json(`organizations describe-create-account-status --create-account-request-id ${Id}`)
        member = told.CreateAccountStatus.AccountId
        return told.CreateAccountStatus.State
      })
      .toBe('SUCCEEDED')
    await text(
      `organizations move-account --account-id ${member} --source-parent-id ${root} --destination-parent-id ${unit}`,
    )
    const { Handshake } = await json(`organizations invite-account-to-organization --target Id=${guest},Type=ACCOUNT`)
    const { Handshakes } = await json('organizations list-handshakes-for-account', invited.env)
    expect(Handshakes).toEqual([Handshake])
    await text(`organizations accept-handshake --handshake-id ${Handshake.Id}`, invited.env)
    const { Accounts } = await json('organizations list-accounts --page-size 1')
    expect(Accounts.map((account: { Id: string }) => account.Id).sort()).toEqual([home, guest, member].sort())
  })

  test('lowers ceilings, and tells who runs into them', async () => {
    const { Policy } = await json(
      'organizations create-policy --name scp --description why --type SERVICE_CONTROL_POLICY --content file://scp.json',
    )
    const { Id, Arn } = Policy.PolicySummary
    await text(`organizations attach-policy --policy-id ${Id} --target-id ${unit}`)
    const inside = await assume(manager, `arn:aws:iam::${member}:role/OrganizationAccountAccessRole`)
    expect(await refused('iam create-user --user-name x', inside.env)).toContain(
      `with an explicit deny in a service control policy: ${Arn}`,
    )
    expect(await refused('organizations list-accounts', inside.env)).toMatch(
      /\(AccessDeniedException\) .*You don't have permissions to access this resource\.$/,
    )
    expect((await json(`organizations list-targets-for-policy --policy-id ${Id}`)).Targets[0].Name).toBe('dev')
    expect(await refused(`organizations delete-policy --policy-id ${Id}`)).toContain('(PolicyInUseException)')
    await text(`organizations detach-policy --policy-id ${Id} --target-id ${unit}`)
    await text(`organizations delete-policy --policy-id ${Id}`)
    await text('iam create-user --user-name x', inside.env)
  })

  test('manages by policies, services and delegates', async () => {
    const { Policy } = await json(
      'organizations create-policy --name tags --description why --type TAG_POLICY --content file://tags.json',
    )
    await text(`organizations attach-policy --policy-id ${Policy.PolicySummary.Id} --target-id ${member}`)
    const { EffectivePolicy } = await json(
      `organizations describe-effective-policy --policy-type TAG_POLICY --target-id ${member}`,
    )
    expect(JSON.parse(EffectivePolicy.PolicyContent)).toEqual({ tags: { a: { tag_key: 'A' } } })
    const service = '--service-principal config.amazonaws.com'
    await text(`organizations enable-aws-service-access ${service}`)
    await text(`organizations register-delegated-administrator --account-id ${guest} ${service}`)
    expect((await json(`organizations list-delegated-administrators ${service}`)).DelegatedAdministrators[0].Id).toBe(
      guest,
    )
    expect((await json('organizations list-accounts', invited.env)).Accounts).toHaveLength(3)
    await text(`organizations deregister-delegated-administrator --account-id ${guest} ${service}`)
  })

  test('ends', async () => {
    expect(await refused('organizations delete-organization')).toContain('(OrganizationNotEmptyException)')
    await text('organizations leave-organization', invited.env)
    await text(`organizations close-account --account-id ${member}`)
    await text(`organizations remove-account-from-organization --account-id ${member}`)
    await text('organizations delete-organization')
    expect(await refused('organizations list-roots')).toContain('(AWSOrganizationsNotInUseException)')
  })
})
