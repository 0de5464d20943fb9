import { toUploadError } from '../../errors.js'
import {
  isRecord,
  isTerminal,
  parseUploadPlan,
  type AnyPlan,
  type CreateUploadsRequest,
  type SignedPart,
  type SnapshotRequest,
  type SyncStatusUpdate,
  type UploadPlan,
} from '../../protocol/index.js'
import type { TransferResult } from '../../strategies/strategy.js'
import { createMemoryServer } from '../memory-server.js'
import type { WorkEnd } from './scenario.js'
import type { Place, SimulatedRequest, SimulatedResponse, SimulatedServerFactory } from './simulated-server.js'

const STORAGE = 'http://storage.test'
const REFUSED = { code: 'refused', message: 'No.', retryable: true }
const NEVER = new AbortController().signal

/** The memory server behind HTTP, with a storage that keeps bytes and checks addresses. As strict as a real one: what is missing or late is refused. */
export const memorySimulatedServer: SimulatedServerFactory = async ({ clock, setting, random }) => {
  const { skewsMs, stampMs, workMs, urlExpiresS, isUnversioned } = setting
  const server = createMemoryServer({ now: stamp, expiresInS: urlExpiresS, isUnversioned })
  const { api } = server
  const plans = new Map<string, UploadPlan>()
  /** By operation: what came for each part, and the whole once it was verified. */
  const parts = new Map<string, Map<number, Uint8Array<ArrayBuffer>>>()
  const objects = new Map<string, Uint8Array>()
  const ends: WorkEnd[] = []
  const wasWorking = new Set<string>()
  const endless = new Set<string>()

  function stamp(): number {
    const skew = skewsMs[Math.floor(random() * skewsMs.length)] ?? 0
    return stampMs === Infinity ? Date.UTC(2026, 0, 1) : Math.floor((clock.now() + skew) / stampMs) * stampMs
  }

  // -- its work ------------------------------------------------------------------------------------------------------------------------

  server.onWord(({ operation_id: id, status }) => {
    if (status !== 'in_progress') return void wasWorking.delete(id)
    if (wasWorking.has(id)) return
    wasWorking.add(id)
    const end = ends.shift()
    if (end === 'never') endless.add(id)
    else clock.setTimeout(() => finish(id, end), workMs)
  })

  function finish(id: string, end?: WorkEnd): void {
    if (server.word(id).status !== 'in_progress') return
    if (end === undefined) server.say(id, { status: 'completed', progress: 100, result: id })
    else server.say(id, { status: 'failed', error: { ...REFUSED, retryable: end === 'fails' } })
  }

  // -- storage -------------------------------------------------------------------------------------------------------------------------

  const sign = (url: string) => `${url}?until=${clock.now() + urlExpiresS * 1000}`
  const signed = (list: readonly SignedPart[]) => list.map((part) => ({ ...part, url: sign(part.url) }))

  function signedPlan(id: string, given: AnyPlan): UploadPlan {
    const parsed = parseUploadPlan(given)
    if (!parsed.ok) throw new TypeError(parsed.reason)
    const plan = parsed.value
    plans.set(id, plan)
    return plan.kind === 'put' ? { ...plan, url: sign(plan.url) } : plan
  }

  function placeOf(url: string): Place | undefined {
    const { origin, pathname } = new URL(url)
    if (origin !== STORAGE) return undefined
    const [operationId = '', part = '0'] = pathname.slice(1).split('/')
    return { operationId, part: Number(part) }
  }

  function sizeOfPart(id: string, part: number): number {
    const plan = plans.get(id)
    const size = server.word(id).file?.size ?? 0
    return plan?.kind !== 'multipart' ? size : Math.max(0, Math.min(plan.part_bytes, size - (part - 1) * plan.part_bytes))
  }

  function store({ operationId, part }: Place, { url, body, isBroken }: SimulatedRequest): SimulatedResponse {
    if (Number(new URL(url).searchParams.get('until')) <= clock.now())
      return { status: 403, text: '<Message>Request has expired</Message>' }
    const word = server.words().find((one) => one.operation_id === operationId)
    if (word === undefined || (isTerminal(word.status) && word.status !== 'completed')) return problem(410, 'upload_gone')
    if (objects.has(operationId)) return problem(409, 'upload_complete')
    if (isBroken || body.length !== sizeOfPart(operationId, part)) return problem(400, 'too_few_bytes', true)
    const stored = parts.get(operationId) ?? new Map<number, Uint8Array<ArrayBuffer>>()
    parts.set(operationId, stored.set(part, body))
    if (part > 0) server.storePart(operationId, { part_number: part, size: body.length, etag: `"${part}"` })
    return { status: 200, headers: { etag: `"${part}"` }, text: '' }
  }

  /** Puts the parts together; `undefined` where one is missing. */
  function assemble(id: string): Uint8Array | undefined {
    const plan = plans.get(id)
    const size = server.word(id).file?.size ?? 0
    const first = plan?.kind === 'multipart' ? 1 : 0
    const count = plan?.kind === 'multipart' ? Math.max(1, Math.ceil(size / plan.part_bytes)) : 1
    const object = new Uint8Array(size)
    for (let index = 0, offset = 0; index < count; index += 1) {
      const part = parts.get(id)?.get(first + index)
      if (part === undefined) return undefined
      object.set(part, offset)
      offset += part.length
    }
    return object
  }

  // -- the API -------------------------------------------------------------------------------------------------------------------------

  async function complete(id: string, transfer: TransferResult): Promise<SimulatedResponse> {
    // Idempotent: whoever asks again gets the last word.
    if (server.word(id).status !== 'pending') return json({ update: server.word(id) })
    const object = assemble(id)
    if (object === undefined) return problem(409, 'bytes_missing', true)
    objects.set(id, object)
    return json({ update: await api.complete(id, transfer, NEVER) })
  }

  async function call(path: string, body: Record<string, unknown>): Promise<SimulatedResponse> {
    const [, kind, id = '', what] = /^(\w+)\/(?:uploads\/([^/]+)\/)?(.*)$/.exec(path) ?? []
    switch (`${kind} ${what}`) {
      case 'commands upload-jobs': {
        const answer = await api.createUploads(body as unknown as CreateUploadsRequest, NEVER)
        const operations = answer.operations.map((one) => ('plan' in one ? { ...one, plan: signedPlan(one.operation_id, one.plan) } : one))
        return json({ ...answer, operations })
      }
      case 'commands parts': {
        const answer = await api.signParts(id, body['part_numbers'] as readonly number[], NEVER)
        return json({ ...answer, parts: signed(answer.parts) })
      }
      case 'queries parts':
        return json({ parts: await api.listParts(id, NEVER) })
      case 'commands complete':
        return complete(id, body)
      case 'commands cancel':
        return json({ update: await api.cancel(id, NEVER) })
      case 'commands retry': {
        const answer = await api.retry(id, NEVER)
        return json(answer !== undefined && 'plan' in answer ? { ...answer, plan: signedPlan(answer.operation_id, answer.plan) } : answer)
      }
      case 'queries operations':
        return json(await api.snapshot(body as unknown as SnapshotRequest, NEVER))
      default:
        return json({})
    }
  }

  const url = 'http://api.test/uploads/'
  return {
    url,
    placeOf,
    async handle(request) {
      const place = placeOf(request.url)
      if (place !== undefined) return store(place, request)
      if (request.isBroken) return problem(400, 'request_aborted', true)
      try {
        const body: unknown = request.body.length === 0 ? {} : JSON.parse(new TextDecoder().decode(request.body))
        return await call(request.url.slice(url.length), isRecord(body) ? body : {})
      } catch (thrown) {
        const { status = 500, remoteCode = 'internal' } = toUploadError(thrown)
        return problem(status, remoteCode)
      }
    },
    onWord: server.onWord,
    words: async () => server.words(),
    object: async (id) => objects.get(id),
    async say(id, what) {
      const { status, progress } = server.word(id)
      const change = saying(what, status, progress, objects.has(id))
      if (change !== undefined) server.say(id, change)
    },
    nextWork: (end) => void ends.push(end),
    finishWork() {
      ends.length = 0
      for (const id of endless) finish(id)
      endless.clear()
    },
    close: async () => {},
  }
}

function saying(
  what: string,
  status: SyncStatusUpdate['status'],
  progress: number,
  hasBytes: boolean,
): Partial<SyncStatusUpdate> | undefined {
  if (what === 'progress') return status === 'in_progress' ? { progress: Math.min(99, progress + 30), stage: 'working' } : undefined
  // The server may know the file already, while its bytes are still on the way.
  if (what === 'completed') return isTerminal(status) ? undefined : { status: 'completed', progress: 100 }
  if (what === 'failed') return isTerminal(status) ? undefined : { status: 'failed', error: REFUSED }
  if (what === 'revoked') return status === 'completed' ? { status: 'failed', error: { ...REFUSED, code: 'revoked' } } : undefined
  return status === 'failed' && hasBytes ? { status: 'in_progress', progress: 0 } : undefined
}

function json(value: unknown): SimulatedResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify(value) }
}

function problem(status: number, code: string, retryable = false): SimulatedResponse {
  const text = JSON.stringify({ type: 'about:blank', title: code, status, code, detail: `Refused: ${code}.`, retryable })
  return { status, headers: { 'content-type': 'application/problem+json' }, text }
}
