import { css } from 'lit'
import { fileName } from '../styles/file-name.js'
import { folder } from '../styles/folder.js'
import { lines } from '../styles/lines.js'
import { progress } from '../styles/progress.js'

export const queueRowStyles = css`
  ${progress}
  ${fileName}
  ${lines}
  ${folder}
  :host {
    display: block;
    container-type: inline-size;
    border-block-end: 1px solid var(--_border);
    background: var(--_background);
  }
  .row {
    display: grid;
    grid-template-columns: auto auto minmax(0, 1fr) auto;
    align-items: center;
    column-gap: 8px;
    /* All rows are of one height, so that a drag counts places and measures nothing. */
    block-size: 4.2857em;
    min-block-size: 60px;
    padding-inline: 4px 10px;
  }
  .row.lifted {
    background: var(--_surface-hover);
    box-shadow: inset 0 0 0 1.5px var(--_accent);
  }
  .handle {
    display: grid;
    place-items: center;
    inline-size: 28px;
    block-size: 44px;
    padding: 0;
    border-radius: 8px;
    color: var(--_text-muted);
    cursor: grab;
    touch-action: none;
  }
  .handle:focus-visible {
    outline-offset: -2px;
  }
  .handle[aria-disabled] {
    opacity: 0;
    cursor: not-allowed;
    touch-action: auto;
  }
  .row:hover .handle[aria-disabled],
  .handle[aria-disabled]:focus-visible {
    opacity: 0.5;
  }
  .lifted .handle {
    cursor: grabbing;
    color: var(--_accent-strong);
  }
  .position {
    display: grid;
    place-items: center;
    min-inline-size: 2.25em;
    font-size: 0.9286em;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    color: var(--_text-muted);
  }
  .active .position {
    color: var(--_accent);
  }
  .priority {
    flex: none;
    padding-inline: 7px;
    border-radius: 9px;
    font-size: 0.8214em;
    font-weight: 600;
    line-height: 1.5652;
    color: var(--_text-muted);
    box-shadow: inset 0 0 0 1px var(--_border);
  }
  .priority.high {
    color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 14%, transparent);
    box-shadow: none;
  }
  .bar {
    margin-block-start: 4px;
    block-size: 3px;
  }
  .actions {
    display: flex;
    gap: 2px;
    margin-inline-end: -4px;
  }
  @media (hover: hover) {
    .handle:hover {
      background: var(--_surface-hover);
      color: var(--_text);
    }
  }
  @media (pointer: coarse) {
    .row {
      -webkit-user-select: none;
      user-select: none;
      -webkit-touch-callout: none;
    }
    .handle {
      inline-size: 44px;
    }
    .row {
      column-gap: 2px;
    }
  }
  /* What the narrow list leaves out is in the menu of the row. */
  @container (inline-size < 380px) {
    .row {
      column-gap: 4px;
    }
    .icon-button:is([data-action='pause'], [data-action='resume'], [data-action='cancel']) {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .priority {
      border: 1px solid CanvasText;
    }
    .row.lifted {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`
