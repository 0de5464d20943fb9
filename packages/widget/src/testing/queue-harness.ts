import type { UploadItem, UploaderOptions } from '@upload-panel/core'
import { standingOf } from '../queue/line-up.js'
import type { UploadQueueRow } from '../queue/upload-queue-row.js'
import type { UploadQueue } from '../upload-queue.js'
import '../upload-queue.js'
import { beforePaint } from './panel-harness.js'
import { type RealUploader, realUploader } from './real-uploader.js'

/** `<upload-queue>` over a real uploader. */
export interface QueueHarness extends RealUploader {
  readonly queue: UploadQueue
  readonly root: ShadowRoot
  /** Of its list. */
  readonly list: ShadowRoot
  readonly scroller: HTMLElement
  readonly rows: readonly UploadQueueRow[]
  /** Rows as they are read: number and name, `·` for one that uploads. */
  readonly shown: readonly string[]
  /** Names of what waits, as the engine will take it. */
  readonly engineOrder: readonly string[]
  /** What the live region says. */
  readonly said: string
  readonly menu: HTMLElement
  row(name: string): UploadQueueRow
  button(name: string, action: string): HTMLButtonElement
  focused(): Element | null
  settle(): Promise<void>
}

const mounted = new Set<Element>()

export function unmountQueues(): void {
  for (const queue of mounted) queue.remove()
  mounted.clear()
}

export interface QueueOptions {
  readonly names: readonly string[]
  readonly uploader?: Partial<UploaderOptions>
  readonly attributes?: Readonly<Record<string, string>>
  readonly parent?: Element
}

/** Puts a queue with these files into the page. Nothing starts unless `uploader` says so. */
export async function mountQueue({ names, uploader = {}, attributes = {}, parent = document.body }: QueueOptions): Promise<QueueHarness> {
  const real = realUploader({ autoStart: false, ...uploader })
  const queue = document.createElement('upload-queue')
  for (const [name, value] of Object.entries(attributes)) queue.setAttribute(name, value)
  queue.uploader = real.uploader
  parent.append(queue)
  mounted.add(queue)
  if (names.length > 0) real.uploader.add(names.map((name) => new File(['content'], name)))
  const harness = queueHarness(queue, real)
  await harness.settle()
  return harness
}

function queueHarness(queue: UploadQueue, real: RealUploader): QueueHarness {
  const rootOf = (element: Element | null): ShadowRoot => {
    if (!element?.shadowRoot) throw new Error('The element that the test looks for is not rendered.')
    return element.shadowRoot
  }
  const find = <E extends Element>(from: ParentNode, selector: string): E => {
    const found = from.querySelector<E>(selector)
    if (!found) throw new Error(`There is no ${selector}.`)
    return found
  }
  const nameOf = (row: UploadQueueRow) => rootOf(row).querySelector('.name .whole')?.textContent ?? ''

  const harness: QueueHarness = {
    ...real,
    queue,
    root: rootOf(queue),
    get list() {
      return rootOf(find(rootOf(queue), 'upload-queue-list'))
    },
    get scroller() {
      return find<HTMLElement>(harness.list, '.scroller')
    },
    get rows() {
      return Array.from(harness.list.querySelectorAll('upload-queue-row'))
    },
    get shown() {
      return harness.rows.map((row) => `${rootOf(row).querySelector('.position')?.textContent?.trim() || '·'} ${nameOf(row)}`)
    },
    get engineOrder() {
      return real.uploader
        .items()
        .filter((item) => standingOf(item) === 'waiting')
        .sort((a, b) => b.priority - a.priority)
        .map(({ name }) => name)
    },
    get said() {
      return find(rootOf(queue), '[role=status]').textContent?.trim() ?? ''
    },
    get menu() {
      return find<HTMLElement>(harness.list, '[role=menu]')
    },
    row(name) {
      const row = harness.rows.find((candidate) => nameOf(candidate) === name)
      if (!row) throw new Error(`No row is named ${name}: ${harness.shown.join(', ')}`)
      return row
    },
    button: (name, action) => find<HTMLButtonElement>(rootOf(harness.row(name)), `[data-action=${action}]`),
    focused() {
      let element = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      return element
    },
    async settle() {
      // Measuring follows layout, and what it changes follows a frame later.
      for (let frame = 0; frame < 3; frame += 1) await beforePaint()
    },
  }
  return harness
}

/** Of the file of a name; `undefined` where it is not in the queue. */
export function phaseOf({ uploader }: QueueHarness, name: string): UploadItem['phase'] | undefined {
  return uploader.items().find((item) => item.name === name)?.phase
}
