import fc from 'fast-check'
import type { Fate, MessageFate, PageChange, Route, Scenario, ServerWord, Setting, Step, UserAct, WorldChange } from './scenario.js'

const HOUR_MS = 3_600_000
/** Around the limits of parts of 4 bytes, of which files above 8 are made. */
const SIZES = [0, 1, 3, 4, 8, 9, 12, 15, 19, 21] as const

const setting: fc.Arbitrary<Setting> = fc.record({
  seed: fc.nat(),
  sizes: fc.array(fc.constantFrom(...SIZES), { minLength: 1, maxLength: 5 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  requestSlots: fc.integer({ min: 1, max: 4 }),
  attempts: fc.integer({ min: 1, max: 5 }),
  processingDeadlineMs: fc.constantFrom(20_000, Infinity),
  persistence: fc.constantFrom('none' as const, 'tabs' as const, 'tabs' as const, 'tabs without files' as const, 'no locks' as const),
  hooks: fc.constantFrom('none' as const, 'none' as const, 'slow' as const, 'refusing' as const, 'halving' as const),
  authoritative: fc.boolean(),
  isUnversioned: fc.boolean(),
  stampMs: fc.constantFrom(1, 1000, Infinity),
  skewsMs: fc.constantFrom<readonly number[]>([0], [0, -500], [HOUR_MS], [-HOUR_MS, 0, HOUR_MS]),
  latencyMs: fc.constantFrom(0, 20, 300),
  byteMs: fc.constantFrom(0, 5, 100),
  workMs: fc.constantFrom(0, 200, 5000),
  urlExpiresS: fc.constantFrom(2, 30, 3600),
  isRealtimeHealed: fc.boolean(),
  isUserThere: fc.boolean(),
})

/** How long it is until the next step, in milliseconds. */
const after = fc.constantFrom(0, 0, 1, 20, 50, 300, 1000, 5000, 40_000)
/** Picks one of what there is at that moment. */
const which = fc.nat({ max: 20 })

const route = fc.constantFrom<Route[]>(
  'bytes',
  'bytes',
  'bytes',
  'bytes',
  'createUploads',
  'createUploads',
  'signParts',
  'listParts',
  'complete',
  'complete',
  'cancel',
  'cancel',
  'retry',
  'snapshot',
  'probe',
)
const fate = fc.constantFrom<Fate[]>(
  'lost',
  'answer lost',
  'answer lost',
  'reset',
  'slow',
  'slow answer',
  'hangs',
  'page of a hotel',
  401,
  403,
  408,
  429,
  500,
  502,
  503,
)
const messageFate = fc.constantFrom<MessageFate[]>('lost', 'twice', 'late', 'bare', 'forged end', 'forged progress', 'garbage')
const says = fc.constantFrom<ServerWord[]>('progress', 'completed', 'failed', 'revoked', 'reopened')
const change = fc.constantFrom<WorldChange[]>(
  'offline',
  'offline unnoticed',
  'online',
  'online',
  'server down',
  'server up',
  'disk full',
  'disk has room',
  'browser full',
  'browser has room',
  'token expires',
  'signed out',
  'signed in',
  'realtime breaks',
  'realtime works',
)
const pageChange = fc.constantFrom<PageChange[]>(
  'second tab',
  'second tab',
  'reload',
  'left',
  'killed',
  'asleep',
  'cached',
  'wakes',
  'wakes',
  'looked at',
  'clock set back',
  'clock set forward',
)
const userAct = fc.constantFrom<UserAct[]>(
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
  'set priority',
  'give file',
  'give other file',
  'lose file',
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ after, do: fc.constant('request' as const), route, fate }) },
  {
    weight: 3,
    arbitrary: fc.record({
      after,
      do: fc.constant('message' as const),
      fate: messageFate,
    }),
  },
  { weight: 3, arbitrary: fc.record({ after, do: fc.constant('server' as const), which, says }) },
  {
    weight: 2,
    arbitrary: fc.record({
      after,
      do: fc.constant('work' as const),
      ends: fc.constantFrom('fails' as const, 'fails for good' as const, 'never' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ after, do: fc.constant('world' as const), what: change }) },
  {
    weight: 1,
    arbitrary: fc.record({
      after,
      do: fc.constant('storm' as const),
      origin: fc.constantFrom('api' as const, 'storage' as const),
      status: fc.constantFrom(429 as const, 503 as const),
      retryAfter: fc.constantFrom('none' as const, 'seconds' as const, 'date' as const),
      ms: fc.constantFrom(1000, 10_000, 60_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ after, do: fc.constant('page' as const), which, what: pageChange }) },
  { weight: 6, arbitrary: fc.record({ after, do: fc.constant('user' as const), which, what: userAct, number: fc.constantFrom(...SIZES) }) },
)

/** Everything that can go wrong, in any order. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({ setting, steps: fc.array(step, { maxLength: 60, size: 'max' }) })
