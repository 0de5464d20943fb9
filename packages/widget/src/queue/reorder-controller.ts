import type { ReactiveControllerHost } from 'lit'
import type { SetTimer } from '../text/voice.js'
import { makesWay, placeAt, scrollSpeed, type Span } from './drag-geometry.js'

/** A file on its way to another place. While it is, the list shows the rows as they were when it was lifted. */
export interface Lift {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly by: 'pointer' | 'keyboard'
}

export interface ReorderOptions {
  /** The box that scrolls. */
  readonly scroller: () => HTMLElement
  readonly row: (index: number) => HTMLElement | null
  readonly idAt: (index: number) => string | undefined
  /** The places that a file can have. */
  readonly span: () => Span
  /** Whether a file can be moved at all; where it cannot, says so. */
  readonly canLift: (id: string) => boolean
  readonly onLifted: (lift: Lift) => void
  readonly onOver: (lift: Lift) => void
  readonly onDropped: (lift: Lift) => void
  readonly onPutBack: (lift: Lift) => void
  /** Before the two above, and where a move ends in neither way. */
  readonly onEnded: () => void
  readonly setTimer: SetTimer
}

/** Lifts a row, moves it, and drops it: by pointer at its handle, by a long touch anywhere on it, or by keyboard. */
export interface Reorder {
  readonly lift: Lift | undefined
  /** A row is moved, or pressed and may be in a moment: it must not slip away from under the hand. */
  readonly isHolding: boolean
  /** Where the lifted row is drawn, in pixels from the top of the list. */
  readonly top: number
  /** As it was at the lift, in pixels. */
  readonly rowHeight: number
  /** Pixels that a row stands away from its own place while another one is moved. */
  shift(index: number): number
  lifted(index: number): void
  /** Of a lifted row: to another place. */
  moveTo(place: number): void
  drop(): void
  putBack(): void
  /** Ends the move without a word: the file is not there to be moved any more. */
  abandon(): void
  readonly onPointerDown: (event: PointerEvent) => void
  /** For a listener that is not passive: a page does not scroll under a drag. */
  readonly onTouchMove: (event: TouchEvent) => void
}

/** Pixels after which a press on the handle is a drag. */
const DRAG_DISTANCE = 4
/** Pixels within which a touch is still on its place. */
const STILL_DISTANCE = 10
const LONG_TOUCH_MS = 350

interface Press {
  readonly pointer: number
  readonly index: number
  readonly startY: number
  readonly isOnHandle: boolean
}

export function reorderController(host: ReactiveControllerHost & HTMLElement, options: ReorderOptions): Reorder {
  const { scroller, row, span } = options
  let press: Press | undefined
  let lift: Lift | undefined
  let rowHeight = 0
  let pointerY = 0
  let top = 0
  /** Scroll position at the lift. */
  let startScroll = 0
  let lastFrame: number | undefined
  let frame = 0
  let listening: AbortController | undefined
  let cancelTimer: (() => void) | undefined

  function lifted(index: number, by: Lift['by']): boolean {
    const id = options.idAt(index)
    const element = row(index)
    if (id === undefined || element === null || !options.canLift(id)) return false
    rowHeight = element.offsetHeight
    startScroll = scroller().scrollTop
    lift = { id, from: index, to: index, by }
    top = index * rowHeight
    options.onLifted(lift)
    host.requestUpdate()
    return true
  }

  function moveTo(place: number): void {
    if (!lift) return
    const { first, last } = span()
    const to = Math.max(first, Math.min(last, place))
    if (to === lift.to) return
    lift = { ...lift, to }
    if (lift.by === 'keyboard') top = to * rowHeight
    options.onOver(lift)
    host.requestUpdate()
  }

  function end(): Lift | undefined {
    const ended = lift
    lift = undefined
    press = undefined
    listening?.abort()
    listening = undefined
    cancelTimer?.()
    cancelTimer = undefined
    cancelAnimationFrame(frame)
    lastFrame = undefined
    if (ended) options.onEnded()
    host.requestUpdate()
    return ended
  }

  function drop(): void {
    const ended = end()
    if (!ended) return
    if (ended.to === ended.from) options.onPutBack(ended)
    else options.onDropped(ended)
  }

  function putBack(): void {
    const ended = end()
    if (ended) options.onPutBack(ended)
  }

  // -- by pointer ----------------------------------------------------------------------------------------------------------------------

  /** Puts the dragged row under the pointer, as far as the list reaches, wherever it was scrolled to meanwhile. */
  function draw(): void {
    if (!lift || !press) return
    const { scrollTop, clientHeight } = scroller()
    const dragged = lift.from * rowHeight + pointerY - press.startY + scrollTop - startScroll
    top = Math.max(scrollTop, Math.min(scrollTop + clientHeight - rowHeight, dragged))
    const element = row(lift.from)
    if (element) element.style.transform = `translateY(${top}px)`
  }

  function follow(): void {
    draw()
    if (lift) moveTo(placeAt(top, rowHeight, span()))
  }

  function onFrame(now: number): void {
    const box = scroller().getBoundingClientRect()
    const seconds = (now - (lastFrame ?? now)) / 1000
    lastFrame = now
    const speed = scrollSpeed(pointerY, box.top, box.bottom)
    if (speed !== 0) scroller().scrollTop += speed * seconds
    follow()
    frame = requestAnimationFrame(onFrame)
  }

  function beginDrag(): void {
    cancelTimer?.()
    cancelTimer = undefined
    if (!press || !lifted(press.index, 'pointer')) return void end()
    capture(scroller(), press.pointer)
    frame = requestAnimationFrame(onFrame)
  }

  function onMove(event: PointerEvent): void {
    if (event.pointerId !== press?.pointer) return
    pointerY = event.clientY
    if (lift) return
    const distance = Math.abs(pointerY - press.startY)
    if (press.isOnHandle && distance >= DRAG_DISTANCE) beginDrag()
    // The finger scrolls the list.
    else if (!press.isOnHandle && distance > STILL_DISTANCE) end()
  }

  function onUp(event: PointerEvent): void {
    if (event.pointerId !== press?.pointer) return
    pointerY = event.clientY
    follow()
    drop()
  }

  function onCancel(event: PointerEvent): void {
    if (event.pointerId === press?.pointer) putBack()
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !lift) return
    // Of the drag alone, and not of a dialog around the list.
    event.preventDefault()
    event.stopPropagation()
    putBack()
  }

  function onPointerDown(event: PointerEvent): void {
    if (lift?.by === 'keyboard') putBack()
    if (press || event.button !== 0 || !event.isPrimary) return
    const path = event.composedPath()
    const element = path.find((target): target is HTMLElement => target instanceof HTMLElement && target.dataset.index !== undefined)
    const button = path.find((target) => target instanceof HTMLButtonElement)
    const isOnHandle = button instanceof HTMLElement && button.dataset.action === 'handle'
    if (!element || (button && !isOnHandle) || (!button && event.pointerType !== 'touch')) return
    press = { pointer: event.pointerId, index: Number(element.dataset.index), startY: event.clientY, isOnHandle }
    pointerY = event.clientY
    if (!isOnHandle) cancelTimer = options.setTimer(beginDrag, LONG_TOUCH_MS)

    listening = new AbortController()
    const { signal } = listening
    const { ownerDocument } = host
    const page = ownerDocument.defaultView ?? window
    page.addEventListener('pointermove', onMove, { signal })
    page.addEventListener('pointerup', onUp, { signal })
    page.addEventListener('pointercancel', onCancel, { signal })
    page.addEventListener('blur', putBack, { signal })
    page.addEventListener('keydown', onKey, { signal, capture: true })
    // A long touch asks for a menu as well.
    page.addEventListener('contextmenu', (asked) => lift && asked.preventDefault(), { signal })
  }

  host.addController({
    hostUpdated() {
      if (lift?.by === 'pointer') draw()
    },
    hostDisconnected() {
      end()
    },
  })

  return {
    get lift() {
      return lift
    },
    get isHolding() {
      return lift !== undefined || press !== undefined
    },
    get top() {
      return top
    },
    get rowHeight() {
      return rowHeight
    },
    shift: (index) => (lift ? makesWay(index, lift.from, lift.to) * rowHeight : 0),
    lifted: (index) => void lifted(index, 'keyboard'),
    moveTo,
    drop,
    putBack,
    abandon: () => void end(),
    onPointerDown,
    onTouchMove(event) {
      if (lift?.by === 'pointer' && event.cancelable) event.preventDefault()
    },
  }
}

/** So that the drag goes on outside the list. By its scroller: a row may be taken out, or moved in the DOM, while it is dragged. */
function capture(element: HTMLElement, pointer: number): void {
  try {
    element.setPointerCapture(pointer)
  } catch {
    // It has left already.
  }
}
