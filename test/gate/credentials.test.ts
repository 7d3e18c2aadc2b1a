import { beforeEach, expect, test } from 'vitest'
import { issue, sshKey } from '../token/x509.ts'
import { home, noon, Scene } from './scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})

test('the trail calls root by the alias of its account, from when it has one to when it has none', async () => {
  const names: unknown[] = []
  const call = async (action: string, parameters: Readonly<Record<string, string>> = {}) => {
    const [record] = await scene.recordsOf(await scene.call(scene.root, 'iam', action, parameters))
    names.push((record?.userIdentity as { readonly userName?: string } | undefined)?.userName)
  }
  await call('ListUsers')
  await call('CreateAccountAlias', { AccountAlias: 'house' })
  await call('ListUsers')
  await call('CreateAccountAlias', { AccountAlias: 'home' })
  await call('ListUsers')
  await call('DeleteAccountAlias', { AccountAlias: 'home' })
  await call('ListUsers')
  expect(names).toEqual([undefined, 'house', 'house', 'home', 'home', undefined, undefined])
})

test('no private key, password or API key is in the trail, in an alarm or in the store', async () => {
  const { administrator } = scene
  const site = issue('site', undefined, noon)
  const bits = sshKey(2048)
  const secrets: string[] = [site.key, bits.private]
  const call = (action: string, parameters: Readonly<Record<string, string>>) =>
    scene.call(administrator, 'iam', action, parameters)
  const upload = (CertificateBody: string, PrivateKey: string) =>
    call('UploadServerCertificate', { ServerCertificateName: 'site', CertificateBody, PrivateKey })

  // The one taken for the other, as people do.
  expect(await upload(site.key, site.certificate)).toMatchObject({ status: 400, code: 'MalformedCertificate' })
  expect(await upload(site.certificate, site.key)).toMatchObject({ status: 200 })
  expect(await call('UploadSigningCertificate', { CertificateBody: site.key })).toMatchObject({ status: 400 })
  await scene.user('ann')
  const ssh = await call('UploadSSHPublicKey', { UserName: 'ann', SSHPublicKeyBody: bits.private })
  expect(ssh).toMatchObject({ status: 400, code: 'InvalidPublicKey' })
  for (const ServiceName of ['codecommit.amazonaws.com', 'bedrock.amazonaws.com']) {
    const made = await call('CreateServiceSpecificCredential', { UserName: 'ann', ServiceName })
    const credential = made.result.ServiceSpecificCredential
    const reset = await call('ResetServiceSpecificCredential', {
      UserName: 'ann',
      ServiceSpecificCredentialId: String(credential?.ServiceSpecificCredentialId),
    })
    for (const told of [credential, reset.result.ServiceSpecificCredential])
      secrets.push(String(told?.ServicePassword ?? told?.ServiceCredentialSecret))
  }
  expect(secrets.every((secret) => secret.length > 40)).toBe(true)

  const everywhere = JSON.stringify([await scene.trail(), await scene.store.entities(), scene.alarms])
  // A key without the line breaks that JSON writes otherwise.
  for (const secret of secrets)
    for (const line of secret.split('\n').filter((part) => !part.startsWith('-----') && part !== ''))
      expect(everywhere).not.toContain(line)
  expect(everywhere).not.toContain('PRIVATE KEY')
  expect(everywhere).toContain(`arn:aws:iam::${home}:server-certificate/site`)
})
