import type { ReactiveControllerHost } from 'lit'
import type { Messages } from '../messages/messages.js'
import { setState } from '../shared/custom-states.js'
import { memoryName, memoryOf } from '../shared/memory.js'
import { createDrag } from './frame-drag.js'
import {
  type Box,
  type Corner,
  freeCorner,
  isCorner,
  movedInside,
  nextCorner,
  overlapOf,
  readSpot,
  type Spot,
  spotOf,
} from './frame-geometry.js'
import { isLifted, liftWhereNeeded, putDown } from './frame-lift.js'
import { joinNeighbours, takenCorners, tellSheetOpened } from './frame-neighbours.js'
import { createFrameSheet } from './frame-sheet.js'
import { isPhone, keyboardHeight, visibleArea, windowOf } from './frame-window.js'

/** In the page, in a corner of the window, or the corner itself; `floating` is `bottom-end`. */
export type Placement = 'floating' | 'inline' | Corner

/** Steps of the arrow keys, CSS pixels. */
const STEP = 16
const BIG_STEP = 64
/** A sheet that was pulled down so far, CSS pixels, is to be put away. */
const PUT_AWAY = 96

/** What a move starts from, in pixels of the window. */
interface Measure {
  readonly box: Box
  /** What the panel is laid out in. */
  readonly ground: Box
  /** What of it can be seen. */
  readonly room: Box
  /** Of a pixel of the panel. */
  readonly scale: number
  readonly isSheet: boolean
}

interface FrameHost extends ReactiveControllerHost, HTMLElement {
  readonly placement: Placement
  readonly remember: string
  readonly endpoint: string
  readonly renderRoot: HTMLElement | DocumentFragment
  collapsed: boolean
}

export interface FrameOptions {
  readonly words: () => Messages
  /** Tells people who cannot see it where the panel is now. */
  readonly say: (text: string) => void
}

export interface Frame {
  readonly isFloating: boolean
  /** `pointerdown` of whatever the panel is dragged by. */
  readonly onPointerdown: (event: PointerEvent) => void
  /** `keydown` of whatever the panel is moved by with the keyboard. */
  readonly onKeydown: (event: KeyboardEvent) => void
  /** `focus` of the same. */
  readonly onFocus: () => void
  /** Goes round the corners. */
  readonly toNextCorner: () => void
  /** What the person does, which is remembered. */
  readonly setCollapsed: (collapsed: boolean) => void
}

/** Where a panel stands on the screen, how it is moved, and that it comes back as it was left. */
export function frameController(host: FrameHost, { words, say }: FrameOptions): Frame {
  const sheet = createFrameSheet(host)
  let listening: AbortController | undefined
  let home: Corner = 'bottom-end'
  /** Where the person has put it; `undefined` is at home. */
  let spot: Spot | undefined
  let spotAtFocus: Spot | undefined
  let isRestored = false
  /** Of the drag that goes on. */
  let start: Measure | undefined
  /** The person has collapsed or expanded it from within: what does the opposite is focused, once it is there. */
  let isToggleFocused = false

  const root = () => host.shadowRoot
  const memory = () => memoryOf(memoryName(host))
  const isFloating = () => host.placement !== 'inline'
  const isSheet = () => isFloating() && !host.collapsed && isPhone(host)
  const isRtl = () => getComputedStyle(host).direction === 'rtl'

  const show = () => sheet.stand(spot ?? { corner: home }, { isMoved: spot !== undefined, isRtl: isRtl() })

  const put = (next: Spot | undefined) => {
    spot = next
    show()
    if (isLifted(host)) sheet.relayout()
    memory().write('spot', next)
  }

  const tell = () => {
    const { corner } = spot ?? { corner: home }
    const isRight = corner.endsWith('end') !== isRtl()
    say(words().frame.corner[`${corner.startsWith('top') ? 'top' : 'bottom'}${isRight ? 'Right' : 'Left'}`])
  }

  const measure = (): Measure | undefined => {
    const ground = isLifted(host) ? visibleArea(host) : areaOf(host.renderRoot)
    const box = host.getBoundingClientRect()
    return (
      ground && { box, ground, room: overlapOf(ground, visibleArea(host)), scale: box.width / host.offsetWidth || 1, isSheet: isSheet() }
    )
  }

  const moveBy = (x: number, y: number, from = measure()) => {
    if (from && !from.isSheet) put(spotOf(movedInside(from.box, from.room, x, y), from.ground, isRtl(), from.scale))
  }

  const setCollapsed = (collapsed: boolean) => {
    isToggleFocused = root()?.activeElement != null
    host.collapsed = collapsed
    memory().write('collapsed', collapsed)
    if (isFloating()) sheet.animate()
  }

  const drag = createDrag({
    onStart() {
      start = isFloating() ? measure() : undefined
      if (start) setState(host, 'dragging', true)
      return start !== undefined
    },
    onMove(x, y) {
      if (!start) return
      if (start.isSheet) return sheet.shift(0, Math.max(0, y))
      const { left, top } = movedInside(start.box, start.room, x, y)
      sheet.shift((left - start.box.left) / start.scale, (top - start.box.top) / start.scale)
    },
    onEnd(x, y) {
      const from = start
      end()
      moveBy(x, y, from)
      if (from?.isSheet && y > PUT_AWAY) setCollapsed(true)
    },
    onCancel: () => end(),
  })

  const end = () => {
    start = undefined
    sheet.shift(0, 0)
    setState(host, 'dragging', false)
  }

  const restore = () => {
    isRestored = true
    const { read } = memory()
    spot = readSpot(read('spot'))
    const collapsed = read('collapsed')
    if (typeof collapsed === 'boolean') host.collapsed = collapsed
    // A phone's whole width is nothing to be taken from a page that has only just begun.
    else if (isFloating() && isPhone(host)) host.collapsed = true
  }

  const float = () => {
    listening = new AbortController()
    const { signal } = listening
    home = freeCorner(isCorner(host.placement) ? host.placement : 'bottom-end', takenCorners(host))
    joinNeighbours(
      host,
      {
        corner: () => spot?.corner ?? home,
        onSheet: () => isSheet() && (host.collapsed = true),
      },
      signal,
    )
    const { visualViewport } = windowOf(host)
    const onViewport = () => sheet.setKeyboard(keyboardHeight(host))
    visualViewport?.addEventListener('resize', onViewport, { signal })
    visualViewport?.addEventListener('scroll', onViewport, { signal })
    onViewport()
    show()
  }

  const land = () => {
    listening?.abort()
    listening = undefined
    drag.stop()
    if (start || isLifted(host)) end()
    putDown(host)
  }

  let floatsFor: Placement | undefined
  let wasCollapsed: boolean | undefined

  const lift = () => {
    const area = isFloating() ? areaOf(host.renderRoot) : undefined
    if (!area || !host.isConnected) return
    // A reset of every element, such as `* { all: revert }`, is stronger than an element's own styles, and takes a floating one for a paragraph.
    if (getComputedStyle(host).position === 'static') {
      sheet.hold()
      show()
    }
    liftWhereNeeded(host, area)
    if (isLifted(host)) sheet.relayout()
  }

  host.addController({
    hostUpdate() {
      if (!isRestored) restore()
      // An update may come after the host has left the document, where it takes no corner.
      if (host.isConnected && floatsFor !== host.placement) {
        land()
        if (isFloating()) float()
        else sheet.clear()
        floatsFor = host.placement
        wasCollapsed = undefined
      }
    },
    hostUpdated() {
      if (isToggleFocused) root()?.querySelector<HTMLElement>('.bubble, [part~="button-collapse"]')?.focus({ preventScroll: true })
      isToggleFocused = false
      if (wasCollapsed !== host.collapsed) {
        wasCollapsed = host.collapsed
        lift()
        if (isSheet()) tellSheetOpened(host)
      }
    },
    hostDisconnected() {
      land()
      floatsFor = undefined
    },
  })

  return {
    get isFloating() {
      return isFloating()
    },
    onPointerdown: drag.onPointerdown,
    onKeydown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || !isFloating()) return
      const step = event.shiftKey ? BIG_STEP : STEP
      const moves: Readonly<Record<string, () => void>> = {
        ArrowLeft: () => moveBy(-step, 0),
        ArrowRight: () => moveBy(step, 0),
        ArrowUp: () => moveBy(0, -step),
        ArrowDown: () => moveBy(0, step),
        Home() {
          put(undefined)
          tell()
        },
        ...(spot !== spotAtFocus && { Escape: () => put(spotAtFocus) }),
      }
      const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined
      if (!move) return
      event.preventDefault()
      event.stopPropagation()
      move()
    },
    onFocus() {
      spotAtFocus = spot
    },
    toNextCorner() {
      put({ corner: nextCorner((spot ?? { corner: home }).corner) })
      tell()
    },
    setCollapsed,
  }
}

/** What a fixed element is laid out in: the window, or the ancestor whose transform makes it the ground of all that is fixed in it. */
function areaOf(root: ParentNode): Box | undefined {
  return root.querySelector('.area')?.getBoundingClientRect()
}
