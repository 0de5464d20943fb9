import type { WindowPage } from './window-page.js'

/** A window of a chosen size with a page of its own: a frame, since not every engine lets a test resize the real one. */
export interface SmallWindow {
  readonly window: Window & typeof globalThis
  readonly page: WindowPage
  resize(width: number, height: number): Promise<void>
  /** A pointer goes down on an element, through the points, and up; with `keep` it is the returned function that takes it up. */
  drag(
    handle: Element,
    path: readonly (readonly [x: number, y: number])[],
    how?: { readonly pointerType?: string; readonly keep?: boolean },
  ): () => void
}

let only: Promise<SmallWindow> | undefined

/** The one small window of a test file, as large as this test wants it: the panel's modules are loaded once. */
export async function openWindow({ width, height }: { readonly width: number; readonly height: number }): Promise<SmallWindow> {
  only ??= makeWindow()
  const opened = await only
  await opened.resize(width, height)
  return opened
}

/** Leaves nothing of a test in the small window for the next. */
export async function clearWindow(): Promise<void> {
  const { window, page } = (await only) ?? {}
  if (!window) return
  page?.unmountAll()
  window.localStorage.clear()
  window.document.head.replaceChildren()
  window.document.body.replaceChildren()
  for (const attribute of ['dir', 'style']) window.document.documentElement.removeAttribute(attribute)
}

async function makeWindow(): Promise<SmallWindow> {
  const frame = document.createElement('iframe')
  frame.style.cssText = `border:0;position:fixed;inset:0 auto auto 0;background:#888`
  const module = new URL('./window-page.ts', import.meta.url).pathname
  frame.srcdoc = `<!doctype html><html lang="en"><body style="margin:0"><script type="module" src="${module}"></script>`
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  document.body.append(frame)
  await loaded
  const inner = frame.contentWindow as (Window & typeof globalThis & { readonly page: WindowPage }) | null
  if (!inner) throw new Error('The frame has no window.')

  return {
    window: inner,
    page: inner.page,
    async resize(nextWidth, nextHeight) {
      frame.style.width = `${nextWidth}px`
      frame.style.height = `${nextHeight}px`
      await new Promise((resolve) => inner.requestAnimationFrame(() => inner.requestAnimationFrame(resolve)))
    },
    drag(handle, path, { pointerType = 'mouse', keep = false } = {}) {
      const { left, top, width: wide, height: high } = handle.getBoundingClientRect()
      const at = ([x, y]: readonly [number, number]) => ({
        bubbles: true,
        composed: true,
        cancelable: true,
        isPrimary: true,
        pointerId: 7,
        pointerType,
        clientX: left + wide / 2 + x,
        clientY: top + high / 2 + y,
      })
      const end = at(path.at(-1) ?? [0, 0])
      handle.dispatchEvent(new inner.PointerEvent('pointerdown', at([0, 0])))
      for (const point of path) handle.dispatchEvent(new inner.PointerEvent('pointermove', at(point)))
      const release = () => void handle.dispatchEvent(new inner.PointerEvent('pointerup', end))
      if (!keep) release()
      return release
    },
  }
}
