import type { ReactiveControllerHost } from 'lit'

export interface PopoverOptions {
  /** What it belongs to, and stands beside. */
  readonly anchor: () => HTMLElement | null
  readonly popover: () => HTMLElement | null
}

const MARGIN = 8
const WIDTH = 320

/** What the placing needs to know, in pixels of the window. */
export interface Room {
  readonly anchor: Pick<DOMRect, 'left' | 'right' | 'top' | 'bottom'>
  readonly width: number
  readonly height: number
}

/** Where it stands: below what it belongs to, or above where there is more room; from its nearer side inwards. */
export function placePopover({
  anchor,
  width,
  height,
}: Room): Readonly<Record<`--_${'left' | 'top' | 'bottom' | 'width' | 'height'}`, string>> {
  const ownWidth = Math.min(WIDTH, width - 2 * MARGIN)
  const isRight = anchor.left + anchor.right > width
  const left = Math.max(MARGIN, Math.min(isRight ? anchor.right - ownWidth : anchor.left, width - MARGIN - ownWidth))
  const below = height - anchor.bottom
  const isBelow = below >= anchor.top
  return {
    '--_left': `${left}px`,
    '--_width': `${ownWidth}px`,
    '--_top': isBelow ? `${anchor.bottom + MARGIN}px` : 'auto',
    '--_bottom': isBelow ? 'auto' : `${height - anchor.top + MARGIN}px`,
    '--_height': `${Math.max(0, (isBelow ? below : anchor.top) - 2 * MARGIN)}px`,
  }
}

export interface PopoverController {
  readonly isOpen: boolean
  /** For `beforetoggle`: it is placed before it is seen. */
  readonly onBeforeToggle: (event: Event) => void
  close(): void
}

/** Keeps an element with a `popover` attribute beside what it belongs to, as long as it is open. */
export function popoverController(host: ReactiveControllerHost, { anchor, popover }: PopoverOptions): PopoverController {
  let following: AbortController | undefined

  const place = () => {
    const element = anchor()
    const style = popover()?.style
    if (!element || !style) return
    const { clientWidth: width, clientHeight: height } = element.ownerDocument.documentElement
    const places = placePopover({ anchor: element.getBoundingClientRect(), width, height })
    for (const [name, value] of Object.entries(places)) style.setProperty(name, value)
  }

  const set = (isOpen: boolean) => {
    following?.abort()
    following = undefined
    if (isOpen) {
      place()
      following = new AbortController()
      const { signal } = following
      const view = anchor()?.ownerDocument.defaultView
      view?.addEventListener('scroll', place, { signal, capture: true, passive: true })
      view?.addEventListener('resize', place, { signal })
    }
    host.requestUpdate()
  }

  host.addController({
    hostUpdated() {
      // What it belongs to may have another size now.
      if (following) place()
    },
    // A browser closes what leaves the document without a word.
    hostDisconnected: () => set(false),
  })

  return {
    get isOpen() {
      return following !== undefined
    },
    onBeforeToggle(event) {
      set('newState' in event && event.newState === 'open')
    },
    close() {
      popover()?.hidePopover()
    },
  }
}
