import { memo } from 'react'
import { UploaderProvider, useUploadIds, useUploadItem, useUploadSummary } from '../index.js'
import type { TestUploader } from './test-uploader.js'

/** Which of the running files progress before each paint; one that stands there twice has progressed twice. */
export type ProgressStream = readonly (readonly number[])[]

const EVENTS = 10_000
export const RUNNING = 100

/** One after the other, twenty of them between two paints. */
export const roundRobin = (): ProgressStream =>
  Array.from({ length: EVENTS / 20 }, (_, paint) => Array.from({ length: 20 }, (_, event) => (paint * 20 + event) % RUNNING))

/** By chance, one to forty of them between two paints. */
export function byChance(seed: number): ProgressStream {
  let state = seed
  /** Of Park and Miller. */
  const below = (limit: number) => (state = (state * 48_271) % 2_147_483_647) % limit
  const paints: number[][] = []
  for (let left = EVENTS; left > 0; left -= paints.at(-1)?.length ?? 0) {
    paints.push(Array.from({ length: Math.min(left, 1 + below(40)) }, () => below(RUNNING)))
  }
  return paints
}

/** How often each part of a page was rendered. Rows stand by their ids. */
export interface Renders {
  page: number
  list: number
  totals: number
  rows: Record<string, number>
}

/** A page with a thousand uploads, a hundred of which are under way, that counts what it renders. */
export async function countingPage({ uploader, add, send, paint }: TestUploader) {
  const ids = await add(1000, 1_000_000)
  const running = uploader.items().flatMap(({ id, phase }) => (phase === 'uploading' ? [id] : []))
  const renders: Renders = { page: 0, list: 0, totals: 0, rows: {} }

  function Page() {
    renders.page += 1
    return (
      <UploaderProvider uploader={uploader}>
        <Totals />
        <List />
      </UploaderProvider>
    )
  }
  function Totals() {
    renders.totals += 1
    return <output>{useUploadSummary().sentBytes}</output>
  }
  function List() {
    renders.list += 1
    return (
      <ul>
        {useUploadIds().map((id) => (
          <Row key={id} id={id} />
        ))}
      </ul>
    )
  }
  const Row = memo(function Row({ id }: { readonly id: string }) {
    renders.rows[id] = (renders.rows[id] ?? 0) + 1
    const item = useUploadItem(id)
    return <li>{item?.phase === 'uploading' ? item.sentBytes : item?.phase}</li>
  })

  return {
    page: <Page />,
    ids,
    running,
    /** Plays a stream, and answers what was rendered for it, what should have been, and how many bytes each file has sent. */
    async play(stream: ProgressStream, commit: (change: () => void) => Promise<void> | void) {
      Object.assign(renders, { page: 0, list: 0, totals: 0, rows: {} })
      const expected: Renders = { page: 0, list: 0, totals: stream.length, rows: {} }
      const sent = new Map<string, number>()
      for (const files of stream) {
        const progressed = files.map((file) => running[file] ?? '')
        for (const id of new Set(progressed)) expected.rows[id] = (expected.rows[id] ?? 0) + 1
        await commit(() => {
          for (const id of progressed) {
            const bytes = (sent.get(id) ?? 0) + 10
            sent.set(id, bytes)
            send(id, bytes)
          }
          paint()
        })
      }
      return { rendered: renders, expected, shown: running.map((id) => String(sent.get(id))) }
    },
  }
}
