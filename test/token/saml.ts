/** A self-signed certificate of `idp.example` (RSA), DER in base64. Nobody has its key. */
export const rsaCertificate =
  'MIIDDzCCAfegAwIBAgIUNpQpXKl+yFMT/HpPZiwVOJWeIWwwDQYJKoZIhvcNAQELBQAwFjEUMBIGA1UEAwwLaWRwLmV4YW1wbGUw' +
  'IBcNMjYxMTIzMDY0OTAxWhgPMjEyNjEwMzAwNjQ5MDFaMBYxFDASBgNVBAMMC2lkcC5leGFtcGxlMIIBIjANBgkqhkiG9w0BAQEF' +
  'AAOCAQ8AMIIBCgKCAQEAs9ZGrnKR3BfD62yzAXYmWh2V8ofcavuIrdH5WBx2UEBduJvUax1pbFAXPZHiEH4yZjzADY5lvSV/XVY2' +
  '+n2YOvXbONCtCA8px1o3T178+fkt3JJsrkIEskpGe0nJw72GrrM+fAOQmhmeA87OGoRFnP10irbEavdF0JY6zPLQYb87ejSr+rIh' +
  'hb8ZrjG/y0vl2EmlKpkCD7oMQY5gjLnxJzzUXXgi034iZJOojw/AcZINp1Lkl411PnMXUymsIOLHLs/6E1y+8uxYT2eHPG0vAHvb' +
  'cSyyEIHaAEAlfrh4bSi5kQH6xUbmCBCrWSVIQD0b8mz0t0P2n/uRKoNDc5MSmwIDAQABo1MwUTAdBgNVHQ4EFgQUqvX+WDqXC+Fg' +
  'CxWRHsCC9iWbzmowHwYDVR0jBBgwFoAUqvX+WDqXC+FgCxWRHsCC9iWbzmowDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsF' +
  'AAOCAQEAgjCYTniLfERs5u2TzqtGY3ErRINdbstbCr3fSPeSMtAx7SXUB76qkN029pgZ8zhMYQGyr/KhVmLNjNbnWpWHcuZwAPMD' +
  'B9o3VtVnJImYnef6PaLEyRIK669kQ5YLLyZCqRFeESKrYQGPOysU0gv+0HGoX+YdN3hVYSTKcn6M6vpZ3xYsPJsm6UBdrGMrECHG' +
  'p4HNpNeRQV+1ZwFmdvTiJqPo6w3XaJ93Bb/0HrSaioUFiQf0HYHgpcpbo2Ct2+oVZ1fcE07stQv5C0xMdhkem+sUo5ts8WPyarqx' +
  '49gsf7CKNKhr8QSaFgmMUkElnfpLvuTIIhbVDBA6ZwPIorqW0A=='

/** Another, of `second.example` (P-256). */
export const ecCertificate =
  'MIIBiTCCAS+gAwIBAgIUX2dcBMFQ5tAhOL3/vKKsAOtO9JgwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOc2Vjb25kLmV4YW1wbGUw' +
  'IBcNMjYxMTIzMDY0OTAxWhgPMjEyNjEwMzAwNjQ5MDFaMBkxFzAVBgNVBAMMDnNlY29uZC5leGFtcGxlMFkwEwYHKoZIzj0CAQYI' +
  'KoZIzj0DAQcDQgAE0X65ibxepXKwv6AGa1FbfRsFQDyLnYP3SqaIzXrdfFZr94Cf4wtMHV3OJ7RQ7oFReTOTXJrXkI9gWyqPxY69' +
  'QqNTMFEwHQYDVR0OBBYEFBYLcDpFUr3DBJ31GUrMtoWMqv6HMB8GA1UdIwQYMBaAFBYLcDpFUr3DBJ31GUrMtoWMqv6HMA8GA1Ud' +
  'EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAIeWpN43tfVnPCJIh4T/Ag/OTW7NmyWg5+Av9HkFZM8cAiA3fnFh7qxIZB5k' +
  'RnVV0YlaD0hiQdhcROEMoiumOoUgtA=='

export const keyDescriptor = (certificate: string, use = ' use="signing"') =>
  `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
    <ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`

/** The metadata of an identity provider, as long as IAM wants them. */
export const samlMetadata = (
  keys = keyDescriptor(rsaCertificate),
  attributes = 'entityID="https://idp.example/saml"',
  role = '',
): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ${attributes}>
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${role}>
    ${keys}
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`.padEnd(1000)
