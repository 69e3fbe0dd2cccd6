import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Command, CommanderError } from 'commander'
import { afterAll, expect, test } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { errorKinds } from '../../schemas/errors/kinds.ts'
import { localFileError } from '../../schemas/errors/localFile.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { createProgram } from './createProgram.ts'

const packageFile = new URL('../../package.json', import.meta.url)
const { scripts } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
  scripts: Record<string, string>
}
const start = 'node deploy/wattproof.mjs '
const ours = Object.entries(scripts).filter(([, line]) => line.startsWith(start))

test.each(ours)('npm run %s is a command that parses', (_, line) => {
  const program = createProgram()
  for (const command of leavesOf(program)) command.action(() => {})
  expect(() => program.parse(line.slice(start.length).split(' '), { from: 'user' })).not.toThrow()
})

test('the npm scripts that start a demo are included', () => {
  expect(ours.map(([name]) => name)).toEqual(expect.arrayContaining(['demo', 'dev']))
})

test.each(leavesOf(createProgram()).map((command) => [nameOf(command), command] as const))(
  '%s takes --json and shows an example',
  (name, command) => {
    expect(command.options.map((each) => each.long)).toContain('--json')
    const written: string[] = []
    command.configureOutput({ writeOut: (text) => void written.push(text) }).outputHelp()
    const help = written.join('')
    expect(help).toContain(`wattproof ${name}`)
    expect(help).toMatch(/Examples?:/)
  },
)

test.each(groupsOf(createProgram()).map((command) => [nameOf(command), command] as const))(
  '%s, which has commands of its own, shows an example of one',
  (name, command) => {
    const written: string[] = []
    command.configureOutput({ writeOut: (text) => void written.push(text) }).outputHelp()
    expect(written.join('')).toMatch(new RegExp(`Examples?:\\n  wattproof ${name} \\w+`))
  },
)

test.each([
  ['ingest list --json --limit 3', { json: true, limit: 3 }],
  ['ingest revert f1 --json --url http://127.0.0.1:1', { json: true, url: 'http://127.0.0.1:1' }],
  ['ingest a.csv list --json', { json: true, wait: true }],
])('%s: its options are its own', (line, expected) => {
  const program = createProgram()
  let options: object | null = null
  const ofIngest = program.commands.find((each) => each.name() === 'ingest')!
  for (const command of [ofIngest, ...ofIngest.commands]) {
    command.action(() => {
      options = command.opts()
    })
  }
  program.parse(line.split(' '), { from: 'user' })
  expect(options).toEqual(expected)
})

const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-wrong-use-'))
const leaves = path.join(dir, 'leaves.json')
writeFileSync(leaves, '[[1, "100"], [2, "200"]]')
afterAll(() => rmSync(dir, { recursive: true }))
/** Never read: every use below is refused for another reason. */
const input = 'deploy/simulate/london/kwh_halfhour_wide.csv.gz'
const baseline = (method: string, step: string) => {
  const event = ['--event', '2013-02-11T17:00Z/PT3H']
  return ['baseline', '--method', method, '--input', input, ...event, '--step', step]
}

test.each([
  [['frobnicate'], 'unknown command'],
  [['ingest', '/nowhere.csv'], 'There is no file /nowhere.csv'],
  [['verify', '/nowhere.json'], 'There is no file /nowhere.json'],
  [['demo', '--homes', '3'], '--homes takes a whole number from 12'],
  [['settle', 'some-event', '--timeout', 'abc'], '--timeout takes a whole number from 0.'],
  [['merkle', 'root', '--input', 'package.json'], 'must be a JSON array of leaves'],
  [['merkle', 'root', '--input', 'README.md'], 'cannot be read as JSON'],
  [['merkle', 'prove', '--input', leaves, '--index', '7'], 'There is no leaf 7 in a tree of 2'],
  [['merkle', 'prove', '--input', leaves, '--index', 'x'], '--index takes a whole number from 0.'],
  [baseline('nope', '1800'), 'There is no baseline method named nope'],
  [baseline('caiso-10-in-10', 'abc'), 'a whole number of seconds'],
])('%j is wrong use, and a sentence says of what', async (args, sentence) => {
  const program = createProgram()
  for (const command of [program, ...groupsOf(program), ...leavesOf(program)]) {
    command.configureOutput({ writeErr: () => {} })
  }
  const done = program.parseAsync(args, { from: 'user' })
  const error = localFileError(await done.catch((thrown: unknown) => thrown))
  expect(error instanceof CommanderError || exitCodeOf(error) === 2).toBe(true)
  expect(sentenceOf(error)).toContain(sentence)
})

test('the help says what each exit code means', () => {
  const written: string[] = []
  createProgram()
    .configureOutput({ writeOut: (text) => void written.push(text) })
    .outputHelp()
  const said = [...written.join('').matchAll(/^ {2}(\d) {2}\w/gm)].map(([, code]) => Number(code))
  const codes = Object.values(errorKinds).map(({ exitCode }) => exitCode)
  expect(said).toEqual([...new Set([0, ...codes])].sort())
})

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)
}

/** Commands that only hold others. */
function groupsOf(command: Command): Command[] {
  return command.commands.flatMap((each) => {
    return each.commands.length === 0 ? [] : [each, ...groupsOf(each)]
  })
}

function nameOf(command: Command): string {
  const parent = command.parent?.parent ? `${nameOf(command.parent)} ` : ''
  return `${parent}${command.name()}`
}
