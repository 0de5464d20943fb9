import type { Uploader } from '@upload-panel/core'
import type { UploadPanelRow } from '../list/upload-panel-row.js'
import '../upload-panel.js'
import type { UploadPanel } from '../upload-panel.js'
import type { ItemChange } from './an-item.js'
import { type ScriptedUploader, scriptedUploader } from './scripted-uploader.js'

/** Inside the next animation frame: what is in the DOM now is painted, what is not comes a frame late. */
export function beforePaint(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()))
}

/** One row, as a person meets it. */
export interface RowHarness {
  readonly element: UploadPanelRow
  readonly root: ShadowRoot
  /** Of every text in it, on one line. */
  readonly text: string
  readonly name: string
  readonly badge: string
  readonly percent: string
  readonly problem: string
  readonly bar: HTMLElement | null
  /** Labels of its buttons, without the file's name. */
  readonly actions: readonly string[]
  button(label: string): HTMLButtonElement
}

export interface PanelHarness<U extends Uploader = ScriptedUploader> {
  readonly panel: UploadPanel
  readonly root: ShadowRoot
  readonly uploader: U
  readonly list: HTMLElement
  readonly scroller: HTMLElement
  readonly title: string
  readonly summary: string
  rows(): readonly RowHarness[]
  row(name: string): RowHarness
  /** A button outside the rows. */
  button(label: string | RegExp): HTMLButtonElement
  hasButton(label: string | RegExp): boolean
  /** Adds files by name and waits for the rows. Returns their ids. */
  add(...names: readonly string[]): Promise<readonly string[]>
  /** The element that has focus, looked for through every shadow root. */
  focused(): Element | null
  settle(): Promise<void>
}

export interface ScriptedPanelHarness extends PanelHarness {
  /** Changes an item and waits for its row. */
  set(id: string, change: ItemChange): Promise<void>
}

export interface MountOptions {
  readonly attributes?: Readonly<Record<string, string>>
  readonly parent?: HTMLElement
}

/** Puts a panel over a scripted uploader into the page. `unmountAll` takes it out again. */
export async function mountPanel({
  uploader = scriptedUploader(),
  ...options
}: MountOptions & { readonly uploader?: ScriptedUploader } = {}): Promise<ScriptedPanelHarness> {
  const harness = await mountPanelOver(uploader, options)
  return Object.assign(harness, {
    async set(id: string, change: ItemChange) {
      uploader.set(id, change)
      await harness.settle()
    },
  })
}

/** Puts a panel over any uploader into the page. */
export async function mountPanelOver<U extends Uploader>(
  uploader: U,
  { attributes = {}, parent = document.body }: MountOptions = {},
): Promise<PanelHarness<U>> {
  const panel = document.createElement('upload-panel')
  // Most tests are about what is in a panel, not about where it stands.
  for (const [name, value] of Object.entries({ placement: 'inline', ...attributes })) panel.setAttribute(name, value)
  panel.uploader = uploader
  parent.append(panel)
  mounted.add(panel)
  await panel.updateComplete
  return panelHarness(panel, uploader)
}

const mounted = new Set<UploadPanel>()

export function unmountAll(): void {
  for (const panel of mounted) panel.remove()
  mounted.clear()
}

/** What a test reads off a panel that is in the page. */
export function panelHarness<U extends Uploader>(panel: UploadPanel, uploader: U): PanelHarness<U> {
  const rootOf = (element: Element | null | undefined): ShadowRoot => {
    if (!element?.shadowRoot) throw new Error('The element that the test looks for is not rendered.')
    return element.shadowRoot
  }
  const root = rootOf(panel)
  const list = () => rootOf(root.querySelector('upload-panel-list'))
  const text = (from: ParentNode, selector: string) => plain(from.querySelector(selector)?.textContent)
  const buttons = () => Array.from(root.querySelectorAll('button'))
  const find = (label: string | RegExp) =>
    buttons().find((button) => {
      const name = plain(button.getAttribute('aria-label') ?? button.textContent)
      return typeof label === 'string' ? name === label : label.test(name)
    })

  const harness: PanelHarness<U> = {
    panel,
    root,
    uploader,
    get list() {
      return root.querySelector('upload-panel-list') as HTMLElement
    },
    get scroller() {
      return list().querySelector('.scroller') as HTMLElement
    },
    get title() {
      return text(root, '.title')
    },
    get summary() {
      return text(root, '.summary')
    },
    rows: () => Array.from(list().querySelectorAll('upload-panel-row'), rowHarness),
    row(name) {
      const row = harness.rows().find((candidate) => candidate.name === name)
      if (!row)
        throw new Error(
          `No row is named ${name}: ${harness
            .rows()
            .map((candidate) => candidate.name)
            .join()}`,
        )
      return row
    },
    button(label) {
      const button = find(label)
      if (!button) throw new Error(`No button is named ${label}.`)
      return button
    },
    hasButton: (label) => find(label) !== undefined,
    async add(...names) {
      const ids = uploader.add(names.map((name) => new File(['content'], name)))
      await harness.settle()
      return ids
    },
    focused() {
      let element = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      return element
    },
    async settle() {
      // Measuring follows layout, and what it changes follows a frame later.
      await beforePaint()
      await beforePaint()
    },
  }
  return harness
}

function rowHarness(element: UploadPanelRow): RowHarness {
  const root = element.shadowRoot as ShadowRoot
  const text = (selector: string) => plain(root.querySelector(selector)?.textContent)
  const buttons = () => Array.from(root.querySelectorAll('button'))
  return {
    element,
    root,
    get text() {
      return plain(root.textContent)
    },
    get name() {
      return text('.name .whole')
    },
    get badge() {
      return text('.badge')
    },
    get percent() {
      return text('.percent')
    },
    get problem() {
      return text('.problem')
    },
    get bar() {
      return root.querySelector<HTMLElement>('.bar')
    },
    get actions() {
      return buttons().map((button) => button.title)
    },
    button(label) {
      const button = buttons().find((candidate) => candidate.title === label)
      if (!button)
        throw new Error(
          `The row has no button ${label}: ${buttons()
            .map((candidate) => candidate.title)
            .join()}`,
        )
      return button
    },
  }
}

function plain(text: string | null | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim()
}
