import { openApiDocument } from '../openapi/document.js'
import type { Route } from './rooms.js'

/** `GET /openapi.json`: all routes, for programs. It says nothing that the documentation does not, and asks nobody who reads it. */
export function openApiRoute(): Route {
  const document = openApiDocument()
  return async () => document
}
