import { css, unsafeCSS } from 'lit'
import { PHONE } from './frame-styles.js'

export const toastStyles = css`
  .toasts {
    --_edge: 16px;
    position: fixed;
    inset: auto 16px var(--_edge) auto;
    display: flex;
    flex-direction: column;
    gap: 8px;
    inline-size: min(380px, 100vw - 32px);
    max-block-size: calc(100vh - 32px);
    margin: 0;
    padding: 0;
    border: 0;
    background: none;
    color: var(--_text);
    overflow: visible;
  }
  .toasts.left {
    left: 16px;
    right: auto;
  }
  .toasts.top {
    top: var(--_edge);
    bottom: auto;
  }
  .toast {
    display: flex;
    align-items: center;
    gap: 10px;
    padding-block: 8px;
    padding-inline: 14px 8px;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) - 4px);
    background: var(--_background);
    box-shadow: var(--_shadow);
    animation: toast-in 160ms ease-out;
  }
  .toast > .icon {
    inline-size: 24px;
    block-size: 24px;
    padding: 4px;
    border-radius: 50%;
    background: color-mix(in srgb, var(--_success) 16%, transparent);
    color: var(--_success);
  }
  .toast.failed > .icon {
    background: color-mix(in srgb, var(--_danger) 16%, transparent);
    color: var(--_danger);
  }
  .toast-text {
    flex: 1 1 auto;
    min-inline-size: 0;
    padding-block: 4px;
    overflow-wrap: anywhere;
  }
  .toast-text strong {
    font-weight: 600;
  }
  .toast-names {
    display: block;
    font-size: 0.9286em;
    color: var(--_text-muted);
  }
  .toast .text-button {
    flex: none;
  }
  @keyframes toast-in {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
  @media ${unsafeCSS(PHONE)} {
    /* The newest alone: three of them would leave nothing of the window. */
    .toast:not(:last-child, :focus-within) {
      display: none;
    }
    .toasts {
      --_edge: max(8px, env(safe-area-inset-top, 0px), env(safe-area-inset-bottom, 0px));
      inline-size: auto;
    }
    .toasts.toasts {
      left: 8px;
      right: 8px;
    }
    /* The words first, and what can be done about it below them. */
    .toast {
      flex-wrap: wrap;
    }
    .toast-text {
      flex-basis: 0;
      min-inline-size: 60%;
    }
    .toast .text-button {
      order: 1;
      margin-inline-start: 34px;
    }
  }
`
