import { css } from 'lit'
import { fileName } from '../styles/file-name.js'
import { folder } from '../styles/folder.js'
import { line } from '../styles/lines.js'
import { problem } from '../styles/problem.js'
import { progress } from '../styles/progress.js'

export const rowStyles = css`
  ${progress}
  ${fileName}
  ${line}
  ${folder}
  ${problem}
  :host {
    display: block;
    /* What happens in a row is nobody else's layout or paint. */
    contain: content;
    border-block-end: 1px solid var(--_border);
  }
  .row {
    display: grid;
    grid-template:
      'thumbnail line actions'
      'thumbnail status status'
      'thumbnail bar bar'
      '. problem problem'
      'facts facts facts' / auto minmax(0, 1fr) auto;
    align-items: center;
    column-gap: 12px;
    min-block-size: 71px;
    padding: 10px 16px 11px;
  }
  .thumbnail {
    grid-area: thumbnail;
    position: relative;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 1px;
    inline-size: 40px;
    block-size: 40px;
    border-radius: 10px;
    contain: layout size style;
    background: var(--_surface-hover);
    color: var(--_text-muted);
    font-size: 9px;
    line-height: 1;
    font-weight: 700;
    letter-spacing: 0.03em;
  }
  .thumbnail .icon {
    inline-size: 18px;
    block-size: 18px;
    stroke-width: 1.5;
  }
  .thumbnail img {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    border-radius: inherit;
    object-fit: cover;
    background: var(--_surface-hover);
  }
  .thumbnail .coming {
    opacity: 0;
  }
  /* Its width does not follow the figure: what counts up moves nothing beside it. Some languages have a space in it, and some typefaces a wide sign. */
  .percent {
    flex: none;
    inline-size: 5.5ch;
    margin-inline-start: auto;
    text-align: end;
    white-space: nowrap;
    font-size: 0.9286em;
    font-variant-numeric: tabular-nums;
    color: var(--_text-muted);
  }
  .details-button {
    position: relative;
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 24px;
    block-size: 24px;
    margin-inline-end: 4px;
    padding: 0;
    border-radius: 6px;
    color: var(--_text-muted);
  }
  .details-button .icon {
    inline-size: 16px;
    block-size: 16px;
    transition: transform 160ms ease-out;
  }
  .open .details-button .icon {
    transform: rotate(180deg);
  }
  .row > .line {
    grid-area: line;
  }
  .row > .status {
    grid-area: status;
    margin-block-start: 2px;
    font-size: 0.8571em;
    line-height: 1.44;
    color: var(--_text-muted);
  }
  .details {
    flex: 1 1 0;
    min-inline-size: 0;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  /*
   * As wide as there is room and as high as a line, whatever it says: a tick lays out this box alone. For that, Chromium wants it to be positioned,
   * and no item of a flex box or grid.
   */
  .figure {
    position: relative;
    display: block;
    inline-size: 100%;
    block-size: 1.44em;
    line-height: 1.44;
    overflow: hidden;
    text-overflow: ellipsis;
    contain: strict;
  }
  .bar {
    grid-area: bar;
  }
  .bar:not(.settled) > * {
    transition: none;
  }
  .transfer .fill {
    display: none;
  }
  .problem {
    grid-area: problem;
  }
  /* Room for three whether they are there or not: percentages end on one line, and what is missing leaves no gap between those that are there. */
  .actions {
    grid-area: actions;
    display: flex;
    align-items: center;
    justify-content: flex-end;
    min-inline-size: 92px;
    margin-block: -6px;
    margin-inline: -8px -8px;
  }
  .facts {
    grid-area: facts;
    margin-block: 10px 3px;
    padding: 10px 12px;
    border-radius: 10px;
    background: var(--_surface);
    font-size: 0.8929em;
    line-height: 1.44;
  }
  dl {
    display: grid;
    grid-template-columns: fit-content(40%) minmax(0, 1fr);
    align-items: center;
    gap: 4px 12px;
    margin: 0;
  }
  dt {
    color: var(--_text-muted);
  }
  dd {
    min-inline-size: 0;
    margin: 0;
    overflow-wrap: anywhere;
  }
  .code {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  code {
    min-inline-size: 0;
    font:
      0.9286em / 1.4 ui-monospace,
      SFMono-Regular,
      Menlo,
      Consolas,
      monospace;
    user-select: all;
  }
  .copy-button {
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 24px;
    block-size: 24px;
    margin-block: -2px;
    padding: 0;
    border-radius: 6px;
    color: var(--_text-muted);
  }
  .copy-button .icon {
    inline-size: 16px;
    block-size: 16px;
  }
  .not-copied {
    margin: 6px 0 0;
    color: var(--_warning);
  }
  .result {
    display: inline-block;
    margin-block-start: 8px;
    color: var(--_accent-strong);
    font-weight: 600;
  }
  @media (hover: hover) {
    .details-button:hover,
    .copy-button:hover {
      background: var(--_surface-hover);
      color: var(--_text);
    }
  }
  @media (pointer: coarse) {
    .actions {
      margin-block: -6px 0;
    }
    .details-button::after,
    .copy-button::after {
      content: '';
      position: absolute;
      inset: -11px;
    }
    /* The first of them does not reach into the next. */
    .details-button {
      margin-inline-end: 10px;
    }
    .copy-button {
      position: relative;
    }
    .code {
      min-block-size: 44px;
    }
    .result {
      padding-block: 13px;
    }
  }
  @media (forced-colors: active) {
    .thumbnail,
    .facts {
      border: 1px solid CanvasText;
    }
    /* Buttons have edges here, which must not lie on the line below. */
    .actions {
      gap: 3px;
      margin-block-end: 0;
      margin-inline-start: -4px;
    }
  }
  @container files (inline-size < 380px) {
    .row {
      column-gap: 8px;
      padding-inline: 12px;
    }
    .thumbnail {
      inline-size: 32px;
      block-size: 32px;
    }
    .thumbnail .icon {
      inline-size: 16px;
      block-size: 16px;
    }
    .extension {
      display: none;
    }
    .actions {
      min-inline-size: 0;
    }
  }
  @container files (inline-size < 300px) {
    .row {
      column-gap: 0;
    }
    .actions {
      margin-inline-start: 0;
    }
    .thumbnail {
      display: none;
    }
    dl {
      grid-template-columns: minmax(0, 1fr);
      gap: 0;
    }
    dd:not(:last-child) {
      margin-block-end: 4px;
    }
  }
`
