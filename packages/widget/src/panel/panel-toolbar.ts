import type { Uploader, UploadSummary } from '@upload-panel/core'
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Messages } from '../messages/messages.js'
import { isReady, transferring } from './summary-view.js'
import { countIn, type Tab } from './tab.js'

interface QueueAction {
  readonly name: 'start' | 'pause-all' | 'resume-all' | 'retry-failed' | 'clear-completed' | 'clear-failed' | 'cancel-all' | 'clear-all'
  readonly label: string
  /** Quiet ones end something. */
  readonly isQuiet?: true
  readonly run: (uploader: Uploader) => void
}

/** What can be done to all files of a tab as the queue stands. Pure. */
export function queueActions(summary: UploadSummary, tab: Tab, messages: Messages): readonly QueueAction[] {
  const { action, panel } = messages
  const { failed, completed } = summary
  const isRunning = countIn('active', summary) > 0
  const retryFailed: QueueAction = { name: 'retry-failed', label: action.retryFailed(failed), run: (uploader) => uploader.retry() }
  const clearCompleted: QueueAction = {
    name: 'clear-completed',
    label: action.clearCompleted(completed),
    isQuiet: true,
    run: (uploader) => uploader.clear('completed'),
  }
  const clearFailed: QueueAction = {
    name: 'clear-failed',
    label: panel.clearFailed(failed),
    isQuiet: true,
    run: (uploader) => uploader.clear('failed'),
  }
  const cancelAll: QueueAction = { name: 'cancel-all', label: panel.cancelAll, isQuiet: true, run: (uploader) => uploader.cancel() }
  const clearAll: QueueAction = { name: 'clear-all', label: panel.clearAll, isQuiet: true, run: (uploader) => uploader.clear('all') }

  switch (tab) {
    case 'all':
      return [
        ...transferActions(summary, messages),
        ...(failed > 0 ? [retryFailed] : []),
        // Three at most, which a panel has room for: while something runs, what is completed is cleared under its own tab.
        ...(completed > 0 && !isRunning ? [clearCompleted] : []),
        // What runs is cancelled first, and that is asked about: a list that is cleared has nothing left to lose.
        ...(isRunning ? [cancelAll] : summary.total > 0 ? [clearAll] : []),
      ]
    case 'active':
      return [...transferActions(summary, messages), ...(isRunning ? [cancelAll] : [])]
    case 'completed':
      return completed > 0 ? [clearCompleted] : []
    case 'failed':
      return failed > 0 ? [retryFailed, clearFailed] : []
  }
}

function transferActions(summary: UploadSummary, { action }: Messages): readonly QueueAction[] {
  const toSend = transferring(summary)
  const resume: QueueAction = { name: 'resume-all', label: action.resumeAll, run: resumeAll }
  if (summary.held && toSend > 0) return [isReady(summary) ? { name: 'start', label: action.start, run: resumeAll } : resume]
  const pause: QueueAction = { name: 'pause-all', label: action.pauseAll, run: (uploader) => uploader.pause() }
  return [...(summary.paused > 0 ? [resume] : []), ...(toSend > summary.paused ? [pause] : [])]
}

/** All: the queue as a whole, and every file that was paused by itself. */
function resumeAll(uploader: Uploader): void {
  uploader.resume()
  for (const item of uploader.items()) if (item.paused) uploader.resume(item.id)
}

/**
 * To cancel throws away bytes that are on their way, on the server too, so there is nothing that an "Undo" could bring back. It is asked instead, once, in
 * the place of the buttons and not over them, with the harmless answer in focus. One file alone is cancelled without a question, as by its own button.
 */
function needsQuestion(name: QueueAction['name'], summary: UploadSummary): boolean {
  return name === 'cancel-all' && countIn('active', summary) > 1
}

/** What can be done to all files and needs no question, for an element that shows them without tabs. */
export function renderToolbar(uploader: Uploader, summary: UploadSummary, messages: Messages): TemplateResult | typeof nothing {
  const actions = queueActions(summary, 'all', messages).filter(({ name }) => name !== 'cancel-all' && name !== 'clear-all')
  return renderActions(actions, messages, ({ run }) => run(uploader))
}

function renderActions(
  actions: readonly QueueAction[],
  messages: Messages,
  onAction: (action: QueueAction) => void,
): TemplateResult | typeof nothing {
  if (actions.length === 0) return nothing
  return html`<div class="toolbar" part="toolbar" role="group" aria-label=${messages.allFiles}>
    ${repeat(
      actions,
      ({ name }) => name,
      (action) => html`<button
        type="button"
        class="text-button ${action.name === 'start' ? 'primary' : action.isQuiet ? 'quiet' : ''}"
        part="button button-${action.name}"
        data-action=${action.name}
        @click=${() => onAction(action)}
      >
        ${action.label}
      </button>`,
    )}
  </div>`
}

export interface Toolbar {
  render(uploader: Uploader, summary: UploadSummary, tab: Tab, messages: Messages): TemplateResult | typeof nothing
}

export function toolbarController(host: ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment }): Toolbar {
  let isAsking = false
  /** Name of the button that has focus after the next render. */
  let dueFocus: string | undefined

  host.addController({
    hostUpdated() {
      if (dueFocus === undefined) return
      host.renderRoot.querySelector<HTMLElement>(`.toolbar [data-action=${dueFocus}]`)?.focus()
      dueFocus = undefined
    },
  })

  const ask = (asks: boolean) => {
    dueFocus = asks ? 'keep' : 'cancel-all'
    isAsking = asks
    host.requestUpdate()
  }

  const renderQuestion = (uploader: Uploader, summary: UploadSummary, { panel }: Messages) => {
    const onKeydown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      ask(false)
    }
    const onConfirm = () => {
      ask(false)
      uploader.cancel()
    }
    return html`<div
      class="toolbar question"
      part="toolbar question"
      role="alertdialog"
      aria-labelledby="question"
      aria-describedby="question-detail"
      @keydown=${onKeydown}
    >
      <p class="question-text">
        <bdi>
          <strong id="question">${panel.askCancel(countIn('active', summary))}</strong>
          <span id="question-detail">${panel.askDetail}</span>
        </bdi>
      </p>
      <button type="button" class="text-button danger" part="button button-confirm" data-action="confirm" @click=${onConfirm}>
        ${panel.confirmCancel}
      </button>
      <button type="button" class="text-button" part="button button-keep" data-action="keep" @click=${() => ask(false)}>${panel.keep}</button>
    </div>`
  }

  return {
    render(uploader, summary, tab, messages) {
      const actions = queueActions(summary, tab, messages)
      // What was asked about may have ended meanwhile, or been left for another tab.
      isAsking &&= actions.some(({ name }) => needsQuestion(name, summary))
      if (isAsking) return renderQuestion(uploader, summary, messages)
      return renderActions(actions, messages, (action) => {
        if (needsQuestion(action.name, summary)) ask(true)
        else action.run(uploader)
      })
    },
  }
}
