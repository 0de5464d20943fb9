import { describe, expect, it } from 'vitest'
import { settle } from '../testing/manual-clock.js'
import { startEngine } from '../testing/engine.js'
import { uniqueContent } from './unique-content.js'

const start = () => startEngine({ restrictions: { validate: uniqueContent() }, autoStart: false })
const file = (name: string, ...content: string[]) => new File(content, name)
/** Blobs are read in turns of the event loop of their own. */
const read = async () => {
  for (let turn = 0; turn < 10; turn += 1) await settle()
}

describe('unique content', () => {
  it('refuses the second of two files with the same bytes, whatever it is called', async () => {
    const engine = start()
    engine.uploader.add([file('a.txt', 'poem'), file('copy of a.txt', 'poem')])
    await read()
    expect(engine.phases()).toEqual(['queued', 'failed'])
    expect(engine.uploader.items()[1]).toMatchObject({ error: { code: 'validation', message: 'This file is in the list already.' } })
  })

  it('takes files of the same name and size that differ in one byte at the end', async () => {
    const engine = start()
    const long = 'x'.repeat(2 ** 20)
    engine.uploader.add([file('a', long, '1'), file('a', long, '2')])
    await read()
    expect(engine.phases()).toEqual(['queued', 'queued'])
  })

  it('takes a file again once the other one was removed', async () => {
    const engine = start()
    const [first = '', second = ''] = engine.uploader.add([file('a', 'poem'), file('b', 'poem')])
    await read()
    engine.uploader.remove(first)
    engine.uploader.retry(second)
    await read()
    expect(engine.phases()).toEqual(['queued'])
  })

  it('refuses a file also where the first one was made another one by `prepare`', async () => {
    const engine = startEngine({ restrictions: { validate: uniqueContent() }, prepare: () => new File(['small'], 'a.webp') })
    engine.uploader.add([file('a', 'poem')])
    await read()
    expect(engine.phases()).toEqual(['uploading'])
    engine.uploader.add([file('b', 'poem')])
    await read()
    expect(engine.phases()).toEqual(['uploading', 'failed'])
  })

  it('takes a file that is like one that was replaced', async () => {
    const engine = start()
    const [, second = ''] = engine.uploader.add([file('a', 'poem'), file('b', 'poem')])
    await read()
    engine.uploader.replaceFile(second, file('c', 'verse'))
    engine.uploader.add([file('d', 'verse')])
    await read()
    expect(engine.phases()).toEqual(['queued', 'queued', 'failed'])
    engine.uploader.replaceFile(engine.uploader.$ids.get()[2] ?? '', file('e', 'prose'))
    await read()
    expect(engine.phases()).toEqual(['queued', 'queued', 'queued'])
  })

  it('takes as many empty files as there are', async () => {
    const engine = start()
    engine.uploader.add([file('a'), file('b')])
    await read()
    expect(engine.phases()).toEqual(['queued', 'queued'])
  })
})

describe('without the rule', () => {
  it('the same file may be added as often as one likes, each an upload of its own', async () => {
    const engine = startEngine()
    const same = file('a', 'poem')
    const ids = engine.uploader.add([same, same])
    await settle()
    expect(new Set(ids).size).toBe(2)
    expect(engine.phases()).toEqual(['uploading', 'uploading'])
  })
})
