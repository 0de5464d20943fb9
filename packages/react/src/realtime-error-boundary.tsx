'use client'
import { Component, type ErrorInfo, type ReactNode } from 'react'

/** What a fallback is given. */
export interface RealtimeFallback {
  readonly error: unknown
  /** Renders the children anew. */
  retry(): void
}

export interface RealtimeErrorBoundaryProps {
  readonly children?: ReactNode
  /** What is shown instead of children that failed: the last known state, for one. @default the sentence of the error, with a button to try again */
  readonly fallback?: ReactNode | ((fallback: RealtimeFallback) => ReactNode)
  /** When one of them has changed, the children are rendered anew. */
  readonly resetKeys?: readonly unknown[]
  readonly onError?: (error: unknown, info: ErrorInfo) => void
}

interface State {
  readonly failed: { readonly error: unknown } | undefined
  readonly resetKeys: readonly unknown[]
}

const NO_KEYS: readonly unknown[] = []

/**
 * Keeps a page alive whose live part failed to render. The stores behind the hooks are outside of React: what was known is still there when it is
 * tried again, and uploads go on meanwhile.
 *
 * @example
 * <RealtimeErrorBoundary fallback={({ retry }) => <LastKnown jobs={jobs} onRetry={retry} />}>
 *   <LiveJobs />
 * </RealtimeErrorBoundary>
 */
export class RealtimeErrorBoundary extends Component<RealtimeErrorBoundaryProps, State> {
  override state: State = { failed: undefined, resetKeys: this.props.resetKeys ?? NO_KEYS }

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { failed: { error } }
  }

  static getDerivedStateFromProps({ resetKeys = NO_KEYS }: RealtimeErrorBoundaryProps, state: State): State | null {
    return isSame(resetKeys, state.resetKeys) ? null : { failed: undefined, resetKeys }
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    this.props.onError?.(error, info)
  }

  readonly retry = (): void => this.setState({ failed: undefined })

  override render(): ReactNode {
    const { failed } = this.state
    const { children, fallback } = this.props
    if (failed === undefined) return children
    if (typeof fallback === 'function') return fallback({ error: failed.error, retry: this.retry })
    if (fallback !== undefined) return fallback
    const sentence = failed.error instanceof Error ? failed.error.message : 'Something went wrong.'
    return (
      <div role="alert">
        <p>{sentence}</p>
        <button type="button" onClick={this.retry}>
          Try again
        </button>
      </div>
    )
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]))
}
