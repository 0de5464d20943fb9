import { css } from 'lit'

/** Lights, facts and the sentence of what is wrong: the same in each variant. */
const common = css`
  .good {
    --_light: var(--_success);
  }
  .warning {
    --_light: var(--_warning);
  }
  .bad {
    --_light: var(--_danger);
  }
  .none {
    --_light: var(--_text-muted);
  }
  .light {
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    border-radius: 50%;
    background: var(--_light);
  }
  .light.warning,
  .light.none {
    animation: blink 1.6s ease-in-out infinite;
  }
  .muted,
  .figure {
    color: var(--_text-muted);
    font-weight: 400;
    font-variant-numeric: tabular-nums;
  }
  .facts {
    display: grid;
    gap: 4px;
    margin: 0;
  }
  .facts > div {
    display: flex;
    justify-content: space-between;
    gap: 12px;
  }
  dt {
    color: var(--_text-muted);
  }
  dd {
    margin: 0;
    text-align: end;
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }
  .meanwhile {
    margin: 6px 0 0;
    font-size: 0.9286em;
    color: var(--_text-muted);
  }
  .trouble {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 12px;
    padding: 8px 8px 8px 12px;
    padding-inline: 12px 8px;
    border-radius: 10px;
    font-size: 0.9286em;
    background: color-mix(in srgb, var(--_light) 12%, transparent);
  }
  .trouble p {
    flex: 1 1 12em;
    margin: 0;
    overflow-wrap: anywhere;
  }
  .trouble .text-button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    background: var(--_background);
  }
  .health-line {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 8px;
    margin: 0;
  }
  .health-line .light {
    align-self: center;
  }
  @keyframes blink {
    50% {
      opacity: 0.4;
    }
  }
  @media (forced-colors: active) {
    .light {
      forced-color-adjust: none;
      outline: 1px solid CanvasText;
    }
    .trouble {
      border: 1px solid CanvasText;
    }
  }
`

const pill = css`
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
  :host([hidden]) {
    display: none !important;
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
    .pill {
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

const dashboard = css`
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

export const statusStyles = css`
  ${common}
  ${pill}
  ${dashboard}
`
