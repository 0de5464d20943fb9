/** Where the objects of one server lie in a bucket that others may use as well. */
export interface S3Keys {
  /** Ends with a slash. */
  readonly prefix: string
  of(operationId: string): string
  /** The operation of a key; `undefined` where the key is none of ours. */
  operationOf(key: string): string | undefined
}

const OPERATION_ID = /^[A-Za-z0-9_-]{1,200}$/
const SEGMENTS = /^\w[\w.-]*(\/\w[\w.-]*)*$/

/** Keys are `prefix/<operation id>`: nothing that a client chose. Throws a `TypeError` where the prefix cannot be one. */
export function createS3Keys(given: string): S3Keys {
  const name = given.replace(/\/$/, '')
  if (!SEGMENTS.test(name)) {
    throw new TypeError(
      's3: `prefix` must be a path such as uploads or app/uploads. Without one, whatever lies in the bucket would be taken for an upload.',
    )
  }
  const prefix = `${name}/`
  return {
    prefix,
    of: (operationId) => `${prefix}${operationId}`,
    operationOf(key) {
      const id = key.startsWith(prefix) ? key.slice(prefix.length) : ''
      return OPERATION_ID.test(id) ? id : undefined
    },
  }
}
