import { notGranted, tokenExpired } from '../../security/refusals.js'
import type { PublisherContext } from '../publisher.js'
import { requestOf, tokenOf } from './handshake.js'
import type { SocketIoSocket } from './server.js'
import type { SocketIoTopic } from './topic.js'

/** Whose words a connection may hear, and until when. */
export interface Permission {
  readonly subject: string
  /** Milliseconds since the epoch; infinite where there is no end. */
  readonly expiresAtMs: number
}

/** Asks what a connection may follow. Rejects with the `Refusal` where it may not. */
export type Permit = (topic: SocketIoTopic) => Promise<Permission>

export function createPermit(socket: SocketIoSocket, { access, addresses, origins, cookieOrigins, clock }: PublisherContext): Permit {
  let known: { readonly token: unknown; readonly request: Request } | undefined
  let asking: ReturnType<typeof access.follower> | undefined

  /** One as long as the token is the same: a connection counts once where requests are counted. */
  function ownRequest(): Request {
    const token = tokenOf(socket.handshake)
    if (known === undefined || known.token !== token) {
      known = { token, request: requestOf(socket.handshake, { origins, cookieOrigins }) }
      addresses.note(known.request, socket.handshake.address)
    }
    return known.request
  }

  return async (topic) => {
    const request = ownRequest()
    // What is asked for at the same time is asked in one go: after a break a page joins all that it had.
    asking ??= access.follower(request, 'subscribe').finally(() => {
      asking = undefined
    })
    const { subject, expiresAtMs = Infinity, followsAll, followsJob, operation } = await asking
    if (expiresAtMs <= clock.now()) throw tokenExpired()
    if (topic.kind === 'operation') await operation(topic.id)
    else if (topic.kind === 'job' ? !followsJob(topic.id) : !followsAll) throw notGranted()
    return { subject, expiresAtMs }
  }
}
