import type { Clock } from '../clock.js'
import { ownError, UploadError, type UploadErrorCode } from '../errors.js'
import { inTime, untilAborted } from '../http/policy/in-time.js'
import { createSlots, type SlotOrder } from '../http/policy/slots.js'
import type { UploadItem } from '../item/item.js'

/** What a hook of the user is told besides the file. */
export interface HookContext {
  /** Aborted when the item is cancelled or removed, or has taken too long. */
  readonly signal: AbortSignal
  readonly item: UploadItem
  /** The file of another item, while it is there. */
  file(id: string): File | undefined
}

/** Says, in a sentence for people, why a file is refused; nothing where it is not. */
export type Validator = (file: File, context: HookContext) => string | null | undefined | Promise<string | null | undefined>

/** Makes the file that is uploaded out of the one that was chosen: compressed, renamed, without what it should not tell. */
export type PrepareHook = (file: File, context: HookContext) => File | Promise<File>

export interface Hooks {
  /** Rejects with an `UploadError` where a validator refuses the file, fails, or does not answer in time. */
  check(item: UploadItem, file: File, order: SlotOrder, signal: AbortSignal): Promise<void>
  /** Rejects with an `UploadError` where the hook fails. It has all the time it wants: whoever compresses a film needs it. */
  prepare(item: UploadItem, file: File, signal: AbortSignal): Promise<File>
  /** Whether as many files are prepared as may be at once. */
  isBusy(): boolean
}

/** At once: they ask servers, or read a few bytes. */
const CHECKED_AT_ONCE = 10
/** At once: it keeps a processor busy. */
const PREPARED_AT_ONCE = 2
const NOT_PREPARED = 'The file could not be made ready for the upload.'
/** A check that takes longer has failed, in milliseconds. */
const CHECK_MS = 15_000

export interface HooksOptions {
  readonly clock: Clock
  readonly validators: readonly Validator[]
  readonly prepare: PrepareHook
  file(id: string): File | undefined
}

export function createHooks({ clock, validators, prepare, file: fileOf }: HooksOptions): Hooks {
  const checking = createSlots(() => CHECKED_AT_ONCE)
  const preparing = createSlots(() => PREPARED_AT_ONCE)

  async function validate(item: UploadItem, file: File, signal: AbortSignal): Promise<void> {
    for (const validator of validators) {
      const refusal = await failingAs('validation', 'The file could not be checked.', () => validator(file, { signal, item, file: fileOf }))
      if (typeof refusal === 'string') throw new UploadError('validation', refusal)
    }
  }

  async function make(item: UploadItem, file: File, signal: AbortSignal): Promise<File> {
    const prepared: unknown = await failingAs('prepare_failed', NOT_PREPARED, () => prepare(file, { signal, item, file: fileOf }))
    if (prepared instanceof File) return prepared
    throw ownError('prepare_failed', NOT_PREPARED)
  }

  return {
    async check(item, file, order, signal) {
      const release = await checking.take('', order, signal)
      const late = () => ownError('validation', 'The file could not be checked in time.', { retryable: true })
      return inTime(clock, CHECK_MS, signal, (ends) => validate(item, file, ends), late).finally(release)
    },
    async prepare(item, file, signal) {
      const release = await preparing.take('', [], signal)
      return untilAborted(signal, () => make(item, file, signal)).finally(release)
    },
    isBusy: () => (preparing.inspect()['']?.used ?? 0) >= PREPARED_AT_ONCE,
  }
}

async function failingAs<T>(code: UploadErrorCode, sentence: string, hook: () => T | Promise<T>): Promise<T> {
  try {
    return await hook()
  } catch (cause) {
    throw cause instanceof UploadError ? cause : ownError(code, sentence, { cause, retryable: true })
  }
}
