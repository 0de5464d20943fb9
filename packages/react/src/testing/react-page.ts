import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

/** A root in the page of a browser test, with React's own scheduler. */
export interface MountedTree {
  readonly container: HTMLElement
  /** Of all that it shows. */
  readonly text: string
  render(node: ReactNode): void
  unmount(): void
}

const mounted = new Set<MountedTree>()

export function mount(node: ReactNode): MountedTree {
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  const tree: MountedTree = {
    container,
    get text() {
      return container.textContent ?? ''
    },
    render: (next) => root.render(next),
    unmount() {
      mounted.delete(tree)
      root.unmount()
      container.remove()
    },
  }
  mounted.add(tree)
  root.render(node)
  return tree
}

export function unmountAll(): void {
  for (const tree of mounted) tree.unmount()
}

/** Waits for a condition, which React may fulfil in any later task. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve))
}

/** Listeners of the document and the window that were added since, and are there still. React's own stay with the document for ever. */
export function watchListeners(): { open(): readonly string[]; stop(): void } {
  const { addEventListener, removeEventListener } = EventTarget.prototype
  const open = new Map<unknown, Map<string, string>>()
  const ids = new WeakMap<object, number>()
  let count = 0
  const keyOf = (type: string, listener: object, options: boolean | EventListenerOptions | undefined) => {
    if (!ids.has(listener)) ids.set(listener, (count += 1))
    return `${type} ${ids.get(listener)} ${typeof options === 'object' ? options.capture === true : options === true}`
  }
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    addEventListener.call(this, type, listener, options)
    const target = this ?? window
    if (listener === null || (target !== window && target !== document)) return
    const signal = typeof options === 'object' ? options.signal : undefined
    if (signal?.aborted) return
    const key = keyOf(type, listener, options)
    const ofTarget = open.get(target) ?? new Map<string, string>()
    open.set(target, ofTarget.set(key, type))
    if (signal) addEventListener.call(signal, 'abort', () => ofTarget.delete(key))
  }
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    removeEventListener.call(this, type, listener, options)
    if (listener !== null) open.get(this ?? window)?.delete(keyOf(type, listener, options))
  }
  return {
    open: () => [...open.values()].flatMap((ofTarget) => [...ofTarget.values()]).sort(),
    stop: () => Object.assign(EventTarget.prototype, { addEventListener, removeEventListener }),
  }
}
