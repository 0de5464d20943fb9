import { legacy_createStore as createStore } from 'redux'
import { describe, expect, it } from 'vitest'
import type { UploadItem } from './item/item.js'
import { startEngine } from './testing/engine.js'

/** As `docs/recipes/stores.md` shows it. */
describe('a Redux store', () => {
  interface State {
    readonly uploads: readonly UploadItem[]
  }
  const reducer = (state: State = { uploads: [] }, action: { readonly type: string; readonly uploads?: readonly UploadItem[] }): State =>
    action.type === 'uploads/changed' ? { ...state, uploads: action.uploads ?? [] } : state

  it('holds the uploads after one line, told once a frame, and the same object for what has not changed', async () => {
    const engine = startEngine()
    const redux = createStore(reducer)
    const stop = engine.uploader.$items.subscribe((uploads) => redux.dispatch({ type: 'uploads/changed', uploads }))
    let changes = 0
    redux.subscribe(() => (changes += 1))

    const [first = '', second = ''] = await engine.add([4, 4])
    engine.world.paint()
    changes = 0
    const before = redux.getState().uploads
    for (const sent of [1, 2, 3]) engine.waiting(first)[0]?.progress(sent)
    engine.world.paint()
    expect(changes).toBe(1)
    expect(redux.getState().uploads.map(({ id, phase }) => [id, phase])).toEqual([
      [first, 'uploading'],
      [second, 'uploading'],
    ])
    expect(redux.getState().uploads[0]).toMatchObject({ sentBytes: 3 })
    expect(redux.getState().uploads[1]).toBe(before[1])

    stop()
    engine.uploader.remove(first)
    engine.world.paint()
    expect(redux.getState().uploads.length).toBe(2)
  })

  it('can be written to a log and read again: items are plain data', async () => {
    const engine = startEngine()
    await engine.add([4])
    const [item] = engine.uploader.items()
    expect(JSON.parse(JSON.stringify(item))).toEqual(item)
  })
})
