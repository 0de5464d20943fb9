import type { JobSummary } from '@upload-panel/core/protocol'
import { expect, it } from 'vitest'
import { english } from '../messages/english.js'
import { viewJob } from './job-header.js'

const job: JobSummary = { status: 'IN_PROGRESS', totalCount: 40, completedCount: 12, failedCount: 0, partial: false }
const view = (change: Partial<JobSummary>) => viewJob({ ...job, ...change }, english)

it('tells status, total and completed, and what failed where something did', () => {
  expect(view({})).toEqual({ tone: 'active', status: 'In progress', counts: ['12 of 40 completed'] })
  expect(view({ failedCount: 2 }).counts).toEqual(['12 of 40 completed', '2 failed'])
})

it('has a tone for each way to stand', () => {
  expect(view({ status: 'QUEUED' })).toMatchObject({ tone: 'neutral', status: 'Queued' })
  expect(view({ status: 'COMPLETED' })).toMatchObject({ tone: 'success', status: 'Completed' })
  expect(view({ status: 'FAILED' })).toMatchObject({ tone: 'danger', status: 'Failed' })
})

it('does not call a job completed of which a part is not', () => {
  expect(view({ status: 'COMPLETED', partial: true })).toMatchObject({ tone: 'warning', status: 'Completed in part' })
})
