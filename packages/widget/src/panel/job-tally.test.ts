import type { UploadItem } from '@upload-panel/core'
import type { JobSummary, OperationStatus, SyncStatusUpdate } from '@upload-panel/core/protocol'
import { describe, expect, it, vi } from 'vitest'
import type { ItemChange } from '../testing/an-item.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import { createJobTally } from './job-tally.js'

function setUp(count: number) {
  const uploader = scriptedUploader()
  const onChange = vi.fn()
  const tally = createJobTally(uploader, onChange)
  const ids = uploader.add(Array.from({ length: count }, (_, index) => new File(['x'], `${index}.txt`)))
  const id = (index: number) => ids[index] ?? ''
  return {
    uploader,
    tally,
    onChange,
    id,
    becomes: (index: number, phase: UploadItem['phase'], more: Partial<ItemChange> = {}) => uploader.set(id(index), { phase, ...more }),
    /** The server's word on a file of this page. */
    says: (index: number, status: OperationStatus, more: Partial<SyncStatusUpdate> = {}) =>
      tally.hear(word(`operation-${index}`, status, { client_ref: id(index), ...more })),
    /** And on one of another page, or of nobody's. */
    saysOfOther: (name: string, status: OperationStatus, more: Partial<SyncStatusUpdate> = {}) =>
      tally.hear(word(name, status, { client_ref: `ref of ${name}`, ...more })),
  }
}

function word(operation_id: string, status: OperationStatus, more: Partial<SyncStatusUpdate> = {}): SyncStatusUpdate {
  return { operation_id, operation_type: 'upload', status, progress: 0, timestamp: '2026-01-01T00:00:00Z', job_id: 'job-1', ...more }
}

/** `completed/failed/total`, and how the job stands. */
const brief = (job: JobSummary | undefined) => job && `${job.completedCount}/${job.failedCount}/${job.totalCount} ${job.status}`

describe('by what the page knows', () => {
  it('knows nothing of a job without files', () => {
    expect(setUp(0).tally.read()).toBeUndefined()
  })

  it('counts as the server does', () => {
    const { tally, becomes } = setUp(4)
    expect(tally.read()).toMatchObject({ status: 'QUEUED', totalCount: 4 })
    becomes(0, 'uploading')
    expect(tally.read()).toMatchObject({ status: 'IN_PROGRESS', totalCount: 4, completedCount: 0 })
    for (const index of [0, 1, 2]) becomes(index, 'completed')
    becomes(3, 'failed')
    expect(tally.read()).toEqual({ status: 'COMPLETED', totalCount: 4, completedCount: 3, failedCount: 1, partial: true })
    becomes(3, 'queued')
    expect(tally.read()).toMatchObject({ status: 'IN_PROGRESS', failedCount: 0 })
  })

  it('begins with what is there already', () => {
    const { uploader, becomes } = setUp(2)
    becomes(0, 'completed')
    expect(createJobTally(uploader, () => {}).read()).toMatchObject({ totalCount: 2, completedCount: 1 })
  })

  it('still counts what was taken off the list: the job has it', () => {
    const { uploader, tally, becomes, id } = setUp(3)
    becomes(0, 'completed')
    becomes(1, 'failed')
    for (const index of [0, 1, 2]) uploader.remove(id(index))
    expect(tally.read()).toEqual({ status: 'COMPLETED', totalCount: 3, completedCount: 1, failedCount: 1, partial: true })
  })

  it('counts no files of another job', () => {
    const { uploader, tally, id } = setUp(2)
    uploader.set(id(0), { phase: 'queued', jobId: 'of an earlier page' })
    expect(tally.read()).toMatchObject({ status: 'QUEUED', totalCount: 1 })
    uploader.remove(id(0))
    uploader.set(id(1), { phase: 'completed' })
    expect(tally.read()).toEqual({ status: 'COMPLETED', totalCount: 1, completedCount: 1, failedCount: 0, partial: false })
  })

  it('lets go of the uploader', () => {
    const { uploader, tally, becomes } = setUp(1)
    tally.dispose()
    becomes(0, 'completed')
    expect([tally.read()?.completedCount, uploader.listenerCount()]).toEqual([0, 0])
  })
})

describe('with what the server says of it', () => {
  /** Of a job with two files of this page; everything was told, but in the case that says otherwise. */
  const cases: readonly [title: string, play: (job: ReturnType<typeof setUp>) => void, expected: string][] = [
    ['another page’s files count', ({ saysOfOther }) => (saysOfOther('a', 'completed'), saysOfOther('b', 'failed')), '1/1/4 IN_PROGRESS'],
    [
      'what was announced counts once',
      ({ says, becomes }) => (says(0, 'pending'), becomes(0, 'ready', { operationId: 'operation-0' })),
      '0/0/2 QUEUED',
    ],
    [
      'also where the server does not repeat the client’s name for it',
      ({ becomes, tally }) => {
        tally.hear(word('operation-0', 'pending'))
        becomes(0, 'ready', { operationId: 'operation-0' })
        tally.hear(word('operation-0', 'in_progress'))
      },
      '0/0/2 QUEUED',
    ],
    ['what the server made by itself counts', ({ tally }) => tally.hear(word('an import', 'in_progress')), '0/0/3 IN_PROGRESS'],
    [
      'a file that failed here has failed, whatever the server still waits for',
      ({ says, becomes }) => (becomes(0, 'failed', { operationId: 'operation-0' }), says(0, 'pending')),
      '0/1/2 IN_PROGRESS',
    ],
    [
      'bytes that move here are more than the server knows',
      ({ says, becomes }) => (becomes(0, 'uploading'), says(0, 'pending')),
      '0/0/2 IN_PROGRESS',
    ],
    [
      'what is tried again here does not go back to what the server says of the attempt before',
      ({ says, becomes }) => (becomes(0, 'failed'), becomes(0, 'queued', { attempt: 2 }), says(0, 'failed')),
      '0/0/2 QUEUED',
    ],
    [
      'what was cleared off the list is what the server goes on to say of it',
      ({ uploader, id, says, becomes }) => {
        becomes(0, 'completed', { operationId: 'operation-0' })
        uploader.remove(id(0))
        says(0, 'failed')
      },
      '0/1/2 IN_PROGRESS',
    ],
    [
      'also when it works on it again',
      ({ uploader, id, says, becomes }) => {
        for (const index of [0, 1]) becomes(index, 'completed', { operationId: `operation-${index}` })
        uploader.remove(id(0))
        says(0, 'in_progress')
      },
      '1/0/2 IN_PROGRESS',
    ],
    [
      'what was removed while it went on is cancelled, though the server has not yet heard of that',
      ({ uploader, id, says, becomes }) => {
        becomes(0, 'processing', { overdue: false, operationId: 'operation-0' })
        becomes(1, 'completed')
        uploader.remove(id(0))
        says(0, 'in_progress')
      },
      '1/0/2 COMPLETED',
    ],
    [
      'unless it was too late for that',
      ({ uploader, id, says, becomes }) => {
        becomes(0, 'processing', { overdue: false, operationId: 'operation-0' })
        uploader.remove(id(0))
        says(0, 'completed')
      },
      '1/0/2 IN_PROGRESS',
    ],
    [
      'what was cancelled here and cleared is no more in progress either',
      ({ uploader, id, says, becomes }) => {
        becomes(0, 'cancelled', { operationId: 'operation-0' })
        becomes(1, 'completed')
        uploader.remove(id(0))
        says(0, 'in_progress')
      },
      '1/0/2 COMPLETED',
    ],
    ['what was removed before the server had it is nothing to the job', ({ uploader, id }) => uploader.remove(id(0)), '0/0/1 QUEUED'],
    [
      'unless it was on its way',
      ({ uploader, id, says }) => {
        uploader.remove(id(0))
        says(0, 'pending')
        says(0, 'cancelled')
      },
      '0/0/2 IN_PROGRESS',
    ],
    [
      'and what is tried again elsewhere afterwards goes on',
      ({ uploader, id, says, becomes }) => {
        becomes(0, 'processing', { overdue: false, operationId: 'operation-0' })
        becomes(1, 'completed')
        uploader.remove(id(0))
        says(0, 'cancelled')
        says(0, 'in_progress')
      },
      '1/0/2 IN_PROGRESS',
    ],
    [
      'late words on an earlier attempt are none on what was cleared',
      ({ uploader, id, says, becomes }) => {
        becomes(0, 'failed', { operationId: 'operation-0', attempt: 2 })
        uploader.remove(id(0))
        says(0, 'completed', { attempt: 1 })
      },
      '0/1/2 IN_PROGRESS',
    ],
    [
      'what comes back from the server as a file of this page counts once',
      ({ uploader, saysOfOther, tally }) => {
        tally.hear(word('operation-9', 'completed', { client_ref: 'item-3' }))
        saysOfOther('a', 'pending')
        uploader.add([new File(['x'], 'the third.txt')])
      },
      '0/0/4 QUEUED',
    ],
    [
      'a newer attempt takes the place of the one before',
      ({ saysOfOther, tally }) => {
        saysOfOther('a', 'failed')
        tally.hear(word('a again', 'in_progress', { client_ref: 'ref of a', attempt: 2 }))
        saysOfOther('a', 'failed', { error: { code: 'superseded', message: '', retryable: false } })
      },
      '0/0/3 IN_PROGRESS',
    ],
    [
      'what was superseded by something else does not count',
      ({ saysOfOther }) => saysOfOther('a', 'failed', { error: { code: 'superseded', message: '', retryable: false } }),
      '0/0/2 QUEUED',
    ],
    [
      'what another page tries again of a file on this list is as that page has it',
      ({ uploader, id, says, becomes }) => {
        const first = { operationId: 'operation-0' }
        becomes(0, 'processing', { overdue: false, ...first })
        says(0, 'in_progress', { operation_id: 'operation-9', attempt: 2 })
        says(0, 'failed', { error: { code: 'superseded', message: '', retryable: false } })
        becomes(0, 'failed', first)
        uploader.remove(id(0))
        becomes(1, 'completed')
      },
      '1/0/2 IN_PROGRESS',
    ],
    [
      'and ends as it says',
      ({ says, becomes }) => {
        becomes(0, 'failed', { operationId: 'operation-0' })
        for (const status of ['in_progress', 'completed'] as const) says(0, status, { operation_id: 'operation-9', attempt: 2 })
      },
      '1/0/2 IN_PROGRESS',
    ],
    [
      'until this page tries it once more',
      ({ says, becomes }) => {
        becomes(0, 'failed', { operationId: 'operation-0' })
        says(0, 'completed', { operation_id: 'operation-9', attempt: 2 })
        becomes(0, 'uploading', { operationId: 'operation-10', attempt: 3 })
      },
      '0/0/2 IN_PROGRESS',
    ],
    [
      'what another page tries again of a removed file goes on',
      ({ uploader, id, says, becomes }) => {
        becomes(0, 'processing', { overdue: false, operationId: 'operation-0' })
        becomes(1, 'completed')
        uploader.remove(id(0))
        says(0, 'in_progress', { operation_id: 'operation-9', attempt: 2 })
      },
      '1/0/2 IN_PROGRESS',
    ],
    [
      'a server may take an end back',
      ({ saysOfOther }) => (saysOfOther('a', 'completed'), saysOfOther('a', 'in_progress')),
      '0/0/3 IN_PROGRESS',
    ],
  ]
  it.each(cases)('%s', (_title, play, expected) => {
    const job = setUp(2)
    job.tally.hearAll()
    play(job)
    expect(brief(job.tally.read())).toBe(expected)
  })

  it('tells nothing of others before all of them are known: a part is no figure', () => {
    const { tally, saysOfOther, onChange } = setUp(2)
    saysOfOther('a', 'completed')
    expect([brief(tally.read()), onChange.mock.calls.length]).toEqual(['0/0/2 QUEUED', 0])
    tally.hearAll()
    expect([brief(tally.read()), onChange.mock.calls.length]).toEqual(['1/0/3 IN_PROGRESS', 1])
    tally.hearAll()
    expect(onChange).toHaveBeenCalledTimes(1)
  })

  it('tells what the server says of cleared files, also before that', () => {
    const { tally, uploader, becomes, says, id, onChange } = setUp(2)
    becomes(0, 'completed', { operationId: 'operation-0' })
    uploader.remove(id(0))
    says(0, 'failed')
    expect([brief(tally.read()), onChange.mock.calls.length]).toEqual(['0/1/2 IN_PROGRESS', 1])
  })

  it('says when the server turns out to have what was removed', () => {
    const { tally, uploader, says, id, onChange } = setUp(2)
    tally.hearAll()
    uploader.remove(id(0))
    onChange.mockClear()
    says(0, 'pending')
    expect([brief(tally.read()), onChange.mock.calls.length]).toEqual(['0/0/1 QUEUED', 0])
    says(0, 'cancelled')
    expect([brief(tally.read()), onChange.mock.calls.length]).toEqual(['0/0/2 IN_PROGRESS', 1])
  })

  it('says when something has changed, and nothing of progress', () => {
    const { tally, saysOfOther, says, onChange } = setUp(1)
    tally.hearAll()
    onChange.mockClear()
    saysOfOther('a', 'in_progress', { progress: 10 })
    for (const progress of [20, 30, 40]) saysOfOther('a', 'in_progress', { progress })
    // An item's own word is shown with the queue.
    says(0, 'in_progress')
    expect(onChange).toHaveBeenCalledTimes(1)
  })

  it('never goes back while files are announced and uploaded', () => {
    const { tally, becomes, says, saysOfOther } = setUp(50)
    saysOfOther('a', 'completed')
    tally.hearAll()
    const shown = [tally.read()]
    const look = () => void shown.push(tally.read())
    for (let index = 0; index < 50; index += 1) {
      const operation = { operationId: `operation-${index}` }
      // The server's word comes now before its answer, now after it.
      if (index % 2 === 0) says(index, 'pending')
      look()
      becomes(index, 'ready', operation)
      if (index % 2 === 1) says(index, 'pending')
      for (const phase of ['uploading', 'processing'] as const) {
        becomes(index, phase, operation)
        look()
      }
      if (index % 3 === 0) says(index, 'completed')
      look()
      becomes(index, 'completed', operation)
      look()
    }
    expect(new Set(shown.map((job) => job?.totalCount))).toEqual(new Set([51]))
    const completed = shown.map((job) => job?.completedCount ?? 0)
    expect(completed).toEqual([...completed].sort((a, b) => a - b))
    expect(brief(tally.read())).toBe('51/0/51 COMPLETED')
  })
})
