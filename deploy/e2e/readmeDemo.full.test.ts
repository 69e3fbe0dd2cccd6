import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { runCommand, temporaryDir } from './runDemo.ts'

/**
 * The demo that the README shows, run: its counts, energies, pay, claims and roots are golden, so
 * whatever changes a baseline, a price or a format shows here.
 */
const readme = readFileSync(path.join(projectRoot, 'README.md'), 'utf8')
const shown = readme.match(/\$ npm run demo -- --once\n([\s\S]*?)\n```/)?.[1] ?? ''

test('the demo says what the README shows', { timeout: 480_000 }, async () => {
  const flags = ['demo', '--once', '--port', '0', '--no-browser', '--dir', temporaryDir()]

  const { code, answer, said } = await runCommand(flags)

  expect(code, said.slice(-2_000)).toBe(0)
  // What happens is said on standard error, the summary on standard output.
  const lines = comparable(`${said}\n${answer}`)
  const promised = comparable(shown)
  expect(promised.length).toBeGreaterThan(20)
  expect(lines.filter((line) => promised.includes(line))).toEqual(promised)
})

/** Lines without what depends on the machine: folder, address, seconds, which reading was late. */
function comparable(text: string): string[] {
  return text
    .replace(/\n {6}/g, ' ')
    .replace(/ in \/\S+/, ' in DIR')
    .replace(/^Dashboard: .*$/m, 'Dashboard: URL')
    .replace(/^Seconds: .*$/m, 'Seconds: …')
    .replace(/\(\d+ late,/, '(… late,')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
}
