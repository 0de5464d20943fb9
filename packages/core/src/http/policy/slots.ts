import { createHeap, type Heap } from '../../heap.js'

/** Who goes first when a slot becomes free: compared place by place, lower first. */
export type SlotOrder = readonly number[]

/** Requests in flight, bounded per origin and shared by files and parts: more would only queue inside the browser. */
export interface Slots {
  /** Resolves with the function that gives the slot back (more than once does nothing). Rejects with the signal's reason. */
  take(origin: string, order: SlotOrder, signal: AbortSignal): Promise<() => void>
  /** Most at once, for now. */
  limit(origin: string): number
  /** Most at once in good times. */
  most(origin: string): number
  /** The limit of an origin was raised: those who wait may go. */
  raised(origin: string): void
  inspect(): Readonly<Record<string, { readonly limit: number; readonly used: number; readonly waiting: number }>>
}

interface Waiter {
  readonly order: SlotOrder
  readonly grant: () => void
  isGone: boolean
}

interface Pool {
  used: number
  /** Waiters that were not granted and have not gone. */
  waiting: number
  readonly queue: Heap<Waiter>
}

/** `allowed` is what an origin puts up with for now. */
export function createSlots(most: (origin: string) => number, allowed: (origin: string) => number = () => Infinity): Slots {
  const pools = new Map<string, Pool>()
  const limitOf = (origin: string) => Math.min(most(origin), allowed(origin))

  function poolOf(origin: string): Pool {
    let pool = pools.get(origin)
    if (pool === undefined) {
      pool = { used: 0, waiting: 0, queue: createHeap<Waiter>((a, b) => isBefore(a.order, b.order)) }
      pools.set(origin, pool)
    }
    return pool
  }

  function grantNext(origin: string, pool: Pool): void {
    while (pool.queue.size > 0 && (pool.queue.peek()?.isGone || pool.used < limitOf(origin))) {
      const waiter = pool.queue.pop()
      if (waiter !== undefined && !waiter.isGone) waiter.grant()
    }
  }

  return {
    take: (origin, order, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const pool = poolOf(origin)
        const onAbort = () => {
          waiter.isGone = true
          pool.waiting -= 1
          reject(signal.reason)
        }
        const waiter: Waiter = {
          order,
          isGone: false,
          grant() {
            signal.removeEventListener('abort', onAbort)
            pool.waiting -= 1
            pool.used += 1
            let isHeld = true
            resolve(() => {
              if (!isHeld) return
              isHeld = false
              pool.used -= 1
              grantNext(origin, pool)
            })
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        pool.waiting += 1
        pool.queue.push(waiter)
        grantNext(origin, pool)
      }),
    limit: limitOf,
    most,
    raised(origin) {
      const pool = pools.get(origin)
      if (pool !== undefined) grantNext(origin, pool)
    },
    inspect: () =>
      Object.fromEntries([...pools].map(([origin, pool]) => [origin, { limit: limitOf(origin), used: pool.used, waiting: pool.waiting }])),
  }
}

function isBefore(a: SlotOrder, b: SlotOrder): boolean {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const left = a[index] as number
    const right = b[index] as number
    if (left !== right) return left < right
  }
  return a.length < b.length
}
