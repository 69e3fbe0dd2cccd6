import type { Class, Function as Declared, ImportDeclaration, Node } from 'oxc-parser'
import { Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

/** Where every refusal has its class, and its sentence in it. */
const errorsRoom = 'schemas/errors'
const natives = ['Error', 'EvalError', 'RangeError', 'SyntaxError', 'TypeError', 'URIError']
const ours = ['InvalidArgumentError', 'RetryableError', 'WattproofError']
/** Names under which a sentence is the answer to why something is refused. */
const why = /^(problem|detail|refusal|fault)$|(Problem|Detail|Refusal|Fault)$/
/** What an error shows of why it was made: another program's word, or a code of ours. */
const clause = /^(reason|why|advice|hint|sentence|issues)$/
const bases = new Set([...natives, ...ours, 'AggregateError'])

/**
 * No sentence of a refusal outside the room of errors: neither given to a base class, nor in a
 * class declared elsewhere, nor behind another name. `InvariantError` takes one, for us and the
 * log; nobody else is shown it. A function that says why something is refused answers with a code
 * and data, not with a sentence.
 */
export const sentences: Check = (sources) => {
  return sources.filter((each) => !each.isTest && each.folder !== errorsRoom).flatMap(inline)
}

function inline(source: Source): string[] {
  const found: string[] = []
  const add = (at: Node, advice: string) => void found.push(finding(source, at.start, advice))
  const inRoom = `give this refusal a class in ${errorsRoom}`
  const withCode =
    'answer with a code and data, as refusal.ts in serving/settlement and speed/ingest'
  const toClass = 'the class has the words: give it a code and data'
  const constants = sentencesNamed(source)
  const declared = (each: Class) => {
    const base = each.superClass && nameOf(each.superClass)
    if (base?.endsWith('Error')) add(each, `declare this error in ${errorsRoom}`)
  }
  new Visitor({
    NewExpression(made) {
      const isBase = namesOf(made.callee).some((each) => bases.has(each))
      if (isBase && made.arguments.length > 0) add(made, inRoom)
      // `new XmlError({ why: 'it is cut' })`
      const isOther = namesOf(made.callee).some((each) => /(?<!Invariant)Error$/.test(each))
      if (isOther && made.arguments.some((each) => givesWords(each, constants))) add(made, toClass)
    },
    // `Error('…')` makes one too.
    CallExpression(made) {
      const name = nameOf(made.callee)
      if (natives.includes(name)) add(made, inRoom)
      // `refuse('reason', 'The sentence.')`
      const isRefusal = /^(refuse|reject|stuck|block)/.test(name)
      if (isRefusal && made.arguments.some(isSentence)) add(made, withCode)
      // `reply.send({ message: 'The sentence.' })`
      if (name === 'send' && made.arguments.some(holdsSentence)) add(made, inRoom)
      // An error that is given a status is shown to somebody.
      const [first] = made.arguments
      const isDressed = name === 'assign' && first?.type === 'NewExpression'
      if (isDressed && nameOf(first.callee).endsWith('Error')) add(made, inRoom)
    },
    // `{ problem: 'The sentence.' }`
    Property({ key, value }) {
      if (why.test(nameOf(key)) && isSentence(value)) add(value, withCode)
    },
    // Nothing thrown or rejected is a bare text.
    ThrowStatement({ argument }) {
      if (isText(argument)) add(argument, inRoom)
    },
    FunctionDeclaration(each) {
      if (answersText(each.id?.name ?? '', each)) add(each, withCode)
    },
    VariableDeclarator({ id, init }) {
      const name = id.type === 'Identifier' ? id.name : ''
      if (init?.type === 'ArrowFunctionExpression') {
        const isWhy = /^(why|refuse)[A-Z]/.test(name) && isSentence(init.body)
        if (isWhy || answersText(name, init)) add(init, withCode)
      }
      // `const detail = 'The sentence.'`
      if (init && why.test(name) && isSentence(init)) add(init, withCode)
      // `const Bad = InvalidArgumentError`: no check would know it.
      if (init && bases.has(nameOf(init))) add(init, `use ${nameOf(init)} under its own name`)
    },
    ClassDeclaration: declared,
    ClassExpression: declared,
    ImportDeclaration(taken) {
      for (const name of renamed(taken)) add(taken, `import ${name} under its own name`)
    },
  }).visit(source.program)
  return found
}

/** `refuseX(…): string | null`, `faultOf(…): string`, `numberDetail(…): string`. */
function answersText(name: string, { returnType }: Pick<Declared, 'returnType'>): boolean {
  const answer = returnType?.typeAnnotation
  const types = answer?.type === 'TSUnionType' ? answer.types : [answer]
  const hasText = types.some((each) => each?.type === 'TSStringKeyword')
  // What makes the sentence of a code and data is called after it, as `sentenceOfRefusal`.
  if (!hasText || name.startsWith('sentence')) return false
  return /^(refuse|fault|detail)[A-Z]/.test(name) || why.test(name)
}

function isText(expression: Node): boolean {
  if (expression.type === 'TemplateLiteral') return true
  return expression.type === 'Literal' && typeof expression.value === 'string'
}

/** A text of several words, as a literal or a template, in parts or one of two. */
function isSentence(expression: Node): boolean {
  switch (expression.type) {
    case 'TemplateLiteral':
      return /\s/.test(expression.quasis.map((each) => each.value.raw).join(''))
    case 'ParenthesizedExpression':
      return isSentence(expression.expression)
    case 'ConditionalExpression':
      return isSentence(expression.consequent) || isSentence(expression.alternate)
    case 'BinaryExpression':
    case 'LogicalExpression':
      return isSentence(expression.left) || isSentence(expression.right)
    default:
      return isText(expression) && /\s/.test(String((expression as { value?: unknown }).value))
  }
}

/** A sentence as a body of an answer, or as the member of one that is read by people. */
function holdsSentence(expression: Node): boolean {
  if (expression.type !== 'ObjectExpression') return isSentence(expression)
  return expression.properties.some((each) => {
    if (each.type !== 'Property' || !isSentence(each.value)) return false
    return /^(error|message|reason|sentence|title)$/.test(nameOf(each.key))
  })
}

/** `{ why: 'it is cut' }`, or a constant of that name that is one. */
function givesWords(expression: Node, constants: ReadonlySet<string>): boolean {
  if (expression.type !== 'ObjectExpression') return false
  return expression.properties.some((each) => {
    if (each.type !== 'Property' || !clause.test(nameOf(each.key))) return false
    return isSentence(each.value) || constants.has(nameOf(each.value))
  })
}

/** Constants of a file that are sentences, by name. */
function sentencesNamed({ program }: Source): ReadonlySet<string> {
  const found = new Set<string>()
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && init && isSentence(init)) found.add(id.name)
    },
  }).visit(program)
  return found
}

/** The names that an expression may stand for: `(isFinal ? One : Other)`, `(one ?? other)`. */
function namesOf(expression: Node): string[] {
  switch (expression.type) {
    case 'ParenthesizedExpression':
      return namesOf(expression.expression)
    case 'ConditionalExpression':
      return [expression.consequent, expression.alternate].flatMap(namesOf)
    case 'LogicalExpression':
      return [expression.left, expression.right].flatMap(namesOf)
    default:
      return [nameOf(expression)]
  }
}

/** `Name`, or the last part of `all.Name`; empty for anything else. */
function nameOf(expression: Node): string {
  if (expression.type === 'Identifier') return expression.name
  return expression.type === 'MemberExpression' ? nameOf(expression.property) : ''
}

/** Errors that an import gives another name, under which no check would know them. */
function renamed({ specifiers }: ImportDeclaration): string[] {
  return specifiers.flatMap((each) => {
    if (each.type !== 'ImportSpecifier' || each.imported.type !== 'Identifier') return []
    const { name } = each.imported
    return name.endsWith('Error') && name !== each.local.name ? [name] : []
  })
}
