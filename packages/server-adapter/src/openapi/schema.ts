/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export type Schema = Readonly<Record<string, unknown>>

export const text: Schema = { type: 'string' }
export const count: Schema = { type: 'integer', minimum: 0 }
export const flag: Schema = { type: 'boolean' }
export const anything: Schema = {}
/** An identifier of the wire. */
export const id: Schema = { type: 'string', minLength: 1, maxLength: 200 }

export function oneOf(...values: readonly string[]): Schema {
  return { enum: values }
}

export function list(items: Schema, maxItems?: number): Schema {
  return { type: 'array', items, ...(maxItems !== undefined && { maxItems }) }
}

export function mapOf(values: Schema): Schema {
  return { type: 'object', additionalProperties: values }
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] }
}

export function described(schema: Schema, description: string): Schema {
  return { ...schema, description }
}

/** An object. Names with a question mark may be missing; fields that are not named are allowed, since newer servers and clients have more. */
export function object(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields)
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name.replace('?', ''), schema])),
    required: names.filter((name) => !name.endsWith('?')),
  }
}

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` }
}
