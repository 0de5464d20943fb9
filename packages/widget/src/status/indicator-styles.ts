import { css } from 'lit'

/** The pill of the compact and the floating variant, and the card that it opens. */
export const indicatorStyles = css`
  :host(:not([variant='full'])) {
    display: inline-block;
    min-inline-size: 0;
    max-inline-size: 100%;
    vertical-align: middle;
  }
  :host([variant='floating']) {
    position: fixed;
    /* Below a panel that covers a phone. */
    z-index: calc(var(--upload-panel-z-index, 1000) - 1);
    inset-inline-start: max(var(--upload-panel-status-inset-inline, 16px), env(safe-area-inset-left, 0px));
    inset-block-end: max(var(--upload-panel-status-inset-block, 16px), env(safe-area-inset-bottom, 0px));
    max-inline-size: calc(100% - 32px);
  }
  .pill {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    max-inline-size: 100%;
    min-block-size: 28px;
    padding: 3px 10px;
    border-color: var(--_border);
    border-radius: 16px;
    background: var(--_surface);
    font-size: 0.8929em;
    font-weight: 550;
    white-space: nowrap;
  }
  :host([variant='floating']) .pill {
    min-block-size: 36px;
    padding-inline: 14px;
    border-radius: 18px;
    background: var(--_background);
    box-shadow: var(--_shadow);
  }
  .word,
  .pill .figure {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .pill .figure {
    flex-shrink: 100;
    max-inline-size: 16em;
  }
  .pulse {
    display: inline-flex;
    align-items: center;
    gap: 3px;
    color: var(--_light);
  }
  .pulse.good {
    opacity: 0.9;
  }
  .count {
    padding-inline-start: 8px;
    border-inline-start: 1px solid var(--_border);
    color: var(--_text-muted);
    font-weight: 400;
    font-variant-numeric: tabular-nums;
  }
  .card {
    position: fixed;
    inset: var(--_top, auto) auto var(--_bottom, auto) var(--_left, 8px);
    inline-size: var(--_width, 320px);
    max-block-size: var(--_height, 80vh);
    margin: 0;
    padding: 0 16px 16px;
    overflow: hidden auto;
    overscroll-behavior: contain;
    border: 1px solid var(--_border);
    border-radius: min(var(--_radius), 16px);
    background: var(--_background);
    color: var(--_text);
    box-shadow: var(--_shadow);
    font-size: 0.9286em;
    white-space: normal;
  }
  .card:focus {
    outline: none;
  }
  .card-header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding-block: 10px 0;
    margin-inline-end: -8px;
  }
  .card .trouble {
    margin-block-start: 8px;
  }
  .section-title {
    margin: 14px 0 6px;
    font-size: 0.9231em;
    font-weight: 650;
  }
  .card .facts + .section-title {
    padding-block-start: 12px;
    border-block-start: 1px solid var(--_border);
  }
  .health-line + .facts {
    margin-block-start: 6px;
  }
  @media (hover: hover) {
    .pill:hover {
      background: var(--_surface-hover);
    }
  }
  @media (pointer: coarse) {
    .pill,
    :host([variant='floating']) .pill {
      min-inline-size: 44px;
      min-block-size: 44px;
      border-radius: 22px;
    }
  }
  /* The other corner is that of a collapsed panel. */
  @media (width < 480px) {
    :host([variant='floating']) {
      max-inline-size: calc(100% - 104px);
    }
    :host([variant='floating']) .pill .figure,
    .pill .figure.reason {
      display: none;
    }
  }
  @media print {
    :host([variant='floating']) {
      display: none;
    }
  }
`
