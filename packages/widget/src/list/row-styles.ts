import { css } from 'lit'
import { fileName } from '../styles/file-name.js'
import { progress } from '../styles/progress.js'

export const rowStyles = css`
  ${progress}
  ${fileName}
  :host {
    display: block;
    container-type: inline-size;
    border-block-end: 1px solid var(--_border);
  }
  .row {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    column-gap: 12px;
    min-block-size: 71px;
    padding: 10px 16px;
  }
  .thumbnail {
    display: grid;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    border-radius: 10px;
    overflow: hidden;
    background: var(--_surface-hover);
    color: var(--_text-muted);
    font-size: 11px;
    font-weight: 700;
    letter-spacing: 0.02em;
  }
  .thumbnail img {
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
  .line {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
  }
  .percent {
    flex: none;
    margin-inline-start: auto;
    font-size: 0.9286em;
    font-variant-numeric: tabular-nums;
    color: var(--_text-muted);
  }
  .status {
    margin-block-start: 3px;
    font-size: 0.8929em;
    line-height: 1.44;
    color: var(--_text-muted);
  }
  .folder,
  .details {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .folder {
    flex: 0 1 auto;
    max-inline-size: 40%;
  }
  .folder::after {
    content: '/';
  }
  .details {
    flex: 1 1 0;
    min-inline-size: 0;
    font-variant-numeric: tabular-nums;
  }
  .problem {
    margin: 6px 0 0;
    font-size: 0.8929em;
    line-height: 1.44;
    color: var(--_tone);
    overflow-wrap: anywhere;
  }
  .hint {
    color: var(--_text-muted);
  }
  /* Room for two whether they are there or not: the bars end on one line. */
  .actions {
    display: flex;
    justify-content: flex-end;
    gap: 2px;
    min-inline-size: 66px;
    margin-inline-end: -6px;
  }
  @container (inline-size < 380px) {
    .row {
      column-gap: 8px;
      padding-inline: 12px;
    }
    .thumbnail {
      display: none;
    }
    .body {
      grid-column: 1 / 3;
    }
    .actions {
      gap: 0;
      min-inline-size: 0;
    }
  }
`
