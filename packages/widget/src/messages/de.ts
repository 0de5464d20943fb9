import type { Translation } from './messages.js'

const FILE_TYPES: Readonly<Record<string, string>> = { 'image/*': 'Bilder', 'video/*': 'Videos', 'audio/*': 'Audio', 'text/*': 'Text' }

export const de: Translation = ({ text, plural, counted }) => ({
  uploads: 'Uploads',
  noFiles: 'Noch keine Dateien',
  fileList: 'Dateien',
  allFiles: 'Alle Dateien',
  fileListHint: 'Mit den Pfeiltasten nach oben und unten zwischen den Dateien wechseln.',
  unnamedFile: 'Unbenannte Datei',

  dropHere: 'Dateien oder Ordner hierher ziehen',
  dropNow: 'Zum Hochladen loslassen',
  chooseFiles: 'Dateien auswählen',
  chooseFolder: 'Ordner auswählen',
  readingFolder: counted({ one: 'Ordner wird gelesen … bisher # Datei', other: 'Ordner wird gelesen … bisher # Dateien' }),
  unreadableFiles: (count, first) =>
    plural(
      count,
      { one: '„{first}“ konnte nicht gelesen werden.', other: '# Dateien konnten nicht gelesen werden, die erste ist „{first}“.' },
      { first },
    ),
  fileType: (type) => FILE_TYPES[type] ?? type,
  restrictions: ({ types, maxBytes, maxFiles }) =>
    [
      types,
      maxBytes && text('je bis zu {maxBytes}', { maxBytes }),
      maxFiles && plural(maxFiles, { one: 'höchstens # Datei', other: 'höchstens # Dateien' }),
    ]
      .filter(Boolean)
      .join(' · '),

  uploading: (count, percent) =>
    plural(count, { one: '# wird hochgeladen ({percent})', other: '# werden hochgeladen ({percent})' }, { percent }),
  processing: counted({ one: '# wird verarbeitet', other: '# werden verarbeitet' }),
  waitingCount: counted({ one: '# wartet', other: '# warten' }),
  completedCount: counted({ other: '# abgeschlossen' }),
  failedCount: counted({ other: '# fehlgeschlagen' }),
  cancelledCount: counted({ other: '# abgebrochen' }),
  heldCount: counted({ other: 'Pausiert · noch #' }),
  bytesOf: (sent, total) => text('{sent} von {total}', { sent, total }),
  timeLeft: (duration) => text('noch {duration}', { duration }),

  badge: {
    queued: 'In Warteschlange',
    preparing: 'Wird vorbereitet',
    uploading: 'Wird hochgeladen',
    paused: 'Pausiert',
    waiting: 'Wartet',
    offline: 'Keine Verbindung',
    processing: 'Wird verarbeitet',
    overdue: 'Wird noch geprüft …',
    completed: 'Abgeschlossen',
    failed: 'Fehlgeschlagen',
    cancelled: 'Abgebrochen',
  },
  waitingFor: {
    backoff: 'Neuer Versuch in Kürze.',
    offline: 'Geht von selbst weiter, sobald der Server erreichbar ist.',
    auth: 'Mit „Erneut versuchen“ geht es weiter.',
  },
  overdueDetail: 'Der Server braucht länger als üblich.',
  cancelTooLate: 'War fertig, bevor abgebrochen werden konnte.',
  retryHint: 'Mit „Erneut versuchen“ noch einmal starten.',
  progressOf: (name) => text('Fortschritt von {name}', { name }),

  action: {
    cancel: 'Abbrechen',
    pause: 'Pausieren',
    resume: 'Fortsetzen',
    retry: 'Erneut versuchen',
    remove: 'Entfernen',
    chooseAgain: 'Datei erneut auswählen',
    start: 'Starten',
    pauseAll: 'Alle pausieren',
    resumeAll: 'Alle fortsetzen',
    retryFailed: counted({ one: '# fehlgeschlagene erneut versuchen', other: '# fehlgeschlagene erneut versuchen' }),
    clearCompleted: counted({ one: '# abgeschlossene entfernen', other: '# abgeschlossene entfernen' }),
    collapse: 'Einklappen',
    expand: 'Uploads anzeigen',
    dismiss: 'Schließen',
  },
  actionOn: (action, name) => text('{action}: {name}', { action, name }),

  rejected: counted({ one: '# Datei wurde nicht hinzugefügt', other: '# Dateien wurden nicht hinzugefügt' }),
  andMore: counted({ one: 'und # weitere', other: 'und # weitere' }),

  error: {
    network: 'Die Verbindung wurde unterbrochen.',
    stalled: 'Der Server hat nicht rechtzeitig geantwortet.',
    throttled: 'Der Server ist ausgelastet. Der Upload geht gleich weiter.',
    signed_out: 'Sie sind nicht mehr angemeldet. Melden Sie sich an und versuchen Sie es erneut.',
    forbidden: 'Sie dürfen hier nichts hochladen.',
    server: 'Auf dem Server ist ein Problem aufgetreten.',
    rejected: 'Der Server hat die Anfrage abgelehnt.',
    bad_answer: 'Der Server hat eine unverständliche Antwort gegeben.',
    file_unreadable: 'Die Datei kann nicht mehr gelesen werden. Wählen Sie sie erneut aus, um fortzufahren.',
    file_too_large: (size) => text('Die Datei ist zu groß. Erlaubt sind höchstens {size}.', { size }),
    file_too_small: (size) => text('Die Datei ist zu klein. Erforderlich sind mindestens {size}.', { size }),
    file_type: (types) => text('Dieser Dateityp wird nicht angenommen. Erlaubt: {types}.', { types }),
    too_many_files: counted({
      one: 'Es kann nur # Datei auf einmal hochgeladen werden.',
      other: 'Es können nur # Dateien auf einmal hochgeladen werden.',
    }),
    prepare_failed: 'Die Datei konnte nicht vorbereitet werden.',
    remote_error: 'Der Server konnte die Datei nicht verarbeiten.',
    unsupported_plan: 'Der Server verlangt eine Art der Übertragung, die diese Seite nicht beherrscht.',
    files_not_kept: 'Kein Platz, um Dateien zu behalten: Nach dem Neuladen müssen sie erneut ausgewählt werden.',
    not_persisted: 'Der Browser behält die Warteschlange nicht: Nach dem Neuladen ist sie leer.',
    aborted: 'Der Upload wurde abgebrochen.',
  },

  connection: {
    live: 'Live',
    connecting: 'Verbindung wird hergestellt …',
    reconnecting: 'Verbindung wird wiederhergestellt …',
    lost: 'Nicht verbunden',
    polling: 'Der Server wird ab und zu gefragt',
  },

  say: {
    added: counted({ one: '# Datei hinzugefügt.', other: '# Dateien hinzugefügt.' }),
    progress: (completed, total, percent) => plural(total, { other: '{completed} von # hochgeladen, {percent}.' }, { completed, percent }),
    allEnded: (parts) => text('Uploads beendet: {parts}.', { parts: parts.join(', ') }),
    failed: (name, reason) => text('{name} ist fehlgeschlagen. {reason}', { name, reason }),
    manyFailed: (count, name, reason) =>
      plural(
        count,
        { one: '# Upload ist fehlgeschlagen, {name}: {reason}', other: '# Uploads sind fehlgeschlagen. Der letzte ist {name}: {reason}' },
        { name, reason },
      ),
    rejected: (count, name, reason) =>
      plural(
        count,
        { one: '{name} wurde nicht hinzugefügt. {reason}', other: '# Dateien wurden nicht hinzugefügt. Die erste ist {name}: {reason}' },
        { name, reason },
      ),
  },
})
