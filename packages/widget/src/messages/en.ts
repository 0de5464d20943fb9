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

  // Errors speak English themselves.
  error: {},

  connection: {
    live: 'Live',
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    lost: 'Not connected',
    polling: 'Asking the server now and then',
    offline: 'Offline',
    latency: (milliseconds) => text('Answers in {milliseconds} ms', { milliseconds }),
    attempt: counted({ other: 'Attempt #' }),
  },

  panel: {
    tabs: 'Show files',
    tab: { all: 'All', active: 'Active', completed: 'Completed', failed: 'Failed' },
    nothing: {
      all: 'No files yet',
      active: 'Nothing is uploading',
      completed: 'Nothing has completed yet',
      failed: 'Nothing has failed',
    },

    cancelAll: 'Cancel all',
    clearAll: 'Clear all',
    clearFailed: counted({ other: 'Clear # failed' }),
    askCancel: counted({ one: 'Cancel # upload?', other: 'Cancel # uploads?' }),
    askDetail: 'What has been sent of them is thrown away.',
    confirmCancel: 'Cancel uploads',
    keep: 'Keep uploading',

    job: {
      title: 'Job',
      queued: 'Queued',
      running: 'In progress',
      completed: 'Completed',
      partly: 'Completed in part',
      failed: 'Failed',
      done: (completed, total) => plural(total, { other: '{completed} of # completed' }, { completed }),
    },

    notifications: 'Notifications',
    uploaded: counted({ one: '# file uploaded', other: '# files uploaded' }),
    someUploaded: (completed, total) => plural(total, { other: '{completed} of # files uploaded' }, { completed }),
    noneUploaded: counted({ one: '# file failed', other: '# files failed' }),
    showFailed: 'Show failed',
  },

  frame: {
    move: 'Move to the next corner',
    moveHint: 'Drag it, or press the arrow keys, with Shift for bigger steps. Home puts it back.',
    corner: {
      bottomRight: 'Bottom right',
      bottomLeft: 'Bottom left',
      topLeft: 'Top left',
      topRight: 'Top right',
    },
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

  row: {
    details: 'Details',
    code: 'Error code',
    uploadId: 'Upload ID',
    operationId: 'Operation ID',
    type: 'Type',
    size: 'Size',
    bytes: counted({ one: '# byte', other: '# bytes' }),
    folder: 'Folder',
    added: 'Added',
    attempt: 'Attempt',
    copy: (what) => text('Copy: {what}', { what }),
    copied: 'Copied',
    notCopied: 'It could not be copied. It is selected now: copy it with the keyboard.',
    openResult: 'Open the uploaded file',
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
    progress: (completed, total, percent) => plural(total, { other: '{completed} of # uploaded, {percent}.' }, { completed, percent }),
    overdue: (count, name) =>
      plural(count, { one: 'Still checking {name}.', other: 'Still checking # files, the first is {name}.' }, { name }),
    connectionLost: 'The connection to the server is lost. It is tried again.',
    connectionBack: 'The connection to the server is back.',
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

  status: {
    title: 'Server status',
    polling: 'Polling',
    connection: 'Connection',
    transport: 'Transport',
    latency: 'Latency',
    lastHeard: 'Last heard',
    attempt: (count) => text('Attempt {count}', { count }),
    unknown: 'Not known yet',
    stale: 'What you see is the last that is known.',
    tryAgain: 'Try again',
    health: 'Health',
    healthIs: { healthy: 'Healthy', warning: 'Warning', critical: 'Critical' },
    score: (score) => text('{score} of 100', { score }),
    part: { success: 'Operations that succeed', quickness: 'Updates that come quickly', connected: 'Time connected' },
    weight: (percent) => text('counts {percent}', { percent }),
    messages: 'Messages per second',
    data: 'Data per second',
    errorRate: 'Error rate',
    rising: (percent) => text('up {percent}', { percent }),
    falling: (percent) => text('down {percent}', { percent }),
    steady: 'steady',
    range: (least, median, most) => text('{least} to {most}, median {median}', { least, median, most }),
    noSamples: 'Nothing measured yet',
    values: 'Values of the last two minutes',
    time: 'Time',
    activeCount: counted({ other: '# active' }),
    active: 'Active operations',
    noneActive: 'Nothing is going on.',
    history: 'History',
    noneEnded: 'Nothing has ended yet.',
    type: { upload: 'Upload', delete: 'Deletion', update: 'Update', full_sync: 'Full sync', webhook: 'Webhook' },
    total: 'Operations',
    successRate: 'Success rate',
    duration: 'Average duration',
    peak: 'Most at once',
    perMinute: 'Per minute',
    subscriptions: 'Subscriptions',
    allOperations: 'All operations',
    job: (id) => text('Job {id}', { id }),
    operation: (id) => text('Operation {id}', { id }),
    following: 'Following',
    column: { topic: 'Topic', state: 'State', messages: 'Messages', bytes: 'Data', slowest: 'Slowest 5%', errors: 'Errors' },
    saidLive: 'Connected to the server again.',
    saidLost: 'The connection to the server is lost.',
  },

  operation: {
    looking: 'Looking it up…',
    unknown: 'There is no such operation, or it is not yours to see.',
    items: (done, total) => text('{done} of {total} items', { done, total }),
    failedItems: counted({ other: '# failed' }),
    revoked: 'The server took its confirmation back.',
    saidCompleted: (name) => text('{name} is completed.', { name }),
    saidCancelled: (name) => text('{name} was cancelled.', { name }),
  },
})
