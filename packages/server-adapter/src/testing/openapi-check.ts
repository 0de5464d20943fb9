import { isRecord, PROBLEM_CONTENT_TYPE } from '@upload-panel/core/protocol'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { OpenApiDocument } from '../openapi/document.js'
import { REFUSALS, type RefusalCode } from '../openapi/refusals.js'
import type { RouteDescription } from '../openapi/route.js'
import { ROUTES } from '../openapi/routes.js'

/** A request, and what was answered. */
export interface Exchange {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly requestBody: unknown
  readonly response: Response
  /** The body of the answer. */
  readonly content: string
}

/** Holds real requests and answers against the document. */
export interface OpenApiCheck {
  /** Throws where an answer is another than the document says, or a request that was answered well. */
  exchange(exchange: Exchange): void
  /** What the document says, and no answer has shown: `GET /events 404 unknown_operation`. */
  missing(): readonly string[]
}

export function createOpenApiCheck(document: OpenApiDocument): OpenApiCheck {
  // Formats are words for people here.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema(closed(document) as object, 'document')
  const seen = new Set<string>()
  const validators = new Map<string, ValidateFunction>()

  function validate(pointer: string, value: unknown, what: string): void {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` })
    validators.set(pointer, known)
    if (!known(value)) throw new Error(`${what} is not what the document says: ${ajv.errorsText(known.errors)}\n${JSON.stringify(value)}`)
  }

  return {
    exchange({ method, path, requestBody, response, content }) {
      const route = routeOf(method, path)
      if (route === undefined) throw new Error(`The document has no ${method} ${path}.`)
      const { status } = response
      const name = `${method} ${route.path} ${status}`
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      const body: unknown = content === '' ? undefined : type === 'text/plain' ? content : JSON.parse(content)
      const code = type === PROBLEM_CONTENT_TYPE && isRecord(body) ? ` ${String(body['code'])}` : ''
      seen.add(`${name}${code}`)
      const at = `/paths/${route.path.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${route.method}`
      const operation = document.paths[route.path]?.[route.method] as { readonly responses: Record<string, { readonly content?: object }> }
      const documented = operation.responses[String(status)]
      if (documented === undefined) throw new Error(`${name}${code} is not in the document.`)
      if (method === 'HEAD') return
      if (content === '' && (documented.content === undefined || type === '' || type === 'text/event-stream')) {
        if (documented.content !== undefined && type === '' && route.answers[status]?.mayBeEmpty !== true)
          throw new Error(`${name} has no body.`)
        return
      }
      if (documented.content === undefined || !(type in documented.content)) throw new Error(`${name} has the type ${type}.`)
      validate(`${at}/responses/${status}/content/${type.replaceAll('/', '~1')}/schema`, body, `${name}${code}`)
      // What was refused may have been anything.
      if (response.ok && typeof route.body === 'object') {
        validate(`${at}/requestBody/content/application~1json/schema`, requestBody, `The request of ${name}`)
      }
    },
    missing() {
      const expected = ROUTES.flatMap((route) => {
        const name = `${route.method.toUpperCase()} ${route.path}`
        const well = Object.keys(route.answers).map((status) => `${name} ${status}`)
        // What is said in a body is not seen here.
        if (route.method === 'head') return well
        return [...well, ...route.refusals.map((code: RefusalCode) => `${name} ${REFUSALS[code][0]} ${code}`)]
      })
      return expected.filter((one) => !seen.has(one))
    },
  }
}

function routeOf(method: string, path: string): RouteDescription | undefined {
  const [pathname = ''] = path.split('?', 1)
  return ROUTES.find(
    (route) => route.method.toUpperCase() === method && new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  )
}

/** Objects may have no fields but those that are named, so that an answer's new field is missed in the document. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isRecord(schema)) return schema
  const entries = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]))
  return schema['type'] === 'object' && isRecord(schema['properties']) ? { additionalProperties: false, ...entries } : entries
}
