import { expect, test } from 'vitest'
import { sentences } from './sentences.ts'
import { sourceOf } from './source.ts'

test.each([
  "throw new Error('The body is empty.')",
  "throw new InvalidArgumentError('The body is empty.')",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to parse
  'return new RetryableError(`Nobody answers at ${url}.`, { url })',
  'throw new InvalidArgumentError(sentence)',
  "throw new RangeError('not of this form')",
  "throw TypeError('The body is empty.')",
  "throw new errors.RetryableError('Nobody answers.')",
  "throw 'The body is empty.'",
  "throw new (url ? InvalidArgumentError : RetryableError)('The body is empty.')",
  'throw new (url ?? errors.RetryableError)(sentence)',
  "return reply.code(400).send({ message: 'The body is empty.' })",
  "return reply.code(400).send('The body is empty.')",
])('a sentence outside the room of errors: %s', (text) => {
  const inFunction = `function read(url, sentence) { ${text} }`
  expect(sentences([sourceOf('speed/one.ts', inFunction)])).toEqual([
    expect.stringMatching(/^speed\/one\.ts:1: error: give this refusal a class/),
  ])
  expect(sentences([sourceOf('schemas/errors/one.ts', inFunction)])).toEqual([])
  expect(sentences([sourceOf('speed/one.test.ts', inFunction)])).toEqual([])
})

test.each([
  "throw new XmlError({ line, reason: 'it is cut' })",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to parse
  'throw new errors.SilentError({ reason: `it answers ${status}` })',
  "const reason = isCut ? 'it is cut' : said; throw new XmlError({ reason })",
  "const cut = 'it is cut'; throw new XmlError({ line, why: cut })",
  "throw new RecordError({ record, issues: 'it is not JSON' })",
  "const issues = isCut ? said : 'it is not JSON'; throw new RecordError({ issues })",
])('an error that is given its words: %s', (text) => {
  expect(sentences([sourceOf('speed/one.ts', text)])).toEqual([
    'speed/one.ts:1: error: the class has the words: give it a code and data',
  ])
  expect(sentences([sourceOf('schemas/errors/one.ts', text)])).toEqual([])
})

test('an error may be given the word of another program, a code or a name', () => {
  const text =
    "throw new XmlError({ reason: error.message, fault: 'cut', what: 'the file', at: 'a b' })"
  expect(sentences([sourceOf('speed/one.ts', text)])).toEqual([])
  const evidence = "const why = 'it was set'; found({ why })"
  expect(sentences([sourceOf('speed/one.ts', evidence)])).toEqual([])
})

test.each([
  ['class Unread extends Error {}', 'declare this error in schemas/errors'],
  ['const Unread = class extends InvalidArgumentError {}', 'declare this error in schemas/errors'],
  ['class Unread extends errors.WattproofError {}', 'declare this error in schemas/errors'],
  [
    "import { InvalidArgumentError as Wrong } from 'commander'",
    'import InvalidArgumentError under its own name',
  ],
  ['const Wrong = InvalidArgumentError', 'use InvalidArgumentError under its own name'],
])('an error declared or renamed outside the room of errors: %s', (text, advice) => {
  expect(sentences([sourceOf('speed/one.ts', text)])).toEqual([`speed/one.ts:1: error: ${advice}`])
  expect(sentences([sourceOf('schemas/errors/one.ts', text)])).toEqual([])
  expect(sentences([sourceOf('speed/one.test.ts', text)])).toEqual([])
})

test('a function that says why something is refused answers with data', () => {
  const text = 'function refuseRange(range: Range): string | null { return null }'
  expect(sentences([sourceOf('serving/one.ts', text)])).toEqual([
    expect.stringContaining('answer with a code and data'),
  ])
  const arrow = 'const refuseRange = (range: Range): string | null => null'
  expect(sentences([sourceOf('serving/one.ts', arrow)])).toHaveLength(1)
  const typed = text.replace('string | null', 'Refusal | null')
  expect(sentences([sourceOf('serving/one.ts', typed)])).toEqual([])
})

test.each([
  "refuse('bad-duration', 'duration_s is a whole number.')",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to parse
  'refuse("unknown-meter", `${meter} is not enrolled.`)',
  "stuck('It cannot be settled.')",
  "const wait = { kind: 'wait', problem: 'It cannot be settled.' }",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to parse
  'const whyNot = (event) => `${event} is not settled.`',
  "Object.assign(new InvariantError('No event you may settle.'), { status: 400 })",
  "const read = { fault: 'A row is a JSON object.' }",
  "const detail = isLonger ? 'Quote the cell.' : 'Is the row cut?'",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to parse
  'const detail = `The row is ${seconds} s long, ` + rest',
  "const noChannelFault = 'It follows no record 200.'",
  'function faultOf(cell: Cell): string { return sentences[cell.type] }',
  'function numberDetail(value: string): string { return sentences.number(value) }',
])('a sentence given to what refuses: %s', (text) => {
  expect(sentences([sourceOf('speed/ingest/one.ts', text)])).toHaveLength(1)
  expect(sentences([sourceOf('speed/ingest/one.test.ts', text)])).toEqual([])
})

test('a refusal made from data has no sentence', () => {
  const text = "const all = [refuse('duration', { durationS }), { problem: { kind: 'objected' } }]"
  expect(sentences([sourceOf('speed/ingest/one.ts', text)])).toEqual([])
})

test('what is sent and is no sentence for people is none', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to parse
  const text = 'await chain.send({ once: `commit ${event} again`, method })\nreply.send({ id })'
  expect(sentences([sourceOf('serving/one.ts', text)])).toEqual([])
})

test('data for a class and a sentence for us are no refusals inline', () => {
  const text = "const all = [new UnitError({ unit: 'oz' }), new InvariantError('Cannot be.')]"
  expect(sentences([sourceOf('speed/one.ts', text)])).toEqual([])
})
