import { type ParamPattern, Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

const parametersMax = 3

/** More than three parameters become one object with names; types of functions count too. */
export const parameters: Check = (sources) => sources.flatMap(manyParameters)

type Signature = { readonly params: readonly ParamPattern[]; readonly start: number }

function manyParameters(source: Source): string[] {
  const found: string[] = []
  const count = ({ params, start }: Signature) => {
    if (params.length <= parametersMax) return
    found.push(finding(source, start, `${params.length} parameters: pass one object`))
  }
  new Visitor({
    FunctionDeclaration: count,
    FunctionExpression: count,
    ArrowFunctionExpression: count,
    TSDeclareFunction: count,
    TSFunctionType: count,
    TSMethodSignature: count,
  }).visit(source.program)
  return found
}
