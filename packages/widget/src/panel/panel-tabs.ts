import { browserEnvironment, type Uploader, type UploadSummary } from '@upload-panel/core'
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'
import type { IdList } from '../shared/id-list.js'
import { memoryName, memoryOf } from '../shared/memory.js'
import { countIn, isTab, type Tab, TABS } from './tab.js'
import { createTabIds, type TabIds } from './tab-ids.js'

interface TabsHost extends ReactiveControllerHost, HTMLElement {
  tab: Tab
  readonly remember: string
  readonly endpoint: string
  readonly renderRoot: HTMLElement | DocumentFragment
}

/** The chosen tab, and what it shows. */
export interface Tabs {
  readonly current: Tab
  /** `undefined` where all are shown. */
  readonly ids: IdList | undefined
  /** Shows another uploader's files, or another tab's. Called before each render. */
  follow(uploader: Uploader | undefined): void
  /** What the person does: remembered for the next visit. */
  choose(tab: Tab): void
  /** The file that the keyboard is at must not move away. */
  readonly keep: (id: string | undefined) => void
  /** For the element around the list: nor must what a pointer is at. */
  readonly onPointer: (event: PointerEvent) => void
  readonly onFocusout: () => void
}

export function tabsController(host: TabsHost): Tabs {
  const { nextFrame } = browserEnvironment()
  let isRestored = false
  let shown: { readonly uploader: Uploader; readonly tab: Tab; readonly tabIds: TabIds } | undefined

  const current = (): Tab => (isTab(host.tab) ? host.tab : 'all')
  const memory = () => memoryOf(memoryName(host))

  const leave = () => {
    shown?.tabIds.dispose()
    shown = undefined
  }

  host.addController({
    hostConnected: () => host.requestUpdate(),
    hostUpdate() {
      if (isRestored) return
      isRestored = true
      const kept = memory().read('tab')
      // The page's own word counts for more.
      if (isTab(kept) && current() === 'all' && !host.hasAttribute('tab')) host.tab = kept
    },
    hostUpdated() {
      // An element that has gone tells nobody that the pointer has left it.
      if (!host.renderRoot.querySelector('.files')) shown?.tabIds.hold(false)
    },
    hostDisconnected: leave,
  })

  return {
    get current() {
      return current()
    },
    get ids() {
      return shown?.tabIds.ids
    },
    follow(uploader) {
      const tab = current()
      if (uploader === shown?.uploader && tab === shown?.tab) return
      leave()
      if (uploader === undefined || tab === 'all' || !host.isConnected) return
      shown = { uploader, tab, tabIds: createTabIds({ uploader, tab, nextFrame, onChange: () => host.requestUpdate() }) }
    },
    choose(tab) {
      host.tab = tab
      memory().write('tab', tab)
    },
    onPointer({ type }) {
      shown?.tabIds.hold(type === 'pointerenter')
    },
    keep: (id) => shown?.tabIds.keep(id),
    onFocusout() {
      // A window that loses the focus gives it back to where it was.
      if (document.hasFocus()) shown?.tabIds.keep(undefined)
    },
  }
}

export interface TabsOptions {
  readonly current: Tab
  readonly summary: UploadSummary
  readonly messages: Messages
  readonly onChoose: (tab: Tab) => void
}

/** By the pattern of ARIA: one tab stop, the arrow keys choose. */
export function renderTabs({ current, summary, messages, onChoose }: TabsOptions): TemplateResult {
  const { panel, formats } = messages
  const onKeydown = (event: KeyboardEvent) => {
    const { currentTarget: list } = event
    if (!(list instanceof HTMLElement)) return
    const next = tabFor(event, current, getComputedStyle(list).direction === 'rtl')
    if (!next) return
    event.preventDefault()
    onChoose(next)
    list.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
  }
  return html`<div class="tabs" part="tabs" role="tablist" aria-label=${panel.tabs} @keydown=${onKeydown}>
    ${TABS.map((tab) => {
      const count = countIn(tab, summary)
      return html`<button
        type="button"
        role="tab"
        id="tab-${tab}"
        class="tab ${count === 0 ? 'none' : ''}"
        part="tab tab-${tab}"
        aria-selected=${tab === current}
        aria-controls="files"
        tabindex=${tab === current ? 0 : -1}
        @click=${() => onChoose(tab)}
      >
        ${panel.tab[tab]} <span class="tab-count" part="tab-count">${formats.count(count)}</span>
      </button>`
    })}
  </div>`
}

function tabFor({ key, altKey, ctrlKey, metaKey }: KeyboardEvent, current: Tab, isRtl: boolean): Tab | undefined {
  if (altKey || ctrlKey || metaKey) return undefined
  const index = TABS.indexOf(current)
  switch (key) {
    case isRtl ? 'ArrowLeft' : 'ArrowRight':
      return TABS[(index + 1) % TABS.length]
    case isRtl ? 'ArrowRight' : 'ArrowLeft':
      return TABS.at(index - 1)
    case 'Home':
      return TABS[0]
    case 'End':
      return TABS.at(-1)
    default:
      return undefined
  }
}

export interface FilesOptions {
  readonly tabs: Tabs
  readonly summary: UploadSummary
  readonly messages: Messages
  readonly list: TemplateResult
}

/** The list under its tab, or what is said in the place of one. */
export function renderFiles({ tabs, summary, messages, list }: FilesOptions): TemplateResult {
  const { current, ids } = tabs
  const hasFiles = summary.total > 0
  const isEmpty = hasFiles && ids?.length === 0
  return html`<div
    class="files"
    id="files"
    role=${hasFiles ? 'tabpanel' : nothing}
    aria-labelledby=${hasFiles ? `tab-${current}` : nothing}
    tabindex=${isEmpty ? 0 : nothing}
    @pointerenter=${tabs.onPointer}
    @pointerleave=${tabs.onPointer}
    @focusout=${tabs.onFocusout}
  >
    ${list}
    ${isEmpty ? html`<p class="nothing" part="nothing"><bdi>${messages.panel.nothing[current]}</bdi></p>` : nothing}
  </div>`
}
