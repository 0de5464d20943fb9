import { css } from 'lit'

/** The full variant, as `renderDashboard` writes it: tiles, charts, lists. */
export const dashboardStyles = css`
  .dashboard .header {
    flex-wrap: wrap;
    justify-content: space-between;
    padding-inline-end: 16px;
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    margin: 0;
    font-weight: 550;
  }
  .dashboard > .trouble {
    margin: 0 16px 12px;
  }
  .tiles {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    padding: 0 16px 12px;
  }
  .tile {
    min-inline-size: 0;
    margin: 0;
    padding: 12px 14px 14px;
    border: 1px solid var(--_border);
    border-radius: 12px;
    background: var(--_surface);
  }
  .tile-title,
  .list-title {
    margin: 0 0 8px;
    font-size: 0.9286em;
    font-weight: 600;
    color: var(--_text-muted);
  }
  .big {
    font-size: 1.4286em;
    font-weight: 650;
    line-height: 1.3;
    color: var(--_text);
    font-variant-numeric: tabular-nums;
  }
  .health-parts {
    display: grid;
    gap: 8px;
    margin: 10px 0 0;
    padding: 0;
    list-style: none;
    font-size: 0.9286em;
  }
  .health-part {
    display: flex;
    justify-content: space-between;
    gap: 8px;
  }
  .gauge {
    display: block;
    block-size: 4px;
    margin-block-start: 4px;
    border-radius: 2px;
    overflow: hidden;
    background: var(--_track);
  }
  .gauge-fill {
    display: block;
    block-size: 100%;
    background: var(--_accent);
    transform: scaleX(0);
    transform-origin: left;
  }
  .gauge:dir(rtl) .gauge-fill {
    transform-origin: right;
  }
  .now {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 8px;
    margin: 0;
  }
  .trend {
    font-size: 0.9286em;
    color: var(--_light);
  }
  .plot {
    position: relative;
    margin-block: 6px;
  }
  .plot svg {
    display: block;
    inline-size: 100%;
    block-size: 56px;
    overflow: visible;
  }
  /* Time runs as reading does. */
  .plot:dir(rtl) svg {
    transform: scaleX(-1);
  }
  .plot path {
    fill: none;
    vector-effect: non-scaling-stroke;
  }
  .grid {
    stroke: var(--_border);
    stroke-width: 1;
  }
  .plot .area {
    fill: color-mix(in srgb, var(--_accent) 18%, transparent);
  }
  .curve {
    stroke: var(--_accent);
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .top {
    position: absolute;
    inset-block-start: 1px;
    inset-inline-start: 0;
    padding-inline-end: 4px;
    font-size: 11px;
    line-height: 14px;
    color: var(--_text-muted);
    background: var(--_surface);
    border-end-end-radius: 4px;
    font-variant-numeric: tabular-nums;
  }
  .range {
    margin: 0;
    font-size: 0.8571em;
    color: var(--_text-muted);
    font-variant-numeric: tabular-nums;
  }
  .values {
    margin: 0 16px 16px;
  }
  summary {
    inline-size: fit-content;
    min-block-size: 24px;
    border-radius: 4px;
    font-size: 0.9286em;
    color: var(--_text-muted);
    cursor: pointer;
  }
  @media (pointer: coarse) {
    summary {
      padding-block: 13px;
    }
  }
  .values .scroll {
    margin-block-start: 8px;
  }
  .lists {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
  }
  .list {
    min-inline-size: 0;
    padding: 14px 16px 16px;
    border-block-start: 1px solid var(--_border);
  }
  .scroll {
    overflow: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--_border) transparent;
  }
  .rows {
    max-block-size: 21rem;
    overscroll-behavior: contain;
  }
  .rows ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .nothing {
    margin: 0;
    padding-block: 6px;
    color: var(--_text-muted);
    font-size: 0.9286em;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9286em;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 6px 12px 6px 0;
    padding-inline: 0 12px;
    border-block-end: 1px solid var(--_border);
    text-align: start;
    vertical-align: baseline;
    font-weight: 400;
    white-space: nowrap;
  }
  thead th {
    color: var(--_text-muted);
  }
  th:last-child,
  td:last-child {
    padding-inline-end: 0;
  }
  .number {
    text-align: end;
  }
  td .state {
    font-weight: 400;
    white-space: normal;
    min-inline-size: 9em;
  }
  @container (inline-size >= 520px) {
    .charts {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }
  @container (inline-size >= 720px) {
    .tiles:not(.charts) {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    .lists {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    .lists > .list + .list {
      border-inline-start: 1px solid var(--_border);
    }
  }
  @container (inline-size >= 960px) {
    .charts {
      grid-template-columns: repeat(4, minmax(0, 1fr));
    }
  }
  @media (forced-colors: active) {
    .curve {
      stroke: Highlight;
    }
    .plot .area {
      fill: none;
    }
    .grid {
      stroke: CanvasText;
      opacity: 0.3;
    }
    .gauge {
      border: 1px solid CanvasText;
      block-size: 6px;
    }
    .gauge-fill {
      forced-color-adjust: none;
      background: Highlight;
    }
  }
`
