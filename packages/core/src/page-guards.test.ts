import { describe, expect, it } from 'vitest'
import { settle } from './testing/manual-clock.js'
import type { PersistenceFactory, PersistenceHost } from './persistence/persistence.js'
import { startEngine } from './testing/engine.js'

const guards = ({ world }: ReturnType<typeof startEngine>) => {
  world.paint()
  return [...world.guards].sort()
}

describe('a page with uploads', () => {
  it('asks before it is left, and keeps the screen on, while there are bytes to send', async () => {
    const engine = startEngine({ beforeUnload: true, wakeLock: true })
    expect(guards(engine)).toEqual([])
    const [id = ''] = await engine.add([4])
    expect(guards(engine)).toEqual(['awake', 'leaving'])
    engine.waiting(id)[0]?.respond(200)
    await settle()
    // The server has it: it needs no page for its work.
    expect(engine.item(id).phase).toBe('processing')
    expect(guards(engine)).toEqual([])
  })

  it('asks also for what is paused or waits; the screen may go off', async () => {
    const engine = startEngine({ beforeUnload: true, wakeLock: true })
    const [id = ''] = await engine.add([4])
    engine.uploader.pause(id)
    expect(guards(engine)).toEqual(['leaving'])
    engine.uploader.resume(id)
    engine.uploader.pause()
    expect(guards(engine)).toEqual(['leaving'])
    engine.uploader.cancel(id)
    expect(guards(engine)).toEqual([])
  })

  it('does not ask for what another tab sends', async () => {
    let host: PersistenceHost | undefined
    const persistence: PersistenceFactory = (given) => ((host = given), { start() {}, forward: () => false, dispose() {} })
    const engine = startEngine({ beforeUnload: true, persistence })
    const [id = ''] = await engine.add([4])
    expect(guards(engine)).toEqual(['leaving'])
    host?.mirror([{ ...engine.item(id), mirrored: true }])
    expect(engine.item(id).phase).toBe('uploading')
    expect(guards(engine)).toEqual([])
  })

  it('does neither unless it is told to', async () => {
    const engine = startEngine()
    await engine.add([4])
    expect(guards(engine)).toEqual([])
  })

  it('does no more when its uploader is disposed', async () => {
    const engine = startEngine({ beforeUnload: true, wakeLock: true })
    const [id] = await engine.add([4, 4])
    await engine.uploader.dispose()
    engine.uploader.cancel(id)
    expect(guards(engine)).toEqual([])
  })
})
