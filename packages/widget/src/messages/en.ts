import type { Catalogue } from './messages.js'

const FILE_TYPES: Readonly<Record<string, string>> = { 'image/*': 'images', 'video/*': 'videos', 'audio/*': 'audio', 'text/*': 'text' }

/** English, which every other language falls back to. */
export const en: Catalogue = ({ formats, text, plural, counted }) => ({
  uploads: 'Uploads',
  noFiles: 'No files yet',
  fileList: 'Files',
  allFiles: 'All files',
  fileListHint: 'Use the up and down arrow keys to move between files.',
  unnamedFile: 'Unnamed file',

  dropHere: 'Drop files or folders here',
  dropNow: 'Let go to upload',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose a folder',
  readingFolder: counted({ one: 'Reading the folder… # file so far', other: 'Reading the folder… # files so far' }),
  unreadableFiles: (count, first) =>
    plural(count, { one: '“{first}” could not be read.', other: '# files could not be read, the first is “{first}”.' }, { first }),
  fileType: (type) => FILE_TYPES[type] ?? type,
  restrictions: ({ types, maxBytes, maxFiles }) =>
    [
      types,
      maxBytes && text('up to {maxBytes} each', { maxBytes }),
      maxFiles && plural(maxFiles, { one: 'at most # file', other: 'at most # files' }),
    ]
      .filter(Boolean)
      .join(' · '),

  uploading: (count, percent) => plural(count, { other: '# uploading ({percent})' }, { percent }),
  processing: counted({ other: '# processing' }),
  waitingCount: counted({ other: '# waiting' }),
  completedCount: counted({ other: '# completed' }),
  failedCount: counted({ other: '# failed' }),
  cancelledCount: counted({ other: '# cancelled' }),
  heldCount: counted({ other: 'Paused · # to go' }),
  bytesOf: (sent, total) => text('{sent} of {total}', { sent, total }),
  timeLeft: (duration) => text('{duration} left', { duration }),

  badge: {
    queued: 'Queued',
    preparing: 'Preparing',
    uploading: 'Uploading',
    paused: 'Paused',
    waiting: 'Waiting',
    offline: 'No connection',
    processing: 'Processing',
    overdue: 'Still checking…',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  waitingFor: {
    backoff: 'Trying again soon.',
    offline: 'Goes on by itself when the server can be reached.',
    auth: 'Press Retry to go on.',
  },
  overdueDetail: 'The server takes longer than usual.',
  cancelTooLate: 'It had finished before it could be cancelled.',
  retryHint: 'Press Retry to try again.',
  progressOf: (name) => text('Progress of {name}', { name }),

  action: {
    cancel: 'Cancel',
    pause: 'Pause',
    resume: 'Resume',
    retry: 'Retry',
    remove: 'Remove',
    chooseAgain: 'Choose the file again',
    start: 'Start',
    pauseAll: 'Pause all',
    resumeAll: 'Resume all',
    retryFailed: counted({ other: 'Retry # failed' }),
    clearCompleted: counted({ other: 'Clear # completed' }),
    collapse: 'Collapse',
    expand: 'Show uploads',
    dismiss: 'Dismiss',
  },
  actionOn: (action, name) => text('{action}: {name}', { action, name }),

  rejected: counted({ one: '# file was not added', other: '# files were not added' }),
  andMore: counted({ other: 'and # more' }),

  connection: {
    live: 'Live',
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    lost: 'Not connected',
    polling: 'Asking the server now and then',
  },

  dropzone: {
    dropAnywhere: 'Drop files anywhere',
    takePhoto: 'Take a photo',
    recordVideo: 'Record a video',
  },

  form: {
    unfinished: 'Uploads are still running. Wait until they have finished, or cancel them.',
    failed: counted({ one: '# file failed. Retry it or remove it.', other: '# files failed. Retry or remove them.' }),
    missing: 'Please add a file.',
    restored: counted({ one: '# file from before', other: '# files from before' }),
  },

  queue: {
    title: 'Queue',
    list: 'Files in their order',
    hint: 'Use the up and down arrow keys to move between files, and Alt with them to move a file.',
    empty: 'Nothing is waiting',
    emptyHint: 'Files wait here for their turn.',
    statistics: { waiting: 'Waiting', uploading: 'Uploading', paused: 'Paused', done: 'Done', failed: 'Failed' },
    position: (position, total) =>
      text('Position {position} of {total}', { position: formats.count(position), total: formats.count(total) }),
    handle: 'Move',
    handleHint: 'Press Space to lift the file, the arrow keys to move it, Space to drop it, or Escape to put it back.',
    more: 'More actions',
    toTop: 'Move to the top',
    up: 'Move up',
    down: 'Move down',
    toBottom: 'Move to the bottom',
    priority: 'Priority',
    level: { high: 'High', normal: 'Normal', low: 'Low' },
    fixed: { uploading: 'It is uploading already and keeps its place.', elsewhere: 'Another tab uploads it: its place is decided there.' },
    say: {
      lifted: (name, position, total) =>
        text('{name} lifted, position {position} of {total}.', { name, position: formats.count(position), total: formats.count(total) }),
      over: (position, total) =>
        text('Position {position} of {total}.', { position: formats.count(position), total: formats.count(total) }),
      moved: (name, position, total) =>
        text('{name} moved to position {position} of {total}.', {
          name,
          position: formats.count(position),
          total: formats.count(total),
        }),
      putBack: (name, position, total) =>
        text('{name} is back at position {position} of {total}.', {
          name,
          position: formats.count(position),
          total: formats.count(total),
        }),
      started: (name) => text('{name} is uploading now and was not moved.', { name }),
      left: (name) => text('{name} has left the queue.', { name }),
      priority: (name, level) => text('{name}: priority {level}.', { name, level }),
      fixed: (name, reason) => text('{name} was not moved. {reason}', { name, reason }),
    },
  },

  say: {
    added: counted({ one: '# file added.', other: '# files added.' }),
    progress: (count, percent) => plural(count, { other: '# uploading, {percent}.' }, { percent }),
    allEnded: (parts) => text('Uploads finished: {parts}.', { parts: formats.list(parts) }),
    failed: (name, reason) => text('{name} failed. {reason}', { name, reason }),
    manyFailed: (count, name, reason) => plural(count, { other: '# uploads failed. The last is {name}: {reason}' }, { name, reason }),
    rejected: (count, name, reason) =>
      plural(
        count,
        { one: '{name} was not added. {reason}', other: '# files were not added. The first is {name}: {reason}' },
        { name, reason },
      ),
  },
})
