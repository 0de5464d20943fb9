import type { UploadItem } from '@upload-panel/core'
import { expect, it } from 'vitest'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import { createJobTally } from './job-tally.js'

function setUp(count: number) {
  const uploader = scriptedUploader()
  const tally = createJobTally(uploader)
  const ids = uploader.add(Array.from({ length: count }, (_, index) => new File(['x'], `${index}.txt`)))
  const becomes = (index: number, phase: UploadItem['phase']) => uploader.set(ids[index] ?? '', { phase })
  const id = (index: number) => ids[index] ?? ''
  return { uploader, tally, becomes, id }
}

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
  expect(createJobTally(uploader).read()).toMatchObject({ totalCount: 2, completedCount: 1 })
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
  uploader.set(id(0), { phase: 'processing', overdue: false, jobId: 'of an earlier page' })
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
