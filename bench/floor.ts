// The floor of the bench: a bare node:http server that reads the body and answers as many bytes as it is told.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const body = 'x'.repeat(Number(process.argv[2]))
const server = createServer((message, response) => {
  const chunks: Buffer[] = []
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  message.on('end', () => {
    Buffer.concat(chunks)
    response.writeHead(200, { 'content-type': 'text/xml', 'content-length': body.length })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => console.log(`floor is ready: ${(server.address() as AddressInfo).port}`))
