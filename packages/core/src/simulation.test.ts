import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UploadError } from './errors.js'
import type { UploadItem } from './item/item.js'
import { isUnfinished } from './item/machine.js'
import { isTerminal, type SyncStatusUpdate } from './protocol/index.js'
import { startEngine, type Engine } from './testing/engine.js'
import { createTestFile, settle, type PendingRequest } from './testing/index.js'

/**
 * The whole core on a virtual clock, over a network and a server that do whatever a script says. A script that fails is shrunk, and printed
 * with its seed: give that to `fc.assert` as `{ seed, path }` to see it again.
 */

const ROUTES = ['createUploads', 'signParts', 'listParts', 'complete', 'cancel', 'retry', 'snapshot'] as const
type Route = (typeof ROUTES)[number]

/** `which` and `who` pick one of what there is at that moment. */
const which = fc.nat({ max: 20 })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 300, 1000, 5000, 40_000) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('answer'),
      which,
      how: fc.constantFrom('stored', 'stored', 'stored', 'answer lost', 'cut', 'half', '403', '500', '503'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('server says'),
      which,
      what: fc.constantFrom('progress', 'completed', 'completed', 'failed', 'revoked', 'reopened'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('message'),
      which,
      how: fc.constantFrom('deliver', 'deliver', 'deliver', 'twice', 'lose', 'bare', 'forge'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('world'),
      what: fc.constantFrom('down', 'up', 'disconnect', 'connect', 'offline', 'online', 'visible', 'garbage'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('call'),
      route: fc.constantFrom(...ROUTES, 'createUploads', 'complete', 'cancel', 'cancel'),
      how: fc.constantFrom('fails', 'answer lost', 'slow', 'slow', 'unauthorised', 'throttled'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('user'),
      which,
      what: fc.constantFrom(
        'add',
        'pause',
        'resume',
        'pause all',
        'resume all',
        'cancel',
        'retry',
        'retry all',
        'remove',
        'move',
        'setPriority',
      ),
      size: fc.constantFrom(0, 1, 4, 8, 9, 12, 19),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const setting = fc.record({
  sizes: fc.array(fc.constantFrom(0, 3, 8, 9, 15, 21), { minLength: 1, maxLength: 5 }),
  isUnversioned: fc.boolean(),
  hasStillClock: fc.boolean(),
  authoritative: fc.boolean(),
  /** Whether realtime works again in the end. */
  isHealed: fc.boolean(),
  requestSlots: fc.integer({ min: 1, max: 4 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  attempts: fc.integer({ min: 1, max: 5 }),
  processingDeadlineMs: fc.constantFrom(20_000, Infinity),
})
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never

const network = () => new UploadError('network', 'Cut.')
const CALL_ERRORS: Readonly<Record<string, () => UploadError>> = {
  fails: network,
  unauthorised: () => new UploadError('auth', 'Sign in.', { status: 401 }),
  throttled: () => new UploadError('throttled', 'Slowly.', { status: 429, retryAfterMs: 2000 }),
}

/** What the storage holds, and everything that must never happen. */
function createStorage(engine: () => Engine) {
  const stored = new Set<string>()
  /** Whole files whose answer reached the client. */
  const acknowledged = new Set<string>()
  const judged = new Set<PendingRequest>()
  const violations: string[] = []
  const pathOf = (request: PendingRequest) => new URL(request.url).pathname.slice(1)

  return {
    violations,
    /** Looks at requests that were not seen before. */
    watch() {
      const { world, uploader } = engine()
      for (const request of world.requests) {
        if (judged.has(request)) continue
        judged.add(request)
        const path = pathOf(request)
        const isPart = path.includes('/')
        if (isPart ? stored.has(path) : acknowledged.has(path)) violations.push(`${path} is in storage and was sent again`)
      }
      if (uploader.inspect().paused && world.waiting().length > 0) violations.push('bytes go while everything is held')
      for (const item of uploader.items()) {
        if (item.phase !== 'uploading' && engine().waiting(item.id).length > 0)
          violations.push(`bytes of ${item.id} go, which is ${item.phase}`)
      }
      for (const [origin, { limit, used }] of Object.entries(uploader.inspect().slots)) {
        if (used > limit || world.waiting().length > limit) violations.push(`${origin} uses ${used} of ${limit} slots`)
      }
    },
    keep(request: PendingRequest, isAnswered: boolean) {
      const path = pathOf(request)
      const [operation = '', part] = path.split('/')
      stored.add(path)
      if (part !== undefined) engine().server.storePart(operation, { part_number: Number(part), size: request.body.size })
      else if (isAnswered) acknowledged.add(path)
    },
    /** Called when a client says that all bytes of an operation are there. */
    checkComplete(operation: string, size: number) {
      const paths = size > 8 ? Array.from({ length: Math.ceil(size / 4) }, (_, index) => `${operation}/${index + 1}`) : [operation]
      for (const path of paths) if (!stored.has(path)) violations.push(`${operation} was completed without ${path}`)
    },
  }
}

async function run(settings: Setting, script: readonly Step[]): Promise<readonly string[]> {
  const { sizes, isUnversioned, hasStillClock, authoritative, isHealed, requestSlots, concurrency, attempts, processingDeadlineMs } =
    settings
  const lost = new Set<Route>()
  const slow = new Set<Route>()
  const storage = createStorage(() => engine)
  const messages: SyncStatusUpdate[] = []
  /** Operations of items that were removed before their end. */
  const removed = new Set<string>()

  /** The call takes its time; or it reaches the server, and its answer does not come back. */
  function losing<A extends unknown[], T>(route: Route, call: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
    return async (...args) => {
      if (slow.delete(route)) await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 3000))
      const answer = await call(...args)
      if (lost.delete(route)) throw network()
      return answer
    }
  }
  const engine = startEngine(
    { requestSlots, concurrency, retry: { attempts }, processingDeadlineMs },
    {
      isUnversioned,
      hasStillClock,
      authoritative,
      onWord: (update) => messages.push(update),
      change: (backend) => ({
        createUploads: losing('createUploads', backend.createUploads),
        signParts: losing('signParts', backend.signParts),
        listParts: losing('listParts', backend.listParts),
        complete: losing('complete', (id, transfer, signal) => {
          storage.checkComplete(id, engine.server.word(id).file?.size ?? 0)
          return backend.complete(id, transfer, signal)
        }),
        cancel: losing('cancel', backend.cancel),
        retry: losing('retry', backend.retry),
        snapshot: losing('snapshot', backend.snapshot),
      }),
    },
  )
  const { uploader, world, server, transport } = engine

  function answer(request: PendingRequest, how: string): void {
    storage.watch()
    const size = request.body.size
    if (how === 'half') return request.progress(Math.floor(size / 2))
    if (how === 'cut') return request.fail()
    if (how === 'stored' || how === 'answer lost') {
      request.progress(size)
      storage.keep(request, how === 'stored')
    }
    if (how === 'stored') request.respond(200)
    else if (how === 'answer lost') request.fail()
    else request.respond(Number(how), how === '503' ? { 'retry-after': '2' } : {})
  }

  function say(word: SyncStatusUpdate, what: string): void {
    const id = word.operation_id
    const isGoing = word.status === 'in_progress'
    const error = { code: 'refused', message: 'No.', retryable: true }
    if (what === 'progress' && isGoing) server.say(id, { progress: Math.min(99, word.progress + 30), stage: 'working' })
    // The server may know the file already, while its bytes are still on the way.
    if (what === 'completed' && !isTerminal(word.status)) server.say(id, { status: 'completed', progress: 100, result: id })
    if (what === 'failed' && !isTerminal(word.status)) server.say(id, { status: 'failed', error })
    if (what === 'revoked' && word.status === 'completed') server.say(id, { status: 'failed', error: { ...error, code: 'revoked' } })
    if (what === 'reopened' && word.status === 'failed' && word.error?.code === 'revoked')
      server.say(id, { status: 'in_progress', progress: 0 })
  }

  function act(item: UploadItem | undefined, what: string, size: number): void {
    if (what === 'add') void engine.add([size])
    if (what === 'pause all') uploader.pause()
    if (what === 'resume all') uploader.resume()
    if (what === 'retry all') uploader.retry()
    if (item === undefined) return
    if (what === 'pause') uploader.pause(item.id)
    if (what === 'resume') uploader.resume(item.id)
    if (what === 'cancel') uploader.cancel(item.id)
    if (what === 'retry') uploader.retry(item.id)
    if (what === 'remove') {
      if (item.operationId !== undefined && isUnfinished(item)) removed.add(item.operationId)
      uploader.remove(item.id)
    }
    if (what === 'move') uploader.move(item.id, size % 3)
    if (what === 'setPriority') uploader.setPriority(item.id, size % 3)
  }

  /** What an item cannot do by itself. */
  function help(item: UploadItem): void {
    if (item.phase !== 'waiting') return
    if (item.reason === 'auth') uploader.retry(item.id)
    if (item.reason === 'file') uploader.replaceFile(item.id, createTestFile(item.name, item.size, item.type))
  }

  /** Where others can write, somebody lies. */
  function deliverForged(message: SyncStatusUpdate): void {
    if (!authoritative) transport.deliver({ ...message, version: (message.version ?? 0) + 1000, status: 'completed', result: 'forged' })
  }

  const WORLD: Readonly<Record<string, () => void>> = {
    down: server.down,
    up: server.up,
    disconnect: transport.disconnect,
    connect() {
      if (uploader.$connection.get().status !== 'connected') transport.connect()
    },
    offline: world.goOffline,
    online() {
      if (!world.isOnline()) world.goOnline()
    },
    visible: () => world.wake('visible'),
    garbage: () => transport.deliver('<html>not found</html>'),
  }
  const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]

  await engine.add(sizes)
  for (const one of script) {
    if (one.do === 'wait' && 'ms' in one) await world.clock.advance(one.ms)
    if (one.do === 'answer' && 'how' in one && 'which' in one) {
      const request = pick(world.waiting(), one.which)
      if (request !== undefined) answer(request, one.how)
    }
    if (one.do === 'server says' && 'what' in one && 'which' in one) {
      const word = pick(server.words(), one.which)
      if (word !== undefined) say(word, one.what)
    }
    if (one.do === 'message' && 'how' in one && 'which' in one && messages.length > 0) {
      const [message] = messages.splice(one.which % messages.length, 1)
      const { version: _, ...bare } = message as SyncStatusUpdate
      if (one.how === 'forge') deliverForged(message as SyncStatusUpdate)
      else if (one.how !== 'lose') transport.deliver(one.how === 'bare' ? bare : message)
      if (one.how === 'twice') transport.deliver(message)
    }
    if (one.do === 'world' && 'what' in one) WORLD[one.what]?.()
    if (one.do === 'call' && 'route' in one) {
      if (one.how === 'answer lost') lost.add(one.route)
      else if (one.how === 'slow') slow.add(one.route)
      else server.failNext(one.route, CALL_ERRORS[one.how]?.() ?? network())
    }
    if (one.do === 'user' && 'size' in one) act(pick(uploader.items(), one.which), one.what, one.size)
    await settle()
    storage.watch()
  }

  // The faults stop. What was on its way through realtime is lost; the server finishes its work; time goes on.
  lost.clear()
  slow.clear()
  for (const route of ROUTES) server.failNext(route, network(), 0)
  server.up()
  WORLD['online']?.()
  if (isHealed) WORLD['connect']?.()
  uploader.resume()
  for (const item of uploader.items()) uploader.resume(item.id)
  for (let round = 0; round < 60; round += 1) {
    for (const item of uploader.items()) help(item)
    for (const request of world.waiting()) answer(request, 'stored')
    await settle()
    storage.watch()
    for (const word of server.words()) if (word.status === 'in_progress') say(word, 'completed')
    const isOver = uploader.items().every((item) => !isUnfinished(item)) && world.clock.pending === 0
    if (isOver) break
    await world.clock.advance(15_000)
  }
  const problems = [...storage.violations]
  for (const item of uploader.items()) if (isUnfinished(item)) problems.push(`${item.id} is ${item.phase} for ever`)
  for (const id of removed) if (!isTerminal(server.word(id).status)) problems.push(`${id} was removed here, not on the server`)
  // What was lost about items that had ended is told when the page is looked at again.
  world.wake('visible')
  await world.clock.advance(1000)

  problems.push(...uploader.items().flatMap((item) => disagreement(item, server.words()) ?? []))
  await uploader.dispose()
  await settle()
  if (world.clock.pending > 0) problems.push(`${world.clock.pending} timers were left`)
  if (world.waiting().length > 0) problems.push('requests were left')
  if (world.errors.length > 0) problems.push(`listeners threw ${world.errors.map(String).join(', ')}`)
  return problems
}

/** How an item differs from what the server holds. */
function disagreement(item: UploadItem, words: readonly SyncStatusUpdate[]): string | undefined {
  const word = words.find(({ operation_id }) => operation_id === item.operationId)
  const differs = `${item.id} is ${item.phase}, the server says ${word?.status ?? 'nothing'}`
  switch (item.phase) {
    case 'completed':
      return word?.status === 'completed' ? undefined : differs
    case 'failed':
      // Given up here, with bytes missing: the server waits for them until its own deadline.
      return word === undefined || word.status === 'failed' || (item.by === 'self' && word.status === 'pending') ? undefined : differs
    case 'cancelled':
      return word === undefined || word.status === 'cancelled' || word.status === 'failed' ? undefined : differs
    default:
      return differs
  }
}

describe('whatever the network, the server and the user do', () => {
  it('in the end every item is what the server says, nothing was sent twice, and nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(setting, fc.array(step, { maxLength: 80, size: 'max' }), async (settings, script) => {
        expect(await run(settings, script)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
