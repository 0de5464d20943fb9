import { expect } from 'chai'
import { browserEnvironment, type WakeReason } from './environment.js'

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

/** Puts something else in the place of a property until the test ends. */
function stub<T extends object, K extends keyof T & string>(target: T, key: K, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(target, key)
  Object.defineProperty(target, key, { configurable: true, writable: true, value })
  undo.push(() => {
    if (own === undefined) Reflect.deleteProperty(target, key)
    else Object.defineProperty(target, key, own)
  })
}

/** Timers that run when the test says so. */
function stubTimers() {
  const timers = new Map<number, { readonly callback: () => void; readonly ms: number }>()
  let count = 0
  stub(window, 'setTimeout', (callback: () => void, ms: number) => {
    timers.set((count += 1), { callback, ms })
    return count
  })
  stub(window, 'clearTimeout', (id: number) => timers.delete(id))
  return timers
}

/** A page that is not painted: frames are asked for, and never come. */
function stubHiddenPage() {
  const frames = new Set<number>()
  let count = 0
  stub(window, 'requestAnimationFrame', () => {
    frames.add((count += 1))
    return count
  })
  stub(window, 'cancelAnimationFrame', (id: number) => frames.delete(id))
  return frames
}

describe('the next frame', () => {
  it('comes before the next paint, and leaves no timer behind', async () => {
    const timers = stubTimers()
    const order: string[] = []
    await new Promise<void>((resolve) => {
      browserEnvironment().nextFrame(() => order.push('ours'))
      requestAnimationFrame(() => {
        order.push("the page's")
        resolve()
      })
    })
    expect(order).to.deep.equal(['ours', "the page's"])
    expect(timers.size).to.equal(0)
  })

  it('comes within 250 ms on a page that is not painted, once', () => {
    const frames = stubHiddenPage()
    const timers = stubTimers()
    let calls = 0
    browserEnvironment().nextFrame(() => (calls += 1))
    const [timer] = timers.values()
    expect(timer?.ms).to.equal(250)
    timer?.callback()
    expect(calls).to.equal(1)
    expect(frames.size, 'frames that are still asked for').to.equal(0)
  })

  it('comes where there are no frames at all', () => {
    stub(window, 'requestAnimationFrame', undefined)
    const timers = stubTimers()
    let calls = 0
    browserEnvironment().nextFrame(() => (calls += 1))
    for (const { callback } of timers.values()) callback()
    expect(calls).to.equal(1)
  })

  it('does not come once it was cancelled, neither by frame nor by timer', () => {
    const frames = stubHiddenPage()
    const timers = stubTimers()
    browserEnvironment().nextFrame(() => {})()
    expect([frames.size, timers.size]).to.deep.equal([0, 0])
  })
})

describe('a guard', () => {
  const leave = () => {
    const event = new Event('beforeunload', { cancelable: true })
    window.dispatchEvent(event)
    return event.defaultPrevented
  }

  it('has the browser ask before the page is left, until it is ended', () => {
    const end = browserEnvironment().guardLeaving()
    expect(leave()).to.equal(true)
    end()
    expect(leave()).to.equal(false)
  })

  /** Locks that were asked for, and not released. */
  function stubWakeLock() {
    const locks = new Set<object>()
    const request = async () => {
      const lock = { release: async () => void locks.delete(lock) }
      locks.add(lock)
      return Promise.resolve(lock)
    }
    stub(navigator, 'wakeLock', { request })
    return locks
  }

  it('keeps the screen on, asks again when the page is looked at again, and lets go in the end', async () => {
    const locks = stubWakeLock()
    const end = browserEnvironment().keepAwake()
    expect(locks.size).to.equal(1)
    // The browser takes the lock of a hidden page.
    locks.clear()
    stub(document, 'visibilityState', 'visible')
    document.dispatchEvent(new Event('visibilitychange'))
    expect(locks.size).to.equal(1)
    await Promise.resolve()
    end()
    await new Promise((resolve) => setTimeout(resolve))
    expect(locks.size).to.equal(0)
    document.dispatchEvent(new Event('visibilitychange'))
    expect(locks.size).to.equal(0)
  })

  it('that is ended before the browser answers leaves no lock', async () => {
    const locks = stubWakeLock()
    browserEnvironment().keepAwake()()
    await new Promise((resolve) => setTimeout(resolve))
    expect(locks.size).to.equal(0)
  })

  it('minds neither a browser that cannot nor one that refuses', () => {
    stub(navigator, 'wakeLock', { request: () => Promise.reject(new DOMException('No.', 'NotAllowedError')) })
    browserEnvironment().keepAwake()()
  })
})

describe('waking up', () => {
  const listen = () => {
    const reasons: WakeReason[] = []
    const stop = browserEnvironment().onWake((reason) => reasons.push(reason))
    undo.push(stop)
    return { reasons, stop }
  }
  const show = (visibility: DocumentVisibilityState) => {
    stub(document, 'visibilityState', visibility)
    document.dispatchEvent(new Event('visibilitychange'))
  }
  const showAgain = (persisted: boolean) => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted }))

  it('is told when the page becomes visible, and not when it is hidden', () => {
    const { reasons } = listen()
    show('hidden')
    expect(reasons).to.deep.equal([])
    show('visible')
    expect(reasons).to.deep.equal(['visible'])
  })

  it('is told when the page is thawed, although nobody looks at it', () => {
    const { reasons } = listen()
    document.dispatchEvent(new Event('resume'))
    expect(reasons).to.deep.equal(['visible'])
  })

  it('is told when the page comes out of the back/forward cache, and not when it was loaded', () => {
    const { reasons } = listen()
    showAgain(false)
    expect(reasons).to.deep.equal([])
    showAgain(true)
    expect(reasons).to.deep.equal(['pageshow'])
  })

  it('is told when the network returns', () => {
    const { reasons } = listen()
    window.dispatchEvent(new Event('offline'))
    window.dispatchEvent(new Event('online'))
    expect(reasons).to.deep.equal(['online'])
  })

  it('is not told any more to one who has left, and goes on for the others', () => {
    const left = listen()
    const stays = listen()
    left.stop()
    left.stop()
    show('visible')
    showAgain(true)
    window.dispatchEvent(new Event('online'))
    expect(left.reasons).to.deep.equal([])
    expect(stays.reasons).to.deep.equal(['visible', 'pageshow', 'online'])
  })
})

describe('the environment', () => {
  it('makes ids of 32 hexadecimal digits, each another one', () => {
    const { createId } = browserEnvironment()
    const ids = Array.from({ length: 1000 }, createId)
    expect(ids.filter((id) => !/^[0-9a-f]{32}$/.test(id))).to.deep.equal([])
    expect(new Set(ids).size).to.equal(ids.length)
  })

  it('makes ids on pages without a secure context, where randomUUID is not', () => {
    stub(crypto, 'randomUUID', undefined)
    expect(browserEnvironment().createId()).to.match(/^[0-9a-f]{32}$/)
  })

  it('believes what the browser says of the network', () => {
    stub(navigator, 'onLine', false)
    expect(browserEnvironment().isOnline()).to.equal(false)
    stub(navigator, 'onLine', true)
    expect(browserEnvironment().isOnline()).to.equal(true)
  })

  it('reports what listeners throw where the page would see its own errors', () => {
    const reported: unknown[] = []
    stub(window, 'reportError', (error: unknown) => reported.push(error))
    const error = new Error('mine')
    browserEnvironment().reportError(error)
    expect(reported).to.deep.equal([error])
  })

  it('knows the base of relative addresses', () => {
    expect(browserEnvironment().baseUrl).to.equal(document.baseURI)
  })

  it('cancels timers', () => {
    const timers = stubTimers()
    browserEnvironment().clock.setTimeout(() => {}, 5)()
    expect(timers.size).to.equal(0)
  })

  it('tells the protocol last spoken to an origin, and nothing of one that it never spoke to', () => {
    const entry = (name: string, nextHopProtocol: string) => ({ name, nextHopProtocol })
    const entries = [
      entry('https://storage.test/1', 'http/1.1'),
      entry('https://storage.test/2', 'h2'),
      entry('https://storage.test.evil/3', 'h3'),
      entry('https://storage.test/4', ''),
    ]
    let lookUps = 0
    stub(performance, 'getEntriesByType', () => ((lookUps += 1), [...entries]))
    const { protocolOf } = browserEnvironment()
    expect(protocolOf('https://elsewhere.test')).to.equal('')
    expect(protocolOf('https://storage.test')).to.equal('h2')
    expect(protocolOf('https://storage.test')).to.equal('h2')
    expect(lookUps, 'looks for what is known already').to.equal(2)
  })

  it('tells the protocol of an origin as soon as the browser does', () => {
    const entries = [{ name: 'https://storage.test/1', nextHopProtocol: '' }]
    stub(performance, 'getEntriesByType', () => [...entries])
    const { protocolOf } = browserEnvironment()
    expect(protocolOf('https://storage.test')).to.equal('')
    entries.push({ name: 'https://storage.test/2', nextHopProtocol: 'h3' })
    expect(protocolOf('https://storage.test')).to.equal('h3')
  })
})
