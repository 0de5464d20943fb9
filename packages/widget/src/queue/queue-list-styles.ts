import { css } from 'lit'

export const queueListStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    border-block-start: 1px solid var(--_border);
    overflow: clip;
  }
  .scroller {
    flex: 0 1 auto;
    min-block-size: 0;
    max-block-size: var(--upload-panel-list-max-height, 26rem);
    overflow: hidden auto;
    /* The last row's line lies under the panel's own. */
    margin-block-end: -1px;
    overscroll-behavior: contain;
    /* The rows keep their place themselves; two that do would fight. */
    overflow-anchor: none;
    scrollbar-width: thin;
    scrollbar-color: var(--_border) transparent;
  }
  .scroller.reordering {
    -webkit-user-select: none;
    user-select: none;
    cursor: grabbing;
  }
  .rows {
    position: relative;
    contain: strict;
  }
  upload-queue-row,
  .placeholder {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 0;
  }
  upload-queue-row.lifted {
    z-index: 1;
    box-shadow: var(--_shadow);
  }
  .placeholder {
    margin: 3px 6px;
    border: 1.5px dashed color-mix(in srgb, var(--_accent) 60%, var(--_border));
    border-radius: 10px;
    background: color-mix(in srgb, var(--_accent) 8%, transparent);
  }
  .menu {
    position: fixed;
    inset: auto;
    margin: 0;
    min-inline-size: 200px;
    max-inline-size: calc(100vw - 16px);
    max-block-size: calc(100vh - 16px);
    overflow: auto;
    padding: 6px;
    border: 1px solid var(--_border);
    border-radius: 12px;
    background: var(--_background);
    color: var(--_text);
    box-shadow: var(--_shadow);
  }
  .menu:focus {
    outline: none;
  }
  .menu [role='group'] + [role='group'] {
    margin-block-start: 6px;
    padding-block-start: 6px;
    border-block-start: 1px solid var(--_border);
  }
  .menu .group-title {
    padding: 4px 10px;
    font-size: 0.8571em;
    color: var(--_text-muted);
  }
  .menu button {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    inline-size: 100%;
    min-block-size: 32px;
    padding: 4px 10px;
    border-radius: 8px;
    text-align: start;
  }
  .menu button .icon {
    color: var(--_accent);
  }
  .menu button:focus {
    outline: none;
    background: var(--_surface-hover);
  }
  .menu button:focus-visible {
    outline: 2px solid var(--_accent-strong);
    outline-offset: -2px;
  }
  .menu button[aria-disabled] {
    color: var(--_text-muted);
    opacity: 0.6;
    cursor: default;
  }
  @media (hover: hover) {
    .menu button:not([aria-disabled]):hover {
      background: var(--_surface-hover);
    }
  }
  @media (pointer: coarse) {
    .menu button {
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    upload-queue-row.lifted {
      outline: 2px solid Highlight;
    }
    .placeholder {
      border-color: Highlight;
    }
    .menu button[aria-disabled] {
      color: GrayText;
      opacity: 1;
    }
  }
`
