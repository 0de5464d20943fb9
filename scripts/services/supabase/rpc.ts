import type { IncomingMessage, ServerResponse } from 'node:http'
import { DatabaseError, escapeIdentifier } from 'pg'
import { sendJson } from '../http-service.ts'
import { actAs } from './database.ts'
import { isObject, parseJson } from './json.ts'
import type { Tenant } from './tenant.ts'
import { checkToken } from './tokens.ts'

/**
 * Calls a function of the schema `public`, as PostgREST does for `rpc()` of supabase-js: by names, as the role of the token, in a transaction. A stand-in: it knows
 * functions that answer with one value, and nothing else of PostgREST.
 */
export async function answerRpc(
  { database, jwtSecret }: Tenant,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
): Promise<void> {
  const body = parseJson(Buffer.concat(await request.toArray()).toString())
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const checked = await checkToken(token, jwtSecret)
  if (!checked.isValid) return sendJson(response, 401, { code: 'PGRST301', message: checked.reason, details: null, hint: null })
  if (!isObject(body)) return sendJson(response, 400, { code: 'PGRST102', message: 'Empty or invalid json', details: null, hint: null })
  const given = Object.entries(body)
  const named = given.map(([parameter], index) => `${escapeIdentifier(parameter)} => $${index + 1}`).join(', ')
  const values = given.map(([, value]) => (typeof value === 'object' ? JSON.stringify(value) : value))
  try {
    const answer: unknown = await database.transact(async (client) => {
      await actAs(client, checked.claims, '')
      const { rows } = await client.query(`select public.${escapeIdentifier(name)}(${named}) as value`, values)
      return rows[0]?.value ?? null
    })
    sendJson(response, 200, answer)
  } catch (error) {
    if (!(error instanceof DatabaseError)) {
      return sendJson(response, 503, {
        code: 'PGRST001',
        message: 'Could not query the database for the schema cache. Retrying.',
        details: null,
        hint: null,
      })
    }
    const { code, message, detail: details = null, hint = null } = error
    const isUnknown = code === '42883' && message.startsWith('function')
    sendJson(response, isUnknown ? 404 : code === '42501' ? 403 : 400, { code: isUnknown ? 'PGRST202' : code, message, details, hint })
  }
}
