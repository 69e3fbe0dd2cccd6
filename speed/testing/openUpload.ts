import { connect, type Socket } from 'node:net'

export type Upload = {
  readonly socket: Socket
  /** Everything that the server answers until it closes or the answer's head is whole. */
  readonly answered: Promise<string>
  readonly closed: Promise<void>
}

export type OpenUploadParameters = {
  readonly url: string
  /** Absent: in chunks. */
  readonly length?: number
  /** The first bytes of the body. */
  readonly body?: string
  /** Another loopback address is another sender. */
  readonly from?: string
}

/** A request of readings over a socket of its own, whose body the test goes on writing. */
export function openUpload({ url, length, body = '{', from }: OpenUploadParameters): Upload {
  const { hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, localAddress: from ?? '127.0.0.1' })
  const framing = length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`
  socket.write(
    'POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\n' +
      `Content-Type: application/x-ndjson\r\n${framing}\r\n\r\n`,
  )
  socket.write(length === undefined ? chunkOf(body) : body)
  let said = ''
  const answered = new Promise<string>((resolve) => {
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      said += text
      if (/\r\n\r\n\{.*\}$/s.test(said)) resolve(said)
    })
    socket.on('close', () => resolve(said))
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  return { socket, answered, closed }
}

export function chunkOf(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}
