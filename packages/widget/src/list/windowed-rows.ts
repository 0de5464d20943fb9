import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { IdList } from '../shared/id-list.js'
import { createRowOffsets } from './row-offsets.js'
import { createRowSlots } from './row-slots.js'
import { indexesOf, isSameRange, isSeen, NO_ROWS, rangeOf, stepTo } from './standing-rows.js'

/** After so many milliseconds without a scroll event the list rests. */
const REST_MS = 400

const UNKNOWN = { id: '', height: undefined }

export interface WindowedRowsOptions {
  /** The element that scrolls; `null` until it is rendered. */
  readonly scroller: () => HTMLElement | null
  /** Of a row that has nothing special about it, in pixels. Where rows turn out otherwise, that is learnt. */
  readonly rowHeight: number
}

/** A row to render, with a key for `repeat`. */
export interface WindowedRow {
  readonly id: string
  readonly index: number
  /** Pixels from the top of the list. */
  readonly top: number
  /** Names the element, not the file: a row that scrolls out lends its element to one that scrolls in. */
  readonly slot: number
  readonly isCurrent: boolean
  /** Whether any of it can be seen: others need not show each step of a progress. */
  readonly isInView: boolean
}

/**
 * The few of many rows that exist as elements: those in view, some around them, and the current one wherever it is.
 *
 * The host renders a box of `height` pixels inside its scroller, and in it, by the directive `inPlace`, an absolutely placed element for
 * each of `rows`, with `data-index`, moved down by `top`, and with `ref(watch)`.
 */
export interface WindowedRows {
  readonly ids: IdList
  readonly rows: readonly WindowedRow[]
  readonly height: number
  /** For `inPlace`. */
  readonly isScrolling: boolean
  /** Index of the row that is a tab stop: it stays in the DOM wherever the list is scrolled to. */
  readonly current: number
  setCurrent(index: number): void
  /**
   * Shows other rows. What is in view stays where it is when rows above come or go, and the current row follows its id.
   * Returns `false` if that has left: then the row that took its place is the current one.
   */
  show(ids: IdList): boolean
  /** Scrolls as little as brings a row into view, or puts it at the start. */
  scrollTo(index: number, to?: 'nearest' | 'start'): void
  isInView(index: number): boolean
  /** A row's height has changed, or its element shows another row of unusual height: placed before the next paint, unlike by an observer. */
  resized(row: HTMLElement): void
  /** For `ref`: watches a row's height. */
  readonly watch: (row: Element | undefined) => void
}

/** In whatever order. */
function hasSameIds(ids: IdList, others: IdList): boolean {
  if (ids.length !== others.length) return false
  const known = new Set(ids)
  for (const id of others) if (!known.has(id)) return false
  return true
}

export function windowedRows(host: ReactiveControllerHost, { scroller, rowHeight }: WindowedRowsOptions): WindowedRows {
  const offsets = createRowOffsets(rowHeight)
  let ids: IdList = []
  let current = 0
  let range = NO_ROWS
  let scrollTop = 0
  /** Which way the list was scrolled last. */
  let isGoingUp = false
  let scrollIsDue = false
  /** Pixels by which the browser is still to scroll, since rows above the view have come, gone or changed. */
  let owed = 0
  /** The row at whose end the view is to stay until the list rests: those that came into view with it may turn out higher than was thought. */
  let goal: string | undefined
  /** Not known before the browser has laid out. */
  let isShown: boolean | undefined
  let viewport = 0
  let width = 0
  /** Whether a row was seen in the present width: the smallest is the usual one. */
  let knowsUsual = false

  /** By element, the row that it shows, and how high it was when it was measured last. */
  const watched = new Map<HTMLElement, { readonly id: string; readonly height: number | undefined }>()
  const slots = createRowSlots()
  /** What `rows` gave last. */
  let given: readonly number[] = []
  /** Some that are to be shown wait for the next frame. */
  let isBehind = false

  let connected: HTMLElement | null = null
  let sizeObserver: ResizeObserver | undefined
  let rowObserver: ResizeObserver | undefined
  let frame = 0
  let lateFrame = 0
  let measuresThisTurn = false
  let isScrolling = false
  let scrolledAt = 0
  let restTimer: ReturnType<typeof setTimeout> | undefined
  const due = new Set<HTMLElement>()

  const findRange = () => {
    if (viewport > 0) scrollTop = Math.max(0, Math.min(scrollTop, offsets.total - viewport))
    const heading = isScrolling ? (isGoingUp ? 'up' : 'down') : undefined
    range = rangeOf(offsets, { count: ids.length, scrollTop, viewport, heading })
  }

  const indexOf = (row: HTMLElement) => Number(row.getAttribute('data-index'))
  const idAt = (index: number) => ids.at(index) ?? ''

  /** Renders again if other rows are in view now. */
  const refresh = () => {
    const before = range
    findRange()
    if (!isSameRange(range, before)) host.requestUpdate()
  }

  /** What is at the top of the view stays there, whatever becomes of the rows above it. */
  const keepingPlace = (change: () => void) => {
    const anchor = offsets.indexAt(scrollTop)
    const inView = scrollTop > 0 ? ids.slice(anchor, range.last + 1).map((id, place) => ({ id, top: offsets.top(anchor + place) })) : []
    change()
    for (const { id, top } of inView) {
      const index = ids.indexOf(id)
      if (index < 0) continue
      const shift = offsets.top(index) - top
      scrollTop += shift
      owed += shift
      scrollIsDue ||= shift !== 0
      return
    }
  }

  const learnUsual = () => {
    const heights = Array.from(watched.keys(), (row) => row.offsetHeight).filter((height) => height > 0)
    const smallest = Math.min(...heights, knowsUsual ? offsets.usual : Infinity)
    if (!Number.isFinite(smallest)) return
    knowsUsual = true
    if (smallest !== offsets.usual) offsets.setUsual(smallest)
  }

  /** Whether the rows that are due were of other heights than was thought. Reads before anything is written: one layout, however many they are. */
  const measureDue = () => {
    const before = offsets.revision
    keepingPlace(() => {
      learnUsual()
      for (const row of due) {
        const id = ids.at(indexOf(row))
        const height = row.offsetHeight
        // Hidden, or taken out, it has none: that says nothing about the row.
        if (id === undefined || height === 0) continue
        offsets.measured(id, height)
        if (watched.has(row)) watched.set(row, { id, height })
      }
      due.clear()
    })
    const index = goal === undefined ? -1 : ids.indexOf(goal)
    if (index >= 0) endAt(index)
    return offsets.revision !== before
  }

  const place = () => {
    cancelAnimationFrame(frame)
    frame = 0
    findRange()
    host.requestUpdate()
  }

  const placeLate = () => {
    lateFrame = 0
    host.requestUpdate()
  }

  /** Asked for by a person's own step, which may come before the observer's word on a list that has just grown. */
  const readViewport = () => {
    if (connected) viewport = connected.clientHeight
  }

  /** Scrolls down as far as a row needs that ends below the view. Answers whether it does. */
  const endAt = (index: number) => {
    const end = offsets.top(index) + offsets.height(index) - viewport
    if (end <= scrollTop) return false
    goTo(end)
    return true
  }

  /** Wherever the browser is. */
  const goTo = (top: number) => {
    scrollTop = top
    owed = 0
    scrollIsDue = true
  }

  const onScroll = () => {
    // A browser may forget the place of what is hidden.
    if (!connected || isShown === false) return
    const before = scrollTop
    scrollTop = connected.scrollTop + owed
    if (scrollTop !== before) isGoingUp = scrollTop < before
    // Not by us, whose steps a browser rounds.
    if (Math.abs(scrollTop - before) > 1) goal = undefined
    isScrolling = true
    scrolledAt = performance.now()
    restTimer ??= setTimeout(lookWhetherItRests, REST_MS)
    refresh()
  }

  /** One timer that looks again, rather than another with each frame of a scroll. */
  const lookWhetherItRests = () => {
    const left = scrolledAt + REST_MS - performance.now()
    restTimer = left > 0 ? setTimeout(lookWhetherItRests, left) : undefined
    if (restTimer !== undefined) return
    isScrolling = false
    goal = undefined
    place()
  }

  const onSize: ResizeObserverCallback = ([entry]) => {
    const box = entry?.contentRect
    if (!box) return
    const wasShown = isShown
    isShown = box.width > 0
    // Hidden: what is known still holds when it is shown again.
    if (!isShown) return
    if (width !== box.width) {
      if (width > 0) keepingPlace(() => offsets.forget())
      knowsUsual = false
      width = box.width
      measure(watched.keys())
    }
    viewport = box.height
    refresh()
    // Where it was before it was hidden, a browser may have put it again, or forgotten. Meanwhile it may show other files.
    if (!wasShown) scrollBrowser()
  }

  const scrollBrowser = () => {
    scrollIsDue = false
    owed = 0
    if (connected) connected.scrollTop = scrollTop
  }

  /** In an observer, after the layout, a height costs nothing. */
  const measure = (rows: Iterable<Element>) => {
    for (const row of rows) if (row instanceof HTMLElement) due.add(row)
    // Moved inside the observer, other rows would be new to it within the same frame, and the browser reports a "ResizeObserver loop" to the page.
    if (measureDue()) frame ||= requestAnimationFrame(place)
  }

  const connect = () => {
    const element = scroller()
    if (element === connected) return
    disconnect()
    if (!element) return
    connected = element
    element.addEventListener('scroll', onScroll, { passive: true })
    sizeObserver = new ResizeObserver(onSize)
    sizeObserver.observe(element)
    rowObserver = new ResizeObserver((entries) => measure(entries.map(({ target }) => target)))
    // A browser forgets the place of what is taken out of the document, or moved.
    scrollIsDue = scrollTop > 0
  }

  const disconnect = () => {
    connected?.removeEventListener('scroll', onScroll)
    connected = null
    sizeObserver?.disconnect()
    rowObserver?.disconnect()
    for (const row of watched.keys()) watched.set(row, UNKNOWN)
    due.clear()
    cancelAnimationFrame(frame)
    cancelAnimationFrame(lateFrame)
    frame = lateFrame = 0
    isShown = goal = undefined
    clearTimeout(restTimer)
    restTimer = undefined
    isScrolling = false
  }

  /** An element that shows another row now is measured again where that should be of another height: its own may not change. */
  const watchAll = () => {
    for (const [row, { id, height }] of watched) {
      if (!row.isConnected) {
        watched.delete(row)
        rowObserver?.unobserve(row)
        continue
      }
      const index = indexOf(row)
      const shown = idAt(index)
      if (shown === id) continue
      watched.set(row, { id: shown, height })
      if (height === offsets.height(index)) continue
      rowObserver?.unobserve(row)
      rowObserver?.observe(row)
    }
  }

  const controller: ReactiveController = {
    hostUpdate() {
      // A step of the scroll of which no event has come yet.
      if (connected && owed !== 0) scrollTop = connected.scrollTop + owed
    },
    hostUpdated() {
      connect()
      watchAll()
      // Not in the frame that is being made, to which a scroll's own callbacks belong.
      if (isBehind) lateFrame ||= requestAnimationFrame(() => (lateFrame = requestAnimationFrame(placeLate)))
      if (scrollIsDue) scrollBrowser()
    },
    hostDisconnected: disconnect,
  }
  host.addController(controller)

  return {
    get ids() {
      return ids
    },
    get rows() {
      const all = indexesOf(range, current, ids.length)
      const stands = (index: number) => slots.of(idAt(index)) !== undefined
      given = isScrolling ? stepTo(all, { range, current, before: given, stands }) : all
      isBehind = given !== all
      slots.give(given.map(idAt))
      return given.map((index) => {
        const id = idAt(index)
        return {
          id,
          index,
          top: offsets.top(index),
          slot: slots.of(id) ?? 0,
          isCurrent: index === current,
          isInView: isSeen(index, range),
        }
      })
    },
    get height() {
      return offsets.total
    },
    get isScrolling() {
      return isScrolling
    },
    get current() {
      return current
    },
    setCurrent(index) {
      current = index
      host.requestUpdate()
    },
    show(next) {
      const currentId = ids.at(current)
      const isReordered = hasSameIds(ids, next)
      const change = () => {
        ids = next
        given = isScrolling
          ? slots
              .ids()
              .map((id) => next.indexOf(id))
              .filter((index) => index >= 0)
          : []
        offsets.show(next)
      }
      if (isReordered) change()
      else keepingPlace(change)
      findRange()
      host.requestUpdate()
      if (currentId === undefined || next.at(current) === currentId) return true
      const index = next.indexOf(currentId)
      current = index < 0 ? Math.max(0, Math.min(current, next.length - 1)) : index
      return index >= 0
    },
    scrollTo(index, to = 'nearest') {
      readViewport()
      const top = offsets.top(index)
      goal = undefined
      if (to === 'start' || top < scrollTop) goTo(top)
      else if (endAt(index)) goal = ids.at(index)
      else return
      findRange()
      host.requestUpdate()
    },
    isInView(index) {
      readViewport()
      return offsets.top(index) >= scrollTop && offsets.top(index) + offsets.height(index) <= scrollTop + viewport
    },
    resized(row) {
      // All that render in this turn are measured together, once they stand.
      due.add(row)
      if (measuresThisTurn) return
      measuresThisTurn = true
      queueMicrotask(() => {
        measuresThisTurn = false
        if (measureDue()) place()
      })
    },
    watch(row) {
      // `ref` says the same again at each render, where many elements share a callback.
      if (row instanceof HTMLElement && !watched.has(row)) watched.set(row, UNKNOWN)
    },
  }
}
