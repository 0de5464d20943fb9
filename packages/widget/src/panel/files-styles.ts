import { css } from 'lit'

/** Tabs, what is under them, and what can be done to it. */
export const filesStyles = css`
  .job {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 8px;
    padding: 8px var(--_padding);
    border-block-end: 1px solid var(--_border);
    font-size: 0.9286em;
    font-variant-numeric: tabular-nums;
  }
  .job-title {
    color: var(--_text-muted);
  }
  .job-status {
    font-weight: 600;
  }
  .job-status.success {
    color: var(--_success);
  }
  .job-status.warning {
    color: var(--_warning);
  }
  .job-status.danger {
    color: var(--_danger);
  }
  .job-counts {
    flex: 1 1 auto;
    text-align: end;
    color: var(--_text-muted);
  }
  .tabs {
    flex: none;
    display: flex;
    gap: 2px;
    padding-inline: calc(var(--_padding) - 6px);
    overflow: auto hidden;
    scrollbar-width: none;
  }
  .tab {
    position: relative;
    flex: 0 1 auto;
    min-block-size: 36px;
    padding: 4px 6px 6px;
    border-radius: 8px 8px 0 0;
    font-size: 0.9286em;
    font-weight: 500;
    white-space: nowrap;
    color: var(--_text-muted);
  }
  .tab::after {
    content: '';
    position: absolute;
    inset-inline: 6px;
    inset-block-end: 0;
    block-size: 2px;
    border-radius: 2px 2px 0 0;
    background: transparent;
  }
  .tab[aria-selected='true'] {
    color: var(--_text);
  }
  .tab[aria-selected='true']::after {
    background: var(--_accent);
  }
  .tab:focus-visible {
    outline-offset: -2px;
  }
  .tab-count {
    display: inline-block;
    min-inline-size: 20px;
    margin-inline-start: 2px;
    padding: 0 6px;
    border-radius: 10px;
    font-size: 0.8462em;
    line-height: 1.6;
    text-align: center;
    font-variant-numeric: tabular-nums;
    background: var(--_surface-hover);
    color: var(--_text);
  }
  .tab.none .tab-count {
    background: var(--_surface);
    color: var(--_text-muted);
  }
  #tab-failed:not(.none) .tab-count {
    background: color-mix(in srgb, var(--_danger) 20%, var(--_background));
    color: var(--_danger);
  }
  .files {
    display: flex;
    flex-direction: column;
    flex: 0 1 auto;
    min-block-size: 0;
  }
  .files:focus-visible {
    outline-offset: -2px;
  }
  .nothing {
    margin: 0;
    padding: 28px 16px;
    border-block-start: 1px solid var(--_border);
    text-align: center;
    color: var(--_text-muted);
  }
  .text-button.danger {
    border-color: transparent;
    background: var(--_danger);
    color: var(--_background);
    font-weight: 600;
  }
  .question-text {
    flex: 1 1 100%;
    margin: 0;
    font-size: 0.9286em;
  }
  .question-text span {
    color: var(--_text-muted);
  }
  .connection.offline::before {
    background: var(--_danger);
  }
  .connection.polling::before {
    background: none;
    border: 2px solid var(--_success);
  }
  /* Where there is little room, a zero is told by the lack of a figure. */
  @container (inline-size < 384px) {
    .none .tab-count {
      position: absolute;
      min-inline-size: 0;
      inline-size: 1px;
      padding: 0;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }
  /* The figure below its word, so that four long words have room beside each other. */
  @container (inline-size < 360px) {
    .tabs {
      justify-content: space-between;
    }
    .tab {
      display: grid;
      justify-items: center;
      align-content: start;
      font-size: 0.8929em;
    }
    .tab-count {
      margin-inline-start: 0;
    }
  }
  @media (hover: hover) {
    .tab:hover {
      color: var(--_text);
      background: var(--_surface-hover);
    }
    .text-button.danger:hover {
      background: color-mix(in srgb, var(--_danger) 85%, var(--_text));
    }
  }
  @media (pointer: coarse) {
    .tab {
      flex: none;
      min-inline-size: 44px;
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .tab {
      border-color: transparent;
    }
    .tab[aria-selected='true']::after {
      inset-inline: 0;
      block-size: 5px;
      forced-color-adjust: none;
      background: Highlight;
    }
    .tab-count {
      border: 1px solid;
    }
  }
`
