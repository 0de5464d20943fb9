import type { UploadItem } from '../../item/item.js'
import { isUnfinished, sentBytes } from '../../item/machine.js'
import { isRecord, isStoredPart, isTerminal, parseProblem, type SyncStatusUpdate } from '../../protocol/index.js'
import type { Exchange } from './network.js'
import type { Page } from './page.js'
import type { SimulatedResponse } from './simulated-server.js'
import { waitsForUser } from './script.js'
import type { Leaving, World } from './world.js'

/** Something that holds in every run, whatever happens. */
export interface Invariant {
  readonly name: string
  /** Watches one run. `broken` is told what broke it, in a sentence. */
  watch(world: () => World, broken: (what: string) => void): Watch
}

export interface Watch {
  opened?(page: Page): void
  /** A page is about to be gone, or to be put aside. */
  leaving?(page: Page, how: Leaving): void
  /** A page sends a request. */
  requested?(exchange: Exchange): void
  /** A page is about to hear an answer. */
  answered?(exchange: Exchange, response: SimulatedResponse, isGenuine: boolean): void
  /** All that could happen at this moment has happened. */
  looked?(): void
  /** Long after the faults have stopped. Nobody has looked at the pages. */
  waited?(): void
  /** The pages were looked at, and all has come to rest. */
  rested?(): Promise<void> | void
  /** The uploader of a page was disposed. */
  disposed?(page: Page): void
}

const WHOLE = 'the file of '
/** Parts, and whole files, as words and as keys. */
const nameOf = ({ place }: Exchange) =>
  place?.part === 0 ? `${WHOLE}${place.operationId}` : `part ${place?.part} of ${place?.operationId}`

const ends: Invariant = {
  name: 'every added file ends in exactly one of completed, failed with a reason, cancelled, or waiting for the user',
  watch(world, broken) {
    /** Removed here, or ended in a tab that has taken it over. */
    const gone = new Set<string>()
    function waited(): void {
      for (const page of world().pages()) {
        for (const item of page.uploader.items()) {
          const { id } = item
          if (isUnfinished(item) && !waitsForUser(world(), page, item)) {
            const why = item.phase === 'waiting' ? ` (${item.reason}: ${item.error.message})` : ''
            broken(`On ${page.name} ${id} is ${item.phase}${why} for ever.`)
          }
          if (item.phase === 'failed' && item.error.message === '') broken(`${id} failed without a reason.`)
          // What the engine did not expect is an answer that makes no sense.
          if (item.phase === 'failed' && item.error.code === 'bad_answer' && item.error.cause instanceof Error)
            broken(`${id} failed by a mistake of the engine: ${item.error.cause.stack ?? item.error.message}`)
        }
      }
    }
    return {
      opened(page) {
        page.uploader.on('removed', (items) => {
          for (const { id } of items) gone.add(id)
        })
        for (const event of ['completed', 'failed', 'cancelled'] as const)
          page.uploader.on(event, ({ id }) => {
            if (world().done.added.get(id) !== page) gone.add(id)
          })
      },
      waited,
      rested() {
        waited()
        for (const [id, page] of world().done.added) {
          if (page.isOpen && !gone.has(id) && page.uploader.$item(id).get() === undefined) broken(`${id} has vanished from ${page.name}.`)
        }
      },
    }
  },
}

/** What was there for so long before its page was gone is kept, in milliseconds. */
const KEPT_AFTER_MS = 1000

const survival: Invariant = {
  name: 'what is not finished when its page is gone goes on in another one, where it is kept',
  watch(world, broken) {
    /** When an item was first seen, by page; or first seen again, since its end was undone. */
    const since = new Map<string, number>()
    const left = new Map<string, string>()
    const unable = new Set<Page>()
    return {
      opened(page) {
        const { uploader } = page
        uploader.on('warning', ({ code }) => {
          if (code === 'not_persisted') unable.add(page)
        })
        for (const event of ['completed', 'failed', 'cancelled'] as const) uploader.on(event, ({ id }) => void left.delete(id))
        uploader.on('removed', (items) => {
          for (const { id } of items) left.delete(id)
        })
      },
      looked() {
        for (const { name, uploader } of world().pages())
          for (const { id, phase } of uploader.items()) {
            const key = `${name} ${id}`
            // Of what is done nothing is kept: once the server reopens it, it is kept anew.
            if (phase === 'completed' || phase === 'cancelled') since.delete(key)
            else if (!since.has(key)) since.set(key, world().clock.now())
          }
      },
      leaving(page, how) {
        const { persistence } = world().setting
        // Without Web Locks nobody can tell a tab that died from one that lives.
        if (persistence === 'no locks' && how === 'killed') left.clear()
        else if (persistence !== 'none' && !unable.has(page) && !page.isAsleep) keep(page)
      },
      rested() {
        const shown = new Set(
          world()
            .pages()
            .flatMap(({ uploader }) => uploader.items().map(({ id }) => id)),
        )
        for (const [id, name] of left) if (!shown.has(id)) broken(`${id} was lost with ${name}.`)
      },
    }
    function keep({ name, uploader }: Page): void {
      for (const item of uploader.items()) {
        const firstSeen = since.get(`${name} ${item.id}`) ?? Infinity
        if (!item.mirrored && isUnfinished(item) && world().clock.now() - firstSeen >= KEPT_AFTER_MS) left.set(item.id, name)
      }
    }
  },
}

const oneRun: Invariant = {
  name: 'the same upload never runs twice',
  watch: (world, broken) => ({
    looked() {
      const senders = new Map<string | undefined, string>()
      for (const { page, route, operationId } of world().network.inFlight()) {
        if (route !== 'bytes' && route !== 'complete') continue
        const other = senders.get(operationId)
        if (other !== undefined && other !== page) broken(`${operationId} is sent by ${other} and by ${page}.`)
        senders.set(operationId, page)
      }
    },
  }),
}

const agreement: Invariant = {
  name: 'in the end every item is what the server says',
  watch: (world, broken) => ({
    async rested() {
      const words = await world().server.words()
      for (const page of world().pages()) {
        for (const item of page.uploader.items()) {
          const differs = disagreement(item, words)
          if (differs !== undefined) broken(`On ${page.name} ${differs}.`)
        }
      }
    },
  }),
}

function disagreement(item: UploadItem, words: readonly SyncStatusUpdate[]): string | undefined {
  const word = words.find(({ operation_id }) => operation_id === item.operationId)
  const differs = `${item.id} is ${item.phase}, and the server says ${word?.status ?? 'nothing'} of it`
  if (item.phase === 'completed' && word?.status === 'completed' && item.result !== word.result)
    return `${item.id} shows the result ${String(item.result)}, and the server’s is ${String(word.result)}`
  switch (item.phase) {
    case 'completed':
      return word?.status === 'completed' ? undefined : differs
    case 'failed':
      // Given up here, with bytes missing: the server waits for them until its own deadline.
      return word === undefined || word.status === 'failed' || (item.by === 'self' && word.status === 'pending') ? undefined : differs
    case 'cancelled':
      return word === undefined || word.status === 'cancelled' || word.status === 'failed' ? undefined : differs
    default:
      return undefined
  }
}

const objects: Invariant = {
  name: 'what the server holds is the file, byte by byte',
  watch: (world, broken) => ({
    async rested() {
      const { server, contents, done } = world()
      for (const { operation_id: id, status, file } of await server.words()) {
        const object = await server.object(id)
        if (status === 'completed' && object === undefined && !done.saidCompleted.has(id))
          broken(`${id} is completed, and the server has no bytes of it.`)
        const content = contents.get(file?.name ?? '')
        if (object !== undefined && (content === undefined || !isSame(object, content)))
          broken(`The server's ${object.length} bytes of ${id} are not those of ${file?.name}.`)
      }
    },
  }),
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

const completeness: Invariant = {
  name: 'an upload is called complete only when all its bytes are in storage',
  watch(_world, broken) {
    /** Uploads of which something on the way has said that bytes were taken. */
    const deceived = new Set<string | undefined>()
    return {
      answered(exchange, response, isGenuine) {
        const { route, operationId } = exchange
        if (route === 'bytes' && !isGenuine && response.status < 300) deceived.add(operationId)
        if (route === 'complete' && isGenuine && response.status === 409 && !deceived.has(operationId))
          broken(`${operationId} was called complete, and the server answered ${parseProblem(response.text)?.code}.`)
      },
    }
  },
}

const noRepetition: Invariant = {
  name: 'nothing is sent again that the server had acknowledged or listed',
  watch(world, broken) {
    /** Which page was told so, and when. */
    const held = new Map<string, { readonly page: string; readonly atMs: number }>()
    const unable = new Set<string>()
    return {
      opened({ name, uploader }) {
        uploader.on('warning', ({ code }) => code === 'not_persisted' && unable.add(name))
      },
      requested(exchange) {
        const witness = exchange.route === 'bytes' ? held.get(nameOf(exchange)) : undefined
        // Where nothing is kept, no page can know that the file it is given is the one of another page, and rightly sends all of it.
        const isToBeKnown = witness !== undefined && (witness.page === exchange.page || world().setting.persistence !== 'none')
        if (isToBeKnown) broken(`${exchange.page} sent ${nameOf(exchange)} again.`)
      },
      answered(exchange, response, isGenuine) {
        if (!isGenuine || response.status > 299) return
        const witness = { page: exchange.page, atMs: world().clock.now() }
        // Together with a pause, say, that another tab asked for while this one slept: then nobody looks at the answer any more.
        if (
          world()
            .pages()
            .some(({ name, wokeAtMs }) => name === witness.page && wokeAtMs === witness.atMs)
        )
          return
        if (exchange.route === 'bytes') held.set(nameOf(exchange), witness)
        if (exchange.route === 'listParts')
          for (const part of listed(response)) held.set(`part ${part} of ${exchange.operationId}`, witness)
      },
      // What a page was told last it may not have kept, and a whole file is listed nowhere.
      leaving({ name }) {
        const now = world().clock.now()
        const isAble = world().setting.persistence !== 'none' && !unable.has(name)
        for (const [what, { page, atMs }] of held) {
          const isKept = page !== name || (isAble && now - atMs >= KEPT_AFTER_MS)
          if (!isKept || what.startsWith(WHOLE)) held.delete(what)
        }
      },
    }
  },
}

/** Numbers of the parts that an answer lists. */
function listed({ text }: SimulatedResponse): readonly number[] {
  const answer: unknown = JSON.parse(text)
  const parts: readonly unknown[] = isRecord(answer) && Array.isArray(answer['parts']) ? answer['parts'] : []
  return parts.filter(isStoredPart).map((part) => part.part_number)
}

const slots: Invariant = {
  name: 'slots never exceed the limits, and all return',
  watch: (world, broken) => ({
    looked() {
      const { setting, network } = world()
      for (const page of world().pages()) {
        const inFlight = network.inFlight(page.name).filter(({ route }) => route === 'bytes').length
        if (inFlight > setting.requestSlots)
          broken(`${page.name} has ${inFlight} requests for bytes in flight, of ${setting.requestSlots}.`)
        const { running } = page.uploader.inspect()
        if (running > setting.concurrency) broken(`${page.name} runs ${running} items at once, of ${setting.concurrency}.`)
      }
    },
    rested() {
      for (const page of world().pages()) {
        const { slots: pools, running } = page.uploader.inspect()
        if (running > 0) broken(`${running} items of ${page.name} still run.`)
        for (const [origin, { used, waiting }] of Object.entries(pools))
          if (used + waiting > 0) broken(`${page.name} has ${used} slots of ${origin} in use, and ${waiting} are waited for.`)
      }
    },
  }),
}

const progress: Invariant = {
  name: 'progress never goes back within an attempt',
  watch(world, broken) {
    const seen = new Map<string, UploadItem>()
    function see(page: Page, item: UploadItem): void {
      const key = `${page.name} ${item.id}`
      const before = seen.get(key)
      if (before === item) return
      seen.set(key, item)
      // A mirror shows what its owner says, who is looked at as well; and of what an owner that is gone had sent, the next one shows what the server confirms.
      if (before?.mirrored || item.mirrored) return
      if (before === undefined || before.attempt !== item.attempt || before.operationId !== item.operationId) return
      if (isUnfinished(before) && isUnfinished(item) && sentBytes(item) < sentBytes(before) && item.phase !== 'processing')
        broken(`${item.id} went back from ${sentBytes(before)} bytes (${before.phase}) to ${sentBytes(item)} (${item.phase}).`)
      if (before.server === undefined || item.server === undefined) return
      const isOneRun = !isTerminal(before.server.status) && !isTerminal(item.server.status)
      if (isOneRun && item.server.progress < before.server.progress)
        broken(`The server's work on ${item.id} went back from ${before.server.progress} % to ${item.server.progress} %.`)
    }
    return {
      opened(page) {
        page.uploader.on('progressed', (item) => see(page, item))
      },
      looked() {
        for (const page of world().pages()) {
          // A page that wakes may hear of the end of one run and the beginning of the next at the same moment.
          for (const item of page.uploader.items())
            if (page.isAsleep) seen.delete(`${page.name} ${item.id}`)
            else see(page, item)
        }
      },
    }
  },
}

const order: Invariant = {
  name: 'an older word never takes the place of a newer one',
  watch(world, broken) {
    const seen = new Map<string, UploadItem>()
    return {
      looked() {
        for (const page of world().pages()) {
          for (const item of page.uploader.items()) {
            const before = seen.get(`${page.name} ${item.id}`)
            seen.set(`${page.name} ${item.id}`, item)
            // What another tab knew of it is not what this one knows.
            if (before === item || before?.operationId !== item.operationId || before?.mirrored || item.mirrored) continue
            const { version: newest = 0 } = before?.server?.seen ?? {}
            const { version } = item.server?.seen ?? {}
            if (version !== undefined && version < newest) broken(`${item.operationId} went back from version ${newest} to ${version}.`)
          }
        }
      },
    }
  },
}

const idleness: Invariant = {
  name: 'bytes go only for items that are uploading, and none while everything is held',
  watch: (world, broken) => ({
    looked() {
      for (const page of world().pages()) {
        // Nothing that it does is heard of while it sleeps.
        if (page.isAsleep) continue
        const requests = world()
          .network.inFlight(page.name)
          .filter(({ route }) => route === 'bytes')
        if (requests.length === 0) continue
        if (page.uploader.inspect().paused) broken(`${page.name} sends bytes while everything is held.`)
        const items = new Map(page.uploader.items().map((item) => [item.operationId, item]))
        for (const request of requests) {
          const item = items.get(request.operationId)
          if (item?.phase !== 'uploading') broken(`${page.name} sends ${nameOf(request)}, whose item is ${item?.phase ?? 'gone'}.`)
          else if (item.paused) broken(`${page.name} sends ${nameOf(request)}, whose item is paused.`)
        }
      }
    },
  }),
}

const cancels: Invariant = {
  name: 'what was removed before its end is cancelled on the server too',
  watch: (world, broken) => ({
    async rested() {
      const words = await world().server.words()
      for (const [id, page] of world().done.removed) {
        const status = words.find(({ operation_id }) => operation_id === id)?.status ?? 'pending'
        if (page.isOpen && !isTerminal(status)) broken(`${id} was removed on ${page.name}, and the server says ${status} of it.`)
      }
    },
  }),
}

const totals: Invariant = {
  name: 'totals are the sum of the items',
  watch: (world, broken) => ({
    looked() {
      for (const page of world().pages()) {
        const items = page.uploader.items()
        const summary = page.uploader.$summary.get()
        const count = (phase: UploadItem['phase']) => items.filter((item) => item.phase === phase).length
        const kept = items.filter(({ phase }) => phase !== 'failed' && phase !== 'cancelled')
        const truth = {
          total: items.length,
          active: count('uploading'),
          processing: count('processing'),
          completed: count('completed'),
          failed: count('failed'),
          cancelled: count('cancelled'),
          totalBytes: kept.reduce((sum, { size }) => sum + size, 0),
          sentBytes: kept.reduce((sum, item) => sum + sentBytes(item), 0),
        }
        for (const [name, value] of Object.entries(truth)) {
          const told = summary[name as keyof typeof truth]
          if (told !== value) broken(`${page.name} tells ${name} ${told}, and it is ${value}.`)
        }
      }
    },
  }),
}

const events: Invariant = {
  name: 'each end is told once',
  watch(world, broken) {
    /** The last end that was told of an item, in whichever tab. */
    const told = new Map<string, { readonly event: string; readonly page: string; readonly item: UploadItem }>()
    return {
      opened({ name: page, uploader }) {
        for (const event of ['completed', 'failed', 'cancelled', 'revoked'] as const)
          uploader.on(event, (item) => {
            const before = told.get(keyOf(page, item.id))
            // The same page may tell of another end of the same kind: it was tried again meanwhile.
            if (before?.event === event && (before.page !== page || before.item === item))
              broken(`${page} told ${event} of ${item.id} twice.`)
            told.set(keyOf(page, item.id), { event, page, item })
          })
        for (const event of ['started', 'processing'] as const) uploader.on(event, ({ id }) => void told.delete(keyOf(page, id)))
      },
      // What its last words were nobody can know.
      leaving: () => told.clear(),
      looked() {
        for (const { name, uploader } of world().pages())
          for (const item of uploader.items()) if (isUnfinished(item)) told.delete(keyOf(name, item.id))
      },
    }
    /** Tabs that share their queue tell it in one of them. */
    function keyOf(page: string, id: string): string {
      const { persistence } = world().setting
      return persistence === 'none' || persistence === 'no locks' ? `${page} ${id}` : id
    }
  },
}

const batches: Invariant = {
  name: 'a batch is told complete when the last of its items has ended',
  watch(world, broken) {
    const told = new Set<string>()
    /** What was removed is of a batch that is not whole any more, and what another page began is of none. */
    let isWhole = true
    return {
      opened({ uploader }) {
        uploader.on('batch-completed', (items) => {
          for (const item of items) {
            told.add(item.id)
            if (isUnfinished(item)) broken(`A batch was told complete, and ${item.id} is ${item.phase}.`)
          }
        })
        uploader.on('removed', () => (isWhole = false))
      },
      leaving() {
        isWhole = false
      },
      rested() {
        const { added } = world().done
        const isOver = ([id, page]: readonly [string, Page]) => {
          const item = page.uploader.$item(id).get()
          return item !== undefined && !isUnfinished(item)
        }
        if (!isWhole || ![...added].every(isOver)) return
        for (const id of added.keys()) if (!told.has(id)) broken(`The batch of ${id} was never told complete.`)
      },
    }
  },
}

const politeness: Invariant = {
  name: 'a server that names a time is not asked before it',
  watch(world, broken) {
    /** When a page may ask an origin again, in milliseconds, and how many had their slot before that was known. */
    const closed = new Map<
      string,
      { readonly page: string; readonly untilMs: number; readonly clockOffsetMs: number | undefined; stragglers: number }
    >()
    const offsetOf = (page: string) =>
      world()
        .pages()
        .find(({ name }) => name === page)?.clockOffsetMs
    const keyOf = (exchange: Exchange) => `${exchange.page} ${new URL(exchange.url).origin}`
    return {
      requested(exchange) {
        const gate = closed.get(keyOf(exchange))
        const leftMs = (gate?.untilMs ?? 0) - world().clock.now()
        // The page's own clock decides, and it may have been set since.
        if (gate === undefined || leftMs <= 0 || gate.clockOffsetMs !== offsetOf(exchange.page)) return
        if (exchange.route === 'bytes') gate.stragglers += 1
        if (exchange.route !== 'bytes' || gate.stragglers > world().setting.requestSlots)
          broken(`${exchange.page} asked for ${exchange.route} ${leftMs} ms before the server's time.`)
      },
      answered(exchange, { status, headers }) {
        const seconds = Number(headers?.['retry-after'])
        if ((status !== 429 && status !== 503) || !(seconds > 0)) return
        const { page } = exchange
        closed.set(keyOf(exchange), { page, untilMs: world().clock.now() + seconds * 1000, clockOffsetMs: offsetOf(page), stragglers: 0 })
      },
      // Also where it is set right again later: meanwhile the time was over by it.
      looked() {
        for (const [key, { page, clockOffsetMs }] of closed) if (offsetOf(page) !== clockOffsetMs) closed.delete(key)
      },
    }
  },
}

const silence: Invariant = {
  name: 'no timer, listener or request survives dispose()',
  watch: (_world, broken) => ({
    opened(page) {
      page.uploader.on('warning', () => {
        if (!page.isOpen) broken(`${page.name} is closed and says something.`)
      })
    },
    disposed(page) {
      for (const leftover of page.leftovers()) broken(`${page.name} was disposed and has left ${leftover}.`)
    },
  }),
}

const health: Invariant = {
  name: 'nothing throws into the page',
  watch: (world, broken) => ({
    rested() {
      for (const page of world().pages()) for (const error of page.errors) broken(`On ${page.name}: ${String(error)}`)
    },
  }),
}

export const INVARIANTS: readonly Invariant[] = [
  ends,
  survival,
  oneRun,
  agreement,
  objects,
  completeness,
  noRepetition,
  slots,
  progress,
  order,
  idleness,
  cancels,
  totals,
  events,
  batches,
  politeness,
  silence,
  health,
]
