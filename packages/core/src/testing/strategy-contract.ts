import { describe, expect, test } from 'vitest'
import { UploadError } from '../errors.js'
import type { HttpRequest, HttpResponse } from '../http/http-client.js'
import type { AnyPlan } from '../protocol/index.js'
import type { StorageRequest, TransferContext, TransferResult, UploadStrategy } from '../strategies/strategy.js'

/** A storage for one file. */
export interface ContractStorage<P extends AnyPlan = AnyPlan> {
  readonly plan: P
  /** Takes one request as the network brings it, and tells its progress. */
  answer(request: HttpRequest): Promise<HttpResponse>
  /** The server's calls for parts, where the strategy makes them. */
  readonly parts?: TransferContext['parts']
  /** SHA-256, in hexadecimal digits, of the file that storage holds after an upload that resolved with this. */
  sha256(result: TransferResult): Promise<string>
}

export interface ContractSubject<P extends AnyPlan = AnyPlan> {
  readonly strategy: UploadStrategy<P>
  /** Sizes of files worth a test, in bytes; the last one takes several requests where the strategy makes them. @default [0, 1, 4, 5, 11] */
  readonly sizes?: readonly number[]
  /** An empty storage, and the plan that leads there. */
  open(file: File): ContractStorage<P> | Promise<ContractStorage<P>>
  /** What 401 and 403 are: about a session (`auth`), or about a permission for this upload, which can be had anew (`rejected`). */
  readonly refusal: 'auth' | 'rejected'
  /** Whether an answer of 200 with a page of HTML confirms the upload. */
  readonly takesPages: boolean
  /** Storage that has the whole file knows nothing of its parts any more: when that answer is lost the file is sent anew. @default false */
  readonly forgetsWhole?: boolean
}

const PAGE = '<!doctype html><title>Sign in</title>'
const CUT = new UploadError('network', 'The connection was lost.')

/** What happens to a request in place of what storage would do. */
type Fault =
  /** It is cut half-way. */
  | 'cut'
  /** Storage takes it, and its answer is lost. */
  | 'lost'
  /** Nothing, for ever. */
  | 'silent'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text?: string }

/** What every strategy must do, over a scripted storage as over a real one. */
export function strategyContract<P extends AnyPlan>(name: string, subject: ContractSubject<P>): void {
  const { strategy, sizes = [0, 1, 4, 5, 11] } = subject
  const large = sizes.at(-1) ?? 0

  describe(`the strategy ${name}`, () => {
    test.each(sizes)('has every byte of %i in storage when it resolves, each sent once', async (size) => {
      const file = contractFile(size)
      const storage = await subject.open(file)
      const run = start(strategy, file, storage)
      const result = await run.done
      expect(await storage.sha256(result)).toBe(await sha256Of(file))
      expect(run.sentBytes()).toBe(size)
    })

    test('tells progress that rises to the size of the file, and none after it has settled', async () => {
      for (const slots of [1, 3]) {
        const file = contractFile(large)
        const run = start(strategy, file, await subject.open(file), { slots })
        await run.done
        expect(run.progress).toEqual([...run.progress].sort((a, b) => a - b))
        expect(run.progress.at(-1)).toBe(large)
        await new Promise((resolve) => setTimeout(resolve))
        expect(run.late()).toBe(0)
      }
    })

    test.each(['שלום עולם.txt', 'naïve ☃ \u{1D4B3}.bin', 'a"b\r\nc%22.txt', '../../x\\y.txt', '\u202Egnp.exe', 'half \uD800.bin'])(
      'takes a file called %j',
      async (fileName) => {
        const file = contractFile(large, fileName)
        const storage = await subject.open(file)
        expect(await storage.sha256(await start(strategy, file, storage).done)).toBe(await sha256Of(file))
      },
    )

    test('keeps what it needs to go on as plain data', async () => {
      const file = contractFile(large)
      const run = start(strategy, file, await subject.open(file))
      await run.done
      for (const saved of run.saved) expect(JSON.parse(JSON.stringify({ saved }))).toEqual({ saved })
    })

    describe.each(['cut', 'lost'] as const)('after a request that was %s', (fault) => {
      test('rejects with the network’s error, and goes on without sending again what storage acknowledged', async () => {
        const file = contractFile(large)
        const clean = start(strategy, file, await subject.open(file))
        await clean.done
        for (let broken = 0; broken < clean.requests.length; broken += 1) {
          const storage = await subject.open(file)
          const first = start(strategy, file, storage, { faults: { [broken]: fault } })
          expect(await failureOf(first.done)).toBe(CUT)
          const second = start(strategy, file, storage, { checkpoint: first.saved.at(-1) })
          expect(await storage.sha256(await second.done)).toBe(await sha256Of(file))
          const isForgotten = subject.forgetsWhole === true && fault === 'lost' && broken === clean.requests.length - 1
          if (!isForgotten) expect(second.sentBytes()).toBeLessThanOrEqual(large - first.acknowledgedBytes())
        }
      })
    })

    test('rejects with the signal’s reason when it is aborted, and leaves no request', async () => {
      for (const slots of [1, 3]) {
        const file = contractFile(large)
        const run = start(strategy, file, await subject.open(file), { slots, faults: { 0: 'silent', 1: 'silent', 2: 'silent' } })
        const reason = new Error('stopped')
        await run.hasSent
        run.abort(reason)
        expect(await failureOf(run.done)).toBe(reason)
        expect(run.inFlight()).toBe(0)
        const sent = run.requests.length
        await new Promise((resolve) => setTimeout(resolve))
        expect(run.requests).toHaveLength(sent)
        expect(run.late()).toBe(0)
      }
    })

    test('sends nothing when it is aborted before', async () => {
      const file = contractFile(large)
      const run = start(strategy, file, await subject.open(file), { abortedWith: CUT })
      expect(await failureOf(run.done)).toBe(CUT)
      expect(run.requests).toHaveLength(0)
    })

    test.each([
      [400, 'rejected', false],
      [401, subject.refusal, subject.refusal === 'rejected'],
      [403, subject.refusal, subject.refusal === 'rejected'],
      [408, 'network', true],
      [413, 'rejected', false],
      [500, 'server', true],
      [502, 'server', true],
    ] as const)('takes %i for %s', async (status, code, retryable) => {
      expect(await answerTo({ status })).toMatchObject({ name: 'UploadError', code, status, retryable })
    })

    test.each([429, 503])('comes back when an answer of %i says so', async (status) => {
      expect(await answerTo({ status, headers: { 'retry-after': '7' } })).toMatchObject({ code: 'throttled', retryAfterMs: 7000 })
    })

    test('speaks with a sentence of its own where an error is a page', async () => {
      const error = await answerTo({ status: 502, headers: { 'content-type': 'text/html' }, text: PAGE })
      expect(error).toMatchObject({ code: 'server', message: expect.not.stringContaining('<') })
    })

    test(`takes a page with the status 200 for ${subject.takesPages ? 'an answer' : 'none: a login or a proxy answers in storage’s place'}`, async () => {
      const answer = await answerTo({ status: 200, headers: { 'content-type': 'text/html' }, text: PAGE })
      expect(answer).toEqual(subject.takesPages ? undefined : expect.objectContaining({ code: 'bad_answer', retryable: false }))
    })

    /** What an upload rejects with whose requests get this answer. Some ask for fresh permission, and try once more. */
    async function answerTo(answer: Exclude<Fault, string>): Promise<unknown> {
      const file = contractFile(1)
      return failureOf(start(strategy, file, await subject.open(file), { faults: { 0: answer, 1: answer } }).done)
    }
  })
}

interface RunOptions {
  readonly slots?: number
  readonly checkpoint?: unknown
  /** By the number of the request, from 0. */
  readonly faults?: Readonly<Record<number, Fault>>
  readonly abortedWith?: Error
}

function start<P extends AnyPlan>(
  strategy: UploadStrategy<P>,
  file: File,
  storage: ContractStorage<P>,
  { slots = 1, checkpoint, faults = {}, abortedWith }: RunOptions = {},
) {
  const controller = new AbortController()
  if (abortedWith !== undefined) controller.abort(abortedWith)
  const { signal } = controller
  const requests: StorageRequest[] = []
  const progress: number[] = []
  const saved: unknown[] = checkpoint === undefined ? [] : [checkpoint]
  const bytes = { sent: 0, acknowledged: 0 }
  // Stands still: what is told of times does not depend on how busy the machine is. The storage's own clock decides what its URLs are worth.
  const startedAt = Date.now()
  let inFlight = 0
  let late = 0
  let hasSettled = false
  let tellSent = () => {}
  const hasSent = new Promise<void>((resolve) => (tellSent = resolve))

  async function send(request: StorageRequest): Promise<HttpResponse> {
    const fault = faults[requests.length]
    requests.push(request)
    tellSent()
    bytes.sent += fileBytes(request)
    switch (fault) {
      case 'cut':
        request.onProgress?.(Math.floor(fileBytes(request) / 2))
        throw CUT
      case 'lost':
        await storage.answer({ ...request, signal })
        throw CUT
      case 'silent':
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      case undefined: {
        const response = await storage.answer({ ...request, signal })
        if (response.status >= 200 && response.status < 300) bytes.acknowledged += fileBytes(request)
        return response
      }
      default:
        return answerOf(fault.status, fault.headers, fault.text)
    }
  }

  const context: TransferContext = {
    signal,
    item: { id: 'item-1', metadata: {} },
    order: () => [0],
    async send(_url, make) {
      signal.throwIfAborted()
      const request = await make()
      signal.throwIfAborted()
      inFlight += 1
      try {
        return await send(request)
      } finally {
        inFlight -= 1
      }
    },
    parallelism: () => slots,
    onProgress(sentBytes) {
      if (hasSettled) late += 1
      progress.push(sentBytes)
    },
    checkpoint: { load: () => saved.at(-1), save: (value) => saved.push(structuredClone(value)) },
    parts: storage.parts ?? { sign: () => Promise.reject(CUT), list: () => Promise.resolve([]) },
    now: () => startedAt,
    plannedAt: startedAt,
  }
  const done = strategy.upload(file, storage.plan, context).finally(() => (hasSettled = true))
  // A rejection is looked at later than it comes.
  done.catch(() => {})
  return {
    done,
    requests,
    progress,
    saved,
    hasSent,
    abort: (reason: Error) => controller.abort(reason),
    inFlight: () => inFlight,
    late: () => late,
    sentBytes: () => bytes.sent,
    acknowledgedBytes: () => bytes.acknowledged,
  }
}

/** Bytes of the file in a request: all that is not text. */
function fileBytes({ body }: StorageRequest): number {
  if (body === undefined) return 0
  if (body instanceof Blob) return body.size
  return body.reduce((sum, [, value]) => sum + (typeof value === 'string' ? 0 : value.size), 0)
}

function contractFile(size: number, name = 'file.bin'): File {
  const bytes = new Uint8Array(size)
  for (let index = 0; index < size; index += 1) bytes[index] = index * 31 + (index >> 8)
  return new File([bytes], name, { type: 'image/png' })
}

/** An answer of a scripted storage. Names of headers in lower case. */
export function answerOf(status: number, headers: Readonly<Record<string, string>> = {}, text = ''): HttpResponse {
  return { status, text, header: (name) => headers[name.toLowerCase()] }
}

/** In hexadecimal digits. */
export async function sha256Of(content: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await content.arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What a promise rejects with. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
