/** A pointer that moved less than this has clicked: hands shake, and fingers more so. CSS pixels. */
const THRESHOLD = { mouse: 4, other: 8 } as const

/** What a person presses, types into or follows: a drag does not begin on it. */
const INTERACTIVE =
  'button, a, input, select, textarea, label, summary, audio, video, [contenteditable], [role=button], [role=tab], [role=menuitem]'

export interface DragOptions {
  /** The pointer has moved far enough to mean it. Returns whether it may. */
  onStart(): boolean
  /** How far it is from where it began, CSS pixels. */
  onMove(x: number, y: number): void
  onEnd(x: number, y: number): void
  /** By Escape, or since the browser took the pointer for something else. */
  onCancel(): void
}

export interface Drag {
  /** The listener of a handle for `pointerdown`. */
  readonly onPointerdown: (event: PointerEvent) => void
  /** Ends what is going on without a word. */
  stop(): void
}

/** Dragging by a handle with a mouse, a pen or a finger. A click stays a click, and buttons on the handle stay buttons. */
export function createDrag({ onStart, onMove, onEnd, onCancel }: DragOptions): Drag {
  let listening: AbortController | undefined

  const stop = () => {
    listening?.abort()
    listening = undefined
  }

  const begin = (down: PointerEvent, { ownerDocument: page }: HTMLElement) => {
    stop()
    capture(down)
    listening = new AbortController()
    const { signal } = listening
    const threshold = down.pointerType === 'mouse' ? THRESHOLD.mouse : THRESHOLD.other
    let isDragging = false

    const listen = <E extends 'pointermove' | 'pointerup' | 'pointercancel'>(type: E, listener: (event: PointerEvent) => void) =>
      page.addEventListener(type, (event) => event.pointerId === down.pointerId && listener(event), { signal })

    listen('pointermove', ({ clientX, clientY }) => {
      const x = clientX - down.clientX
      const y = clientY - down.clientY
      if (!isDragging) {
        if (Math.hypot(x, y) < threshold) return
        if (!onStart()) return stop()
        isDragging = true
      }
      onMove(x, y)
    })
    listen('pointerup', ({ clientX, clientY }) => {
      stop()
      if (!isDragging) return
      swallowClick(page)
      onEnd(clientX - down.clientX, clientY - down.clientY)
    })
    const cancel = () => {
      stop()
      if (isDragging) onCancel()
    }
    listen('pointercancel', cancel)
    page.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || !isDragging) return
        // It ends the drag and not the dialog around it.
        event.preventDefault()
        event.stopPropagation()
        cancel()
      },
      { signal, capture: true },
    )
  }

  return {
    onPointerdown(event) {
      const handle = event.currentTarget
      if (!(handle instanceof HTMLElement) || !event.isPrimary || event.button !== 0 || isOnControl(event, handle)) return
      begin(event, handle)
    },
    stop,
  }
}

/** Looked for through slots, where the page has put controls of its own. */
function isOnControl(event: PointerEvent, handle: HTMLElement): boolean {
  const path = event.composedPath()
  return path
    .slice(0, path.indexOf(handle))
    .some((target) => target instanceof Element && target.matches(INTERACTIVE) && !target.hasAttribute('data-moves'))
}

/** So that a pointer which leaves the window, or runs over a frame, is still heard of. By what it is on, whose click stays its own. */
function capture(event: PointerEvent): void {
  const [origin] = event.composedPath()
  try {
    if (origin instanceof Element) origin.setPointerCapture(event.pointerId)
  } catch {
    // The pointer has left since.
  }
}

/** The click that follows a drag within the same task is none. */
function swallowClick(page: Document): void {
  const swallow = (event: Event) => {
    event.preventDefault()
    event.stopPropagation()
  }
  page.addEventListener('click', swallow, { capture: true, once: true })
  setTimeout(() => page.removeEventListener('click', swallow, { capture: true }))
}
