import type { Uploader } from '@upload-panel/core'
import type { JobSummary } from '@upload-panel/core/protocol'
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'
import { createTurns, framedRounds } from '../shared/turns.js'
import { askServer, type JobServer } from './job-server.js'
import { createJobTally, type JobTally } from './job-tally.js'
import { SUMMARY_PACE_MS } from './summary-pace.js'

/** A job in words. */
export interface JobView {
  readonly tone: 'neutral' | 'active' | 'success' | 'warning' | 'danger'
  readonly status: string
  /** `12 of 40 completed`, and what failed. */
  readonly counts: readonly string[]
}

export function viewJob({ status, totalCount, completedCount, failedCount, partial }: JobSummary, messages: Messages): JobView {
  const { job } = messages.panel
  const counts = [
    job.done(messages.formats.count(completedCount), totalCount),
    ...(failedCount > 0 ? [messages.failedCount(failedCount)] : []),
  ]
  switch (status) {
    case 'QUEUED':
      return { tone: 'neutral', status: job.queued, counts }
    case 'IN_PROGRESS':
      return { tone: 'active', status: job.running, counts }
    case 'COMPLETED':
      return partial ? { tone: 'warning', status: job.partly, counts } : { tone: 'success', status: job.completed, counts }
    case 'FAILED':
      return { tone: 'danger', status: job.failed, counts }
  }
}

/** The job that the panel follows; nothing as long as nothing is known of it. */
export function renderJob(job: JobSummary | undefined, id: string, messages: Messages): TemplateResult | typeof nothing {
  if (!job) return nothing
  const { tone, status, counts } = viewJob(job, messages)
  return html`<div class="job" part="job" title="${messages.panel.job.title} ${id}">
    <span class="job-title">${messages.panel.job.title}</span>
    <span class="job-status ${tone}" part="job-status">${status}</span>
    <bdi class="job-counts" part="job-counts">${counts.join(' · ')}</bdi>
  </div>`
}

/**
 * Follows the job of an uploader while it is wanted. The host renders anew with each change of the queue; of what else the server says of the job,
 * it is asked to.
 */
export function jobController(host: ReactiveControllerHost): {
  readonly job: JobSummary | undefined
  /** `server`: whose job it is; one without an endpoint is not asked. */
  follow(uploader: Uploader | undefined, server: JobServer): void
} {
  const turns = createTurns({ perRound: 1, nextRound: framedRounds(SUMMARY_PACE_MS) })
  const render = () => host.requestUpdate()
  let followed: readonly unknown[] = []
  let tally: JobTally | undefined
  let stop = () => {}

  const end = () => {
    stop()
    stop = () => {}
    tally?.dispose()
    tally = undefined
    followed = []
  }
  host.addController({ hostDisconnected: end })
  return {
    get job() {
      return tally?.read()
    },
    follow(uploader, { endpoint, realtime }) {
      const wanted = [uploader, endpoint, realtime]
      if (wanted.every((value, index) => value === followed[index])) return
      end()
      followed = wanted
      if (!uploader) return
      tally = createJobTally(uploader, () => turns.ask(render))
      if (endpoint) stop = askServer(uploader.jobId, { endpoint, realtime }, tally)
    },
  }
}
