import { describe, expect, it } from 'vitest'
import { createMessages } from './create-messages.js'
import { en } from './en.js'
import { LANGUAGES } from './languages.js'
import type { Catalogue, PluralForms, Tools, Values, Words } from './messages.js'

const COUNTS = [0, 1, 2, 3, 5, 10, 11, 21, 100, 101, 1234, 1_000_000]
/** File names, sentences of servers: what stands in a sentence and has to be found in it, whole. */
const NAME = 'a{b}#.txt'
const REASON = 'Reason why.'

/** A call of each function that takes more, or something else, than a count. */
type Calls<T> = {
  readonly [K in keyof T as Called<T[K]> extends never ? never : K]: Called<T[K]>
}
type Called<T> = T extends (count: number) => string
  ? never
  : T extends (...args: infer A) => string
    ? readonly A[]
    : T extends string | undefined
      ? never
      : NonNullable<T> extends object
        ? keyof Calls<NonNullable<T>> extends never
          ? never
          : Calls<NonNullable<T>>
        : never

const counts = <A extends readonly unknown[]>(call: (count: number) => A): readonly A[] => COUNTS.map(call)

const CALLS: Calls<Required<Omit<Words, 'error'>>> = {
  unreadableFiles: counts((count) => [count, NAME]),
  fileType: [['image/*'], ['.pdf']],
  restrictions: counts((maxFiles) => [{ types: 'T-Y-P-E', maxBytes: '12 MB', maxFiles }]),
  uploading: counts((count) => [count, '8 %']),
  bytesOf: [['1 MB', '2 MB']],
  timeLeft: [['4 min']],
  progressOf: [[NAME]],
  actionOn: [['A-C-T', NAME]],
  connection: { latency: [['12']] },
  panel: {
    job: { done: counts((count) => ['7', count]) },
    someUploaded: counts((count) => ['7', count]),
  },
  row: { copy: [['W-H-A-T']] },
  queue: {
    position: [[3, 12]],
    say: {
      lifted: [[NAME, 3, 12]],
      over: [[3, 12]],
      moved: [[NAME, 3, 12]],
      putBack: [[NAME, 3, 12]],
      started: [[NAME]],
      left: [[NAME]],
      priority: [[NAME, 'L-E-V']],
      fixed: [[NAME, REASON]],
    },
  },
  say: {
    progress: counts((count) => ['7', count, '8 %']),
    overdue: counts((count) => [count, NAME]),
    allEnded: [[['A-A', 'B-B']]],
    failed: [[NAME, REASON]],
    manyFailed: counts((count) => [count, NAME, REASON]),
    rejected: counts((count) => [count, NAME, REASON]),
  },
  status: {
    attempt: [['3']],
    score: [['97']],
    weight: [['40 %']],
    rising: [['4 %']],
    falling: [['4 %']],
    range: [['1 ms', '2 ms', '3 ms']],
    job: [[NAME]],
    operation: [[NAME]],
  },
  operation: {
    items: [['3', '4']],
    saidCompleted: [[NAME]],
    saidCancelled: [[NAME]],
  },
}
const ERROR_CALLS: Readonly<Record<string, readonly unknown[][]>> = {
  file_too_large: [['12 MB']],
  file_too_small: [['12 MB']],
  file_type: [['T-Y-P-E']],
}

interface Said {
  readonly path: string
  readonly args: readonly unknown[]
  readonly text: string
}

/** Everything that a catalogue can say. */
function sayAll(words: object, calls: object, path = ''): readonly Said[] {
  return Object.entries(words).flatMap(([key, word]): readonly Said[] => {
    const at = path === '' ? key : `${path}.${key}`
    const own: unknown = path === '' && key === 'error' ? ERROR_CALLS : Reflect.get(calls, key)
    if (typeof word === 'string') return [{ path: at, args: [], text: word }]
    if (typeof word === 'object') return sayAll(word as object, (own as object | undefined) ?? {}, at)
    const say = word as (...args: unknown[]) => string
    const samples = (own as readonly unknown[][] | undefined) ?? COUNTS.map((count) => [count])
    return samples.map((args) => ({ path: at, args, text: say(...args) }))
  })
}

const loaded = await Promise.all(
  Object.entries(LANGUAGES).map(async ([locale, load]): Promise<readonly [string, Catalogue]> => [locale, await load()]),
)
const wordsOf = (locale: string, catalogue: Catalogue): Words => {
  const { locale: _locale, formats: _formats, ...words } = createMessages(locale, catalogue)
  return words
}
const english = sayAll(wordsOf('en', en), CALLS)

describe.each(loaded)('%s', (locale, catalogue) => {
  const { formats } = createMessages(locale, catalogue)
  const said = sayAll(wordsOf(locale, catalogue), CALLS)

  it('says everything that English says', () => {
    const keys = (all: readonly Said[]) => Array.from(new Set(all.map(({ path }) => path)))
    expect(keys(said)).toEqual(expect.arrayContaining(keys(english)))
    expect(said.filter(({ text }) => text.trim() === '')).toEqual([])
  })

  it('leaves no mark of a pattern, and no gap', () => {
    const broken = said.filter(({ text }) => /\{\w+\}|#|undefined|NaN| {2}|^\s|\s$/.test(text.replaceAll(NAME, 'x')))
    expect(broken).toEqual([])
  })

  it('says every value that it is given, and every count, in its own figures', () => {
    // An exact one or two may be a word.
    const isWord = (count: number) => count <= 2
    const missing = said.filter(({ args, text }) =>
      args.flat().some((value) => {
        if (typeof value === 'number') return !isWord(value) && !text.includes(formats.count(value))
        return typeof value === 'string' && !value.includes('/*') && !text.includes(value)
      }),
    )
    expect(missing).toEqual([])
  })

  it('is in no other language’s words', () => {
    const englishText = new Map(english.map(({ path, args, text }) => [`${path} ${JSON.stringify(args)}`, text]))
    const left = said.filter(
      ({ path, args, text }) =>
        /\p{Letter}{3}/u.test(text) && !args.includes(text) && englishText.get(`${path} ${JSON.stringify(args)}`) === text,
    )
    const paths = Array.from(new Set(left.map(({ path }) => path)))
    expect(paths.filter((path) => !SAME_EVERYWHERE.includes(path) && !SAME_WORD[locale]?.includes(path))).toEqual([])
  })

  it('has every plural form that its language has, wherever it has more than one', () => {
    const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories
    const wrong: PluralForms[] = []
    const look = (forms: PluralForms) => {
      const given = Object.keys(forms)
      if (given.length > 1 && categories.some((category) => !given.includes(category))) wrong.push(forms)
    }
    sayAll(catalogue(watchedTools(formats, look)), CALLS)
    expect(wrong).toEqual([])
  })

  it('says each plural form for some count', () => {
    const rules = new Intl.PluralRules(locale)
    const reached = new Set(COUNTS.map((count) => rules.select(count)))
    expect(rules.resolvedOptions().pluralCategories.filter((category) => !reached.has(category))).toEqual([])
  })
})

const SAME_EVERYWHERE: readonly string[] = ['actionOn', 'status.type.webhook']
/** Words that a language shares with English. */
const SAME_WORD: Readonly<Record<string, readonly string[]>> = {
  de: ['uploads', 'connection.live', 'connection.offline', 'row.details', 'queue.level.normal', 'queue.position', 'status.type.upload'],
  fr: [
    'fileType',
    'status.activeCount',
    'row.type',
    'panel.notifications',
    'status.transport',
    'status.column.messages',
    'queue.position',
    'queue.say.over',
  ],
  es: ['queue.level.normal', 'row.bytes'],
  'pt-BR': ['queue.level.normal', 'row.bytes'],
}

function watchedTools(formats: Tools['formats'], look: (forms: PluralForms) => void): Tools {
  const tools: Tools = {
    formats,
    text: (pattern: string, _values: Values) => pattern,
    plural(_count, forms) {
      look(forms)
      return forms.other
    },
    counted: (forms) => (count) => tools.plural(count, forms),
  }
  return tools
}

it.each(['ar', 'he'])('%s keeps every value apart from the text around it', async (locale) => {
  const catalogue = Object.fromEntries(loaded)[locale]
  const values = sayAll(wordsOf(locale, catalogue ?? en), CALLS).filter(({ text }) => text.includes(NAME))
  expect(values.length).toBeGreaterThan(20)
  expect(values.filter(({ text }) => !text.includes(`\u2068${NAME}\u2069`))).toEqual([])
})

it('English sets a name of another direction apart, and no other', () => {
  const { progressOf } = createMessages('en', en)
  expect(progressOf('film.mp4')).toBe('Progress of film.mp4')
  expect(progressOf('תמונה.png')).toBe('Progress of \u2068תמונה.png\u2069')
})
