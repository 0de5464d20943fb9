import type { Corner } from './frame-geometry.js'

/** Asks the floating panels of the page which corners they are in: those of another copy of this script answer as well. */
const ASK_CORNERS = 'upload-panel-ask-corners'
/** Tells them that another sheet covers the screen. */
const SHEET_OPENED = 'upload-panel-sheet-opened'

export interface NeighbourOptions {
  /** The corner that this panel is in. */
  corner(): Corner
  /** Another panel covers the screen of the phone. */
  onSheet(): void
}

/** Answers the other panels of the page until the signal. */
export function joinNeighbours(host: Element, { corner, onSheet }: NeighbourOptions, signal: AbortSignal): void {
  const { ownerDocument: page } = host
  page.addEventListener(
    ASK_CORNERS,
    (event) => {
      if ('detail' in event && event.detail instanceof Set) event.detail.add(corner())
    },
    { signal },
  )
  page.addEventListener(
    SHEET_OPENED,
    (event) => {
      if ('detail' in event && event.detail !== host) onSheet()
    },
    { signal },
  )
}

/** The corners that other panels are in. */
export function takenCorners({ ownerDocument: page }: Element): ReadonlySet<Corner> {
  const taken = new Set<Corner>()
  page.dispatchEvent(new CustomEvent(ASK_CORNERS, { detail: taken }))
  return taken
}

export function tellSheetOpened(host: Element): void {
  host.ownerDocument.dispatchEvent(new CustomEvent(SHEET_OPENED, { detail: host }))
}
