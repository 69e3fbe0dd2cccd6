import { execFileSync } from 'node:child_process'
import fs from 'node:fs'

/** `nobody` of most systems; any user but the owner would do. */
const stranger = { uid: 65_534, gid: 65_534 }

/** What a program of another user prints, or the code of its error. */
export function asStranger(code: string): string {
  const program = `process.on('uncaughtException', (error) => console.log(error.code));${code}`
  const options = { ...stranger, cwd: '/', env: {}, encoding: 'utf8', timeout: 20_000 } as const
  return execFileSync(process.execPath, ['-e', program], options).trim()
}

export function connecting(place: string): string {
  return `const socket = require('net').connect(${place})
    const end = (how) => { console.log(how); socket.destroy() }
    socket.on('connect', () => end('connected'))
    socket.on('error', (error) => end(error.code))
    socket.on('timeout', () => end('timeout'))`
}

/** The first message of PostgreSQL's protocol; prints the kind of the answer. */
export function startup(port: number, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).flat().join('\\0')
  return `const text = Buffer.from('${pairs}\\0\\0')
    const head = Buffer.alloc(8)
    head.writeInt32BE(8 + text.length, 0)
    head.writeInt32BE(196608, 4)
    const socket = require('net').connect(${port}, '127.0.0.1')
    socket.write(Buffer.concat([head, text]))
    socket.once('data', (said) => {
      const kind = String.fromCharCode(said[0])
      console.log(kind === 'R' ? 'R ' + said.readInt32BE(5) : kind)
      socket.destroy()
    })`
}

/** The TCP sockets that a process listens on, from `/proc`; none of one that has just ended. */
export function listListening(pid: number): { host: string; port: number }[] {
  if (!fs.existsSync(`/proc/${pid}/fd`)) return []
  const links = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => {
    return fs.readlinkSync(`/proc/${pid}/fd/${fd}`)
  })
  const lines = ['tcp', 'tcp6'].flatMap((table) => {
    return fs.readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1)
  })
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    if (state !== '0A' || !links.includes(`socket:[${inode}]`)) return []
    const [host = '', port = ''] = local.split(':')
    const bytes = Buffer.from(host, 'hex').reverse()
    return [{ host: [...bytes].join('.'), port: Number.parseInt(port, 16) }]
  })
}
