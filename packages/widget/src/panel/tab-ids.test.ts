import type { UploadItem } from '@upload-panel/core'
import { describe, expect, it } from 'vitest'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import type { Tab } from './tab.js'
import { createTabIds } from './tab-ids.js'

const file = (name: string) => new File(['x'], name)

/** Files a, b, c …, which stand for their own ids below. */
function setUp(tab: Exclude<Tab, 'all'>, count = 4) {
  const uploader = scriptedUploader()
  const names = new Map<string, string>()
  const add = (...added: readonly string[]) => {
    for (const id of uploader.add(added.map(file))) names.set(id, uploader.items().find((item) => item.id === id)?.name ?? '')
  }
  add(...Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index)))
  const frames: (() => void)[] = []
  let changes = 0
  const tabIds = createTabIds({
    uploader,
    tab,
    nextFrame(callback) {
      frames.push(callback)
      return () => void frames.splice(frames.indexOf(callback), 1)
    },
    onChange: () => (changes += 1),
  })
  const id = (name: string) => uploader.items().find((item) => item.name === name)?.id ?? ''
  return {
    uploader,
    tabIds,
    add,
    id,
    becomes: (name: string, phase: UploadItem['phase']) => uploader.set(id(name), { phase }),
    paint: () => frames.splice(0).forEach((frame) => frame()),
    shown: () => [...tabIds.ids].map((one) => names.get(one)).join(''),
    changes: () => changes,
  }
}

it('begins with what is under the tab', () => {
  const { becomes, shown, uploader } = setUp('active')
  becomes('b', 'completed')
  expect(shown()).toBe('abcd')
  const later = createTabIds({ uploader, tab: 'active', nextFrame: () => () => {}, onChange() {} })
  expect(later.ids.length).toBe(3)
})

it('follows what files become, in the order of the queue, told once a frame', () => {
  const { becomes, paint, shown, changes } = setUp('completed')
  becomes('c', 'completed')
  becomes('a', 'completed')
  becomes('b', 'failed')
  expect([shown(), changes()]).toEqual(['', 0])
  paint()
  expect([shown(), changes()]).toEqual(['ac', 1])
})

it('is silent about what stays under its tab, and about what came back before the frame', () => {
  const { becomes, paint, shown } = setUp('active')
  becomes('a', 'uploading')
  becomes('a', 'processing')
  becomes('b', 'failed')
  becomes('b', 'queued')
  paint()
  expect(shown()).toBe('abcd')
})

it('has files at once that are added, and no more those that are removed', () => {
  const { uploader, add, shown, id, becomes, paint } = setUp('active')
  becomes('b', 'completed')
  add('e')
  expect(shown()).toBe('acde')
  uploader.remove(id('a'))
  expect(shown()).toBe('cde')
  paint()
  expect(shown()).toBe('cde')
})

describe('while it is held', () => {
  it('nothing leaves or comes, and all of it happens afterwards', () => {
    const { tabIds, becomes, paint, shown } = setUp('active')
    becomes('d', 'failed')
    paint()
    tabIds.hold(true)
    becomes('a', 'completed')
    becomes('d', 'queued')
    paint()
    expect(shown()).toBe('abc')
    tabIds.hold(false)
    paint()
    expect(shown()).toBe('bcd')
  })

  it('added files come at its end all the same, and removed ones leave', () => {
    const { uploader, tabIds, becomes, add, paint, shown, id } = setUp('active')
    tabIds.hold(true)
    becomes('a', 'completed')
    becomes('b', 'completed')
    add('e')
    expect(shown()).toBe('abcde')
    uploader.remove(id('b'))
    expect(shown()).toBe('acde')
    tabIds.hold(false)
    paint()
    expect(shown()).toBe('cde')
  })

  it('what came back meanwhile stays', () => {
    const { tabIds, becomes, paint, shown } = setUp('active')
    tabIds.hold(true)
    becomes('a', 'failed')
    becomes('a', 'queued')
    tabIds.hold(false)
    paint()
    expect(shown()).toBe('abcd')
  })
})

it('what happened while it was held counts no more once it is not', () => {
  const { tabIds, becomes, add, paint, shown } = setUp('active')
  tabIds.hold(true)
  becomes('a', 'completed')
  tabIds.hold(false)
  paint()
  becomes('a', 'queued')
  add('e')
  expect(shown()).toBe('abcde')
})

it('comes into a list that is held and empty', () => {
  const { tabIds, becomes, paint, shown } = setUp('failed')
  tabIds.hold(true)
  becomes('a', 'failed')
  paint()
  expect(shown()).toBe('a')
})

it('keeps the file that has focus, and no other', () => {
  const { tabIds, becomes, paint, shown, id } = setUp('active')
  tabIds.keep(id('b'))
  becomes('a', 'completed')
  becomes('b', 'completed')
  paint()
  expect(shown()).toBe('bcd')
  tabIds.keep(id('c'))
  paint()
  expect(shown()).toBe('cd')
})

it('lets go of the uploader', () => {
  const { uploader, tabIds, becomes, paint, changes } = setUp('active')
  becomes('a', 'completed')
  tabIds.dispose()
  paint()
  becomes('b', 'completed')
  expect([uploader.listenerCount(), changes()]).toEqual([0, 0])
})
