import type { ConnectionStatus, UploadSummary } from '@upload-panel/core'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { setState } from '../shared/custom-states.js'
import { isReady, transferring } from './summary-view.js'

/** What a style sheet can ask a panel for, as `:state(uploading)`. Several may hold at once. */
export type PanelState = 'empty' | 'uploading' | 'processing' | 'paused' | 'failed' | 'completed' | 'offline' | 'collapsed' | 'over'

export interface PanelFacts {
  readonly summary: UploadSummary
  readonly connection: ConnectionStatus | undefined
  readonly isOnline: boolean
  readonly isCollapsed: boolean
  /** Files are held over it. */
  readonly isOver: boolean
}

/** Pure; the same cost whatever the queue's length. */
export function panelStates({ summary, connection, isOnline, isCollapsed, isOver }: PanelFacts): Readonly<Record<PanelState, boolean>> {
  const toSend = transferring(summary)
  const isStill = toSend > 0 && (summary.held || summary.paused === toSend)
  const isLost = connection?.status === 'error' || (connection?.status === 'reconnecting' && connection.reconnectAttempts > 0)
  return {
    empty: summary.total === 0,
    uploading: toSend > 0 && !isStill,
    processing: summary.processing > 0,
    paused: isStill && !isReady(summary),
    failed: summary.failed > 0,
    completed: summary.completed > 0 && toSend + summary.processing + summary.failed === 0,
    offline: !isOnline || isLost,
    collapsed: isCollapsed,
    over: isOver,
  }
}

/** Keeps an element's states as the facts are at its last update. Touches those alone that have changed. */
export function statesController(host: ReactiveControllerHost & HTMLElement, facts: () => PanelFacts): void {
  const shown = new Map<string, boolean>()
  const controller: ReactiveController = {
    hostUpdated() {
      for (const [name, isOn] of Object.entries(panelStates(facts()))) {
        if ((shown.get(name) ?? false) === isOn) continue
        shown.set(name, isOn)
        setState(host, name, isOn)
      }
    },
  }
  host.addController(controller)
}
