import { type ParamPattern, Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

const parametersMax = 3

/**
 * More than three parameters become one object; function types count too. A callback
 * whose parameters have no type annotation has the shape that its caller requires, often a library.
 */
export const parameters: Check = (sources) => sources.flatMap(manyParameters)

type Signature = { readonly params: readonly ParamPattern[]; readonly start: number }

function manyParameters(source: Source): string[] {
  const found: string[] = []
  const count = ({ params, start }: Signature) => {
    if (params.length <= parametersMax) return
    found.push(finding(source, start, `${params.length} parameters: pass one object`))
  }
  const countOurs = (signature: Signature) => {
    if (signature.params.some(isOurs)) count(signature)
  }
  new Visitor({
    FunctionDeclaration: count,
    FunctionExpression: countOurs,
    ArrowFunctionExpression: countOurs,
    TSDeclareFunction: count,
    TSEmptyBodyFunctionExpression: count,
    TSFunctionType: count,
    TSConstructorType: count,
    TSCallSignatureDeclaration: count,
    TSConstructSignatureDeclaration: count,
    TSMethodSignature: count,
  }).visit(source.program)
  return found
}

function isOurs(parameter: ParamPattern): boolean {
  return (
    parameter.type === 'AssignmentPattern' ||
    ('typeAnnotation' in parameter && Boolean(parameter.typeAnnotation))
  )
}
