import { spawn } from 'node:child_process'

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
  linux: ['xdg-open'],
}

/** Shows a page in the user's browser where there is a desktop; elsewhere its URL is printed. */
export function openBrowserAt(url: string): void {
  const opener = openers[process.platform]
  const hasDesktop = process.platform !== 'linux' || process.stdout.isTTY
  if (!opener || !hasDesktop) return
  const [command, ...args] = opener
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  // No opener installed: the URL is in the terminal.
  child.once('error', () => {})
  child.unref()
}
