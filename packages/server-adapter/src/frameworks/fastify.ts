import type { FastifyInstance } from 'fastify'
import type { SyncServer } from '../create-sync-server.js'
import { toNodeListener } from './node.js'

/** Options of the plugin. */
export interface FastifyPluginOptions {
  /** Path that it is mounted at, such as `/uploads`. Fastify's own option. @default '' */
  readonly prefix?: string
  /** Whether the sync server is closed when Fastify is: before it waits for connections, since event streams never end by themselves. @default true */
  readonly close?: boolean
}

/** For `fastify.register`. */
export type FastifyUploadPlugin = (instance: FastifyInstance, options: FastifyPluginOptions) => Promise<void>

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/**
 * A plugin for Fastify 5. It switches Fastify's body parsers and its `bodyLimit` off below its prefix alone: bodies stream, and have limits of their own.
 * Hooks of the instance that it is registered with run before it, and headers that they set are sent; `onSend` hooks do not see its answers.
 *
 * @example
 * const app = Fastify()
 * await app.register(toFastifyPlugin(sync), { prefix: '/uploads' })
 * await app.listen({ port: 8787 })
 */
export function toFastifyPlugin(sync: Pick<SyncServer, 'fetch' | 'close'>): FastifyUploadPlugin {
  return async (instance, { close = true }) => {
    const listener = toNodeListener(sync, { basePath: instance.prefix })
    instance.removeAllContentTypeParsers()
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null))
    instance.addHook('onRequest', async ({ raw }) => {
      // Fastify refuses a type that is none, and files have all kinds. The sync server reads it as it came, from the raw headers.
      if (raw.method === 'PUT') raw.headers['content-type'] = 'application/octet-stream'
    })
    for (const url of ['/', '/*']) {
      instance.route({
        method: [...METHODS],
        url,
        handler(request, reply) {
          reply.hijack()
          for (const [name, value] of Object.entries(reply.getHeaders())) {
            if (value !== undefined) reply.raw.setHeader(name, value)
          }
          listener(request.raw, reply.raw)
        },
      })
    }
    if (close) instance.addHook('preClose', () => sync.close())
  }
}
