import { PROBLEM_CONTENT_TYPE, PROTOCOL_VERSION } from '@upload-panel/core/protocol'
import { REFUSALS, type RefusalCode } from './refusals.js'
import type { Parameter, RouteDescription } from './route.js'
import { ROUTES } from './routes.js'
import { ref, type Schema, text } from './schema.js'
import { SCHEMAS } from './schemas.js'

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument extends Schema {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Schema>>>>
}

/** Of whatever route. */
const EVERYWHERE: readonly RefusalCode[] = ['internal', 'server_closing', 'records_unavailable', 'address_too_long', 'headers_too_long']
/** Of what the program is made of: key sets, object storage, other nodes. */
const OF_PARTS: readonly RefusalCode[] = ['keys_unavailable', 'upload_busy', 'storage_busy', 'storage_unavailable']
/** Those that a probe hears are its own. */
const isProbe = ({ path }: RouteDescription) => path.startsWith('/health/')

/** The document of all routes, for generated clients and for gateways. */
export function openApiDocument(): OpenApiDocument {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const route of ROUTES) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'upload-panel',
      version: PROTOCOL_VERSION,
      description: 'Plans uploads, takes their bytes, and tells how every operation of the server stands.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to the document: it is right wherever the server is mounted.
    servers: [{ url: '.' }],
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'What the program takes as a proof is up to its authorize function: as a rule a token, or the session’s cookie.',
        },
      },
    },
  }
}

function operation(route: RouteDescription): Schema {
  const { operationId, summary, tag, access, body, answers } = route
  const parameters = [...parametersOf(route)]
  return {
    operationId,
    summary,
    tags: [tag],
    // An open server asks for nothing.
    security: access === 'public' ? [] : [{ bearer: [] }, {}],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: requestBody(body) }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
      ...refusalsOf(isProbe(route) ? route.refusals : [...route.refusals, ...EVERYWHERE, ...(access === 'authorized' ? OF_PARTS : [])]),
    },
  }
}

function* parametersOf({ path, parameters = [] }: RouteDescription): Generator<Schema> {
  for (const [, name] of path.matchAll(/\{(\w+)\}/g)) yield { name, in: 'path', required: true, schema: text }
  for (const { many, ...parameter } of parameters) yield { ...parameter, schema: schemaOf(many) }
}

function schemaOf(many: Parameter['many']): Schema {
  return many ? { type: 'array', items: text } : text
}

function requestBody(body: Schema | 'bytes'): Schema {
  return body === 'bytes'
    ? { required: true, content: { 'application/octet-stream': {} } }
    : { required: true, content: { 'application/json': { schema: body } } }
}

function response({ description, content }: RouteDescription['answers'][number]): Schema {
  if (content === null) return { description }
  if (content === 'events') return { description, content: { 'text/event-stream': { schema: text } } }
  return { description, content: { 'application/json': { schema: content } } }
}

/** By status, each with the codes that it may have here. */
function refusalsOf(given: readonly RefusalCode[]): Record<string, Schema> {
  const codes = [...new Set(given)]
  const statuses = [...new Set(codes.map((code) => REFUSALS[code][0]))]
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => REFUSALS[code][0] === status)
      const description = own.map((code) => `${code}: ${REFUSALS[code][1]}`).join('\n')
      const schema = { allOf: [ref('Problem'), { properties: { code: { enum: own } } }] }
      return [String(status), { description, content: { [PROBLEM_CONTENT_TYPE]: { schema } } }]
    }),
  )
}
