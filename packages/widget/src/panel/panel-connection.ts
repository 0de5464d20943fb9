import type { ConnectionStatus } from '@upload-panel/core'
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'

/** How the server's word arrives, for people. */
export interface ConnectionView {
  readonly state: 'live' | 'connecting' | 'polling' | 'reconnecting' | 'offline' | 'error'
  readonly label: string
  /** What is known beside it: latency, attempts, what is done meanwhile. */
  readonly details: readonly string[]
  /** Whether the label is shown and not only a dot: somebody may want to do something. */
  readonly needsAttention: boolean
}

/** `undefined` where there is no connection to speak of, or none is needed yet. Pure. */
export function viewConnection(connection: ConnectionStatus, isOnline: boolean, messages: Messages): ConnectionView | undefined {
  const { status, transport, polling, reconnectAttempts, latency } = connection
  const words = messages.connection
  if (transport === 'none' || status === 'disconnected') return undefined
  const calm = { needsAttention: false }
  const alarming = { needsAttention: true }
  const meanwhile = polling ? [words.polling] : []
  const timed = latency === null ? [] : [words.latency(messages.formats.count(Math.max(1, Math.round(latency))))]
  if (!isOnline) return { state: 'offline', label: words.offline, details: [], ...alarming }
  if (status === 'error') return { state: 'error', label: words.lost, details: meanwhile, ...alarming }
  if (transport === 'polling') return { state: 'polling', label: words.polling, details: timed, ...calm }
  if (status === 'connected') return { state: 'live', label: words.live, details: timed, ...calm }
  if (reconnectAttempts === 0) return { state: 'connecting', label: words.connecting, details: meanwhile, ...calm }
  const details = [words.attempt(reconnectAttempts), ...meanwhile]
  return { state: 'reconnecting', label: words.reconnecting, details, ...alarming }
}

/**
 * What needs no attention is a dot; what does is a dot and a word. All of it is told to assistive technology and is in the tooltip, which only a mouse
 * reaches: a press shows it to everybody.
 */
export function renderConnection(
  view: ConnectionView | undefined,
  { isUnfolded, toggle }: ConnectionController,
): TemplateResult | typeof nothing {
  if (!view) return nothing
  const { state, label, details, needsAttention } = view
  const rest = details.join(' · ')
  const hidden = isUnfolded ? '' : 'visually-hidden'
  return html`<button
    type="button"
    class="connection ${state} ${isUnfolded ? 'unfolded' : ''} ${isUnfolded || needsAttention ? 'worded' : ''}"
    part="connection connection-${state}"
    title=${[label, ...details].join(' · ')}
    aria-expanded=${isUnfolded}
    @click=${toggle}
  >
    <bdi class=${needsAttention ? '' : hidden}>${label}</bdi>
    ${rest === '' ? nothing : html`<bdi class=${hidden}>${rest}</bdi>`}
  </button>`
}

export interface ConnectionController {
  /** Whether the browser believes in a network. Only its no is to be believed. */
  readonly isOnline: boolean
  /** The person wants to read all that is known. */
  readonly isUnfolded: boolean
  readonly toggle: () => void
}

export function connectionController(host: ReactiveControllerHost): ConnectionController {
  let isUnfolded = false
  const onChange = () => host.requestUpdate()
  host.addController({
    hostConnected() {
      addEventListener('online', onChange)
      addEventListener('offline', onChange)
    },
    hostDisconnected() {
      removeEventListener('online', onChange)
      removeEventListener('offline', onChange)
    },
  })
  return {
    get isOnline() {
      return globalThis.navigator?.onLine !== false
    },
    get isUnfolded() {
      return isUnfolded
    },
    toggle() {
      isUnfolded = !isUnfolded
      onChange()
    },
  }
}
