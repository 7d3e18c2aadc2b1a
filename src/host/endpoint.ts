interface Address {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

/** The URL of an address that can be called: every address is called by the loopback one. */
export function endpointOf({ host, port, secure }: Address): string {
  const every = host === '0.0.0.0' || host === '::' || host === ''
  const name = every ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `${secure ? 'https' : 'http'}://${name}:${port}`
}
