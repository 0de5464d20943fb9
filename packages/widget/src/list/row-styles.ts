import { css } from 'lit'

export const rowStyles = css`
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
  .row.neutral {
    --_tone: var(--_text-muted);
  }
  .row.active {
    --_tone: var(--_accent);
  }
  .row.processing {
    --_tone: var(--_accent-strong);
  }
  .row.success {
    --_tone: var(--_success);
  }
  .row.warning {
    --_tone: var(--_warning);
  }
  .row.danger {
    --_tone: var(--_danger);
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
  /* A name is cut in the middle: its head shrinks, its tail does not. Whatever marks a name carries, they stay within its line. */
  .name {
    flex: 0 1 auto;
    display: flex;
    min-inline-size: 0;
    overflow: hidden;
    white-space: pre;
    font-weight: 550;
    line-height: 1.4286;
    contain: paint;
  }
  .head {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .tail {
    flex: none;
    max-inline-size: 60%;
    overflow: hidden;
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
  .badge {
    flex: none;
    display: inline-flex;
    align-items: center;
    gap: 5px;
    padding-inline: 7px 8px;
    border-radius: 9px;
    font-weight: 600;
    color: var(--_tone);
    background: color-mix(in srgb, var(--_tone) 14%, transparent);
  }
  .badge::before {
    content: '';
    inline-size: 6px;
    block-size: 6px;
    border-radius: 50%;
    background: currentcolor;
  }
  .active .badge::before,
  .processing .badge::before {
    animation: pulse 1.6s ease-in-out infinite;
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
  .bar {
    position: relative;
    block-size: 4px;
    margin-block-start: 6px;
    border-radius: 2px;
    overflow: hidden;
    background: var(--_track);
  }
  .bar.empty {
    visibility: hidden;
  }
  /* The second half of the same bar: the bytes are the ground that the server's work is drawn on. */
  .bar.processing {
    background: color-mix(in srgb, var(--_accent) 38%, var(--_track));
  }
  .fill {
    position: absolute;
    inset: 0;
    background: var(--_tone);
    transform: scaleX(var(--_fraction, 0));
    transform-origin: left;
    transition: transform 160ms linear;
  }
  .bar:dir(rtl) .fill {
    transform-origin: right;
  }
  .bar.unknown .fill {
    inline-size: 35%;
    transform: none;
    animation: slide 1.4s ease-in-out infinite;
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
  @keyframes pulse {
    50% {
      opacity: 0.35;
    }
  }
  @keyframes slide {
    from {
      inset-inline-start: -35%;
    }
    to {
      inset-inline-start: 100%;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .bar.unknown .fill {
      inline-size: 100%;
      opacity: 0.5;
    }
  }
  @media (forced-colors: active) {
    .bar {
      border: 1px solid CanvasText;
      block-size: 6px;
    }
    .fill {
      forced-color-adjust: none;
      background: Highlight;
    }
    .badge {
      border: 1px solid CanvasText;
    }
    .badge::before {
      forced-color-adjust: none;
      background: CanvasText;
    }
  }
`
