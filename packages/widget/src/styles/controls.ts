import { css } from 'lit'

/** What every element of the panel shares: boxes, focus, buttons, icons, text that only screen readers see. */
export const controls = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--_accent-strong);
    outline-offset: 2px;
  }
  .icon {
    inline-size: 1.25em;
    block-size: 1.25em;
    flex: none;
    overflow: visible;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
    border: 1px solid transparent;
    background: none;
    margin: 0;
    touch-action: manipulation;
  }
  .icon-button {
    flex: none;
    display: inline-grid;
    place-items: center;
    inline-size: 32px;
    block-size: 32px;
    padding: 0;
    border-radius: 8px;
    color: var(--_text-muted);
  }
  .text-button {
    min-block-size: 32px;
    padding: 4px 12px;
    border-radius: 8px;
    border-color: var(--_border);
    background: var(--_surface);
    font-weight: 500;
    font-size: 0.9286em;
  }
  .text-button.primary {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
  }
  @media (hover: hover) {
    .icon-button:hover {
      background: var(--_surface-hover);
      color: var(--_text);
    }
    .text-button:hover {
      background: var(--_surface-hover);
    }
    .text-button.primary:hover {
      background: var(--_accent-strong);
    }
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (pointer: coarse) {
    .icon-button {
      inline-size: 44px;
      block-size: 44px;
    }
    .text-button {
      min-inline-size: 44px;
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    button {
      border-color: ButtonBorder;
    }
    /* A drawing keeps the colours that it is given. */
    .icon {
      color: inherit !important;
      background: none !important;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`
