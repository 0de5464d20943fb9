import { UploadError, type UploadErrorCode } from '@upload-panel/core'
import { createTestFile } from '@upload-panel/core/testing'
import { type ItemChange, serverWord } from '../testing/an-item.js'
import { type ScriptedUploader, scriptedUploader } from '../testing/scripted-uploader.js'

/** One file of a story, and what has become of it. */
export interface StoryFile {
  readonly name: string
  readonly size?: number
  /** Folder that it came from. */
  readonly folder?: string
  readonly change?: ItemChange
}

const MEGABYTE = 1_000_000

/** An uploader that stands still with these files. */
export function uploaderWith(files: readonly StoryFile[]): ScriptedUploader {
  const uploader = scriptedUploader()
  const ids = uploader.add(
    files.map(({ name, size = 10 * MEGABYTE, folder }) => ({
      file: createTestFile(name, size),
      ...(folder !== undefined && { relativePath: `${folder}/${name}` }),
    })),
  )
  files.forEach(({ change }, index) => {
    if (change) uploader.set(ids[index] ?? '', change)
  })
  return uploader
}

/** Each phase of a file's life, with all that it can show there. */
export const PHASES = {
  queued: { phase: 'queued' },
  queuedAndPaused: { phase: 'queued', paused: true },
  preparing: { phase: 'preparing' },
  ready: { phase: 'ready' },
  uploading: { phase: 'uploading', sentBytes: 4_200_000, bytesPerSecond: 3_100_000, secondsLeft: 2 },
  uploadingWithoutEstimate: { phase: 'uploading', sentBytes: 80_000 },
  paused: { phase: 'ready', sentBytes: 6_000_000, paused: true },
  waitingToTryAgain: {
    phase: 'waiting',
    reason: 'backoff',
    error: new UploadError('server', 'The server had a fault of its own.'),
    sentBytes: 3_000_000,
  },
  waitingOffline: {
    phase: 'waiting',
    reason: 'offline',
    error: new UploadError('network', 'The server cannot be reached.'),
    sentBytes: 3_000_000,
  },
  waitingForSignIn: { phase: 'waiting', reason: 'auth', error: new UploadError('auth', 'You are not signed in any more.') },
  waitingForFile: {
    phase: 'waiting',
    reason: 'file',
    error: new UploadError('file_unreadable', 'The file cannot be read any more. Choose it again.'),
  },
  processing: { phase: 'processing', overdue: false },
  processingWithStage: {
    phase: 'processing',
    overdue: false,
    server: serverWord({ progress: 45, stage: 'making_thumbnail', message: 'Page 9 of 20' }),
  },
  overdue: { phase: 'processing', overdue: true, server: serverWord({ progress: 60, stage: 'compressing' }) },
  completed: { phase: 'completed' },
  completedThoughCancelled: { phase: 'completed', cancelTooLate: true },
  failedHere: { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost too often.') },
  failedOnServer: {
    phase: 'failed',
    by: 'server',
    error: new UploadError('remote_error', 'The video has no picture track', { remoteCode: 'no_video' }),
  },
  cancelled: { phase: 'cancelled' },
} as const satisfies Readonly<Record<string, ItemChange>>

export type PhaseName = keyof typeof PHASES

/** A queue as people have it: something of everything. */
export const MIXED: readonly StoryFile[] = [
  {
    name: 'Summer in Lisbon.mp4',
    size: 1_240 * MEGABYTE,
    change: { phase: 'uploading', sentBytes: 520 * MEGABYTE, bytesPerSecond: 11_400_000, secondsLeft: 64 },
  },
  { name: 'Quarterly report 2026.pdf', size: 4.2 * MEGABYTE, folder: 'Reports', change: PHASES.processingWithStage },
  { name: 'IMG_2041.jpg', size: 6.8 * MEGABYTE, folder: 'Camera/June', change: PHASES.completed },
  { name: 'IMG_2042.jpg', size: 7.1 * MEGABYTE, folder: 'Camera/June', change: PHASES.completed },
  { name: 'interview-raw.wav', size: 310 * MEGABYTE, change: { phase: 'ready', sentBytes: 96 * MEGABYTE, paused: true } },
  { name: 'contract-signed.docx', size: 0.4 * MEGABYTE, change: PHASES.failedOnServer },
  { name: 'backup.zip', size: 890 * MEGABYTE, change: PHASES.waitingOffline },
  { name: 'notes.txt', size: 2_048 },
]

/** A sentence for each code. A code that is missing here does not compile. */
const PROBLEMS: Readonly<Record<UploadErrorCode, string>> = {
  network: 'The connection was lost.',
  stalled: 'No byte moved for 45 seconds.',
  throttled: 'The server is busy and asked to slow down.',
  auth: 'You are not signed in any more.',
  server: 'The server had a fault of its own.',
  rejected: 'The server refused this file.',
  bad_answer: 'The server answered with a page in place of data.',
  file_unreadable: 'The file was moved or deleted since it was chosen.',
  file_too_large: 'The file is larger than 5 GB.',
  file_too_small: 'The file is empty.',
  file_type: 'Files of this type are not taken.',
  too_many_files: 'At most 100 files can be added.',
  validation: 'Pictures have to be at least 600 pixels wide.',
  prepare_failed: 'The picture could not be made smaller.',
  remote_error: 'A virus was found in the file.',
  unsupported_plan: 'The server planned a way of sending that this page does not know.',
  files_not_kept: 'There is no room to keep the file for the next page.',
  not_persisted: 'The queue cannot be kept for the next page.',
  aborted: 'The upload was stopped.',
}

/** A file for every way in which an upload can fail. */
export const EVERY_ERROR: readonly StoryFile[] = Object.entries(PROBLEMS).map(([code, sentence]) => ({
  name: `${code}.bin`,
  change: { phase: 'failed', by: code === 'remote_error' ? 'server' : 'self', error: new UploadError(code as UploadErrorCode, sentence) },
}))

/** Files that the restrictions refused. */
export const REFUSED: readonly { readonly file: File; readonly error: UploadError }[] = (
  ['file_too_large', 'file_too_small', 'file_type', 'too_many_files', 'validation'] as const
).map((code) => ({ file: createTestFile(`${code}.bin`, 1), error: new UploadError(code, PROBLEMS[code]) }))

const EVIL = '<img src=x onerror="alert(1)">'
const RIGHT_TO_LEFT_OVERRIDE = '\u202e'

/** Names that try to break out, to hide what they are, or to push everything else away. */
export const HOSTILE_NAMES: readonly StoryFile[] = [
  `${EVIL}.png`,
  `invoice${RIGHT_TO_LEFT_OVERRIDE}fdp.exe`,
  `${'a'.repeat(300)}.tar.gz`,
  `${'Meeting notes of the working group '.repeat(8)}final (2).docx`,
  'تقرير الربع الثالث 2026.pdf',
  'דוח רבעוני.xlsx',
  '四半期報告書の最終版をもう一度確認したもの.pdf',
  'Z̸̢͎a̷̧l̵̨g̶̨o̷͉ ̶̗t̴̲e̸̳x̵̘t̵͕.txt',
  '👩‍👩‍👧‍👦 family 🏖️.jpeg',
  '{{constructor.constructor("alert(1)")()}}.json',
  '..\\..\\etc\\passwd',
  '   ',
  'no-extension',
].map((name, index) => ({
  name,
  folder: index === 1 ? `${EVIL}/${'deep/'.repeat(40)}end` : 'in',
  change: index % 2 ? PHASES.failedOnServer : PHASES.uploading,
}))

/** As the server may say it: markup, length, and what writes from right to left. */
export const HOSTILE_SERVER: readonly StoryFile[] = [
  {
    name: 'stage.bin',
    change: {
      phase: 'processing',
      overdue: false,
      server: serverWord({ progress: 12, stage: EVIL, message: `${RIGHT_TO_LEFT_OVERRIDE}${EVIL}` }),
    },
  },
  {
    name: 'message.bin',
    change: { phase: 'failed', by: 'server', error: new UploadError('remote_error', `${EVIL} ${'very '.repeat(200)}long`) },
  },
  { name: 'picture.png', change: { phase: 'completed', result: { thumbnailUrl: 'javascript:alert(1)' } } },
]

/** So many that only a window of them can exist as elements. */
export function manyFiles(count: number): readonly StoryFile[] {
  const changes: readonly ItemChange[] = [PHASES.uploading, PHASES.processing, PHASES.completed, PHASES.failedHere, PHASES.queued]
  // Few of them move: each change is summed up by the scripted uploader, over all.
  return Array.from({ length: count }, (_, index) => {
    const change = index < 40 ? changes[index % changes.length] : undefined
    return {
      name: `photo-${String(index + 1).padStart(5, '0')}.jpg`,
      folder: `Camera/${Math.floor(index / 100)}`,
      ...(change && { change }),
    }
  })
}
