import { execFileSync, spawn } from 'node:child_process'
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

/** Says `listening`, or why not. */
export function listening(place: string): string {
  return `const server = require('net').createServer()
    const end = (how) => { console.log(how); server.close() }
    server.on('listening', () => end('listening'))
    server.on('error', (error) => end(error.code))
    server.listen(${place})`
}

/**
 * Tries for as long as it is let to be where a server is to be, and prints what comes there, and
 * each reason why it could not, once.
 */
export function squatting(place: string): string {
  return `const net = require('net')
    const said = new Set()
    const say = (line) => { if (!said.has(line)) console.log(line); said.add(line) }
    const take = () => {
      const server = net.createServer((socket) => {
        socket.on('error', () => {}).on('data', (bytes) => {
          say('heard ' + JSON.stringify(bytes.toString('latin1')))
          // PostgreSQL: no TLS, and the password in clear, please.
          if (bytes.length === 8) socket.write('N')
          else if (bytes.includes('user\\0')) socket.write('R\\0\\0\\0\\x08\\0\\0\\0\\x03')
          else socket.end()
        })
      })
      server.on('error', (error) => { say(error.code); setTimeout(take, 2) })
      server.listen(${place}, () => say('bound'))
    }
    take()`
}

/** A program of another user, until it is ended. */
export function startStranger(code: string): { said(): string; end(): void } {
  const options = { ...stranger, cwd: '/', env: {} }
  const child = spawn(process.execPath, ['-e', code], options)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return { said: () => said, end: () => void child.kill('SIGKILL') }
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
