import Ajv2020 from 'ajv/dist/2020.js'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'

/** For tests: answers of the API, to check them against the OpenAPI document. */
export type RecordedAnswer = {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Keeps every answer that `app.inject` gives from now on. */
export function recordAnswers(app: FastifyInstance): readonly RecordedAnswer[] {
  const recorded: RecordedAnswer[] = []
  const inject = app.inject.bind(app) as (asked: InjectOptions) => Promise<LightMyRequestResponse>
  const record = async (asked: InjectOptions) => {
    const response = await inject(asked)
    recorded.push({
      method: asked.method ?? 'GET',
      path: String(asked.url).split('?')[0]!,
      status: response.statusCode,
      type: String(response.headers['content-type'] ?? '').split(';')[0]!,
      body: response.body,
    })
    return response
  }
  app.inject = record as FastifyInstance['inject']
  return recorded
}

type Answer = { readonly content?: Readonly<Record<string, { readonly schema: object }>> }
type Operation = { readonly responses: Readonly<Record<string, Answer>> }
export type OpenApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** Where an answer differs from the OpenAPI document: status, media type, shape. */
export function findUndeclared(
  document: OpenApiDocument,
  recorded: readonly RecordedAnswer[],
): string[] {
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false })
  const inDocument = { $id: 'document', components: document.components }
  ajv.addSchema(inDocument)
  return recorded.flatMap((each) => {
    const name = `${each.method} ${each.path} ${each.status} ${each.type}`
    const answers = operationOf(document, each)?.responses
    // An unknown path is not an operation.
    if (!answers) return each.status === 404 ? [] : [`${name}: no such operation`]
    const answer = answers[each.status] ?? answers[`${String(each.status)[0]}XX`]
    if (!answer) return [`${name}: no such status`]
    if (each.body === '') return answer.content ? [`${name}: an empty body`] : []
    const media = answer.content?.[each.type]
    if (!media) return [`${name}: no such media type`]
    if (!/json$/.test(each.type)) return []
    const schema = JSON.parse(JSON.stringify(media.schema).replaceAll('"#/', '"document#/'))
    const isValid = ajv.validate(schema, JSON.parse(each.body))
    return isValid ? [] : [`${name}: ${ajv.errorsText()}`]
  })
}

/** Names of the operations that were answered with success. */
export function listAnswered(
  document: OpenApiDocument,
  recorded: readonly RecordedAnswer[],
): ReadonlySet<string> {
  const names = recorded
    .filter(({ status }) => status < 300)
    .flatMap((each) => `${each.method} ${templateOf(document, each) ?? each.path}`)
  return new Set(names)
}

function operationOf(document: OpenApiDocument, { method, path }: RecordedAnswer) {
  const template = templateOf(document, { path })
  return template === undefined ? undefined : document.paths[template]![method.toLowerCase()]
}

/** Plain paths before those with parameters. */
function templateOf({ paths }: OpenApiDocument, { path }: { path: string }): string | undefined {
  if (paths[path]) return path
  return Object.keys(paths).find((template) => {
    return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
  })
}
