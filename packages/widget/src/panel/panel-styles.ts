import { css } from 'lit'

export const panelStyles = css`
  :host {
    display: block;
    font: var(--_font);
    color: var(--_text);
    text-align: start;
    -webkit-font-smoothing: antialiased;
  }
  :host([hidden]) {
    display: none;
  }
  :host([collapsed]) {
    inline-size: fit-content;
  }
  .panel {
    container-type: inline-size;
    position: relative;
    display: flex;
    flex-direction: column;
    max-block-size: 100%;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    box-shadow: var(--_shadow);
    overflow: clip;
  }
  .panel:focus {
    outline: none;
  }
  .panel:focus-visible {
    outline: 2px solid var(--_accent-strong);
    outline-offset: -2px;
  }
  .header {
    flex: none;
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 14px 10px 12px 16px;
    padding-inline: 16px 10px;
  }
  .heading {
    flex: 1 1 auto;
    min-inline-size: 0;
  }
  .title {
    margin: 0;
    font-size: 1.0714em;
    font-weight: 650;
    line-height: 1.4667;
    font-variant-numeric: tabular-nums;
  }
  .summary {
    margin: 1px 0 0;
    font-size: 0.9286em;
    line-height: 1.5385;
    /* Whether there is something to say or not: what is below must not jump. */
    min-block-size: 1.5385em;
    color: var(--_text-muted);
    font-variant-numeric: tabular-nums;
  }
  .connection {
    flex: none;
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-size: 0.8571em;
    color: var(--_text-muted);
  }
  .connection::before {
    content: '';
    inline-size: 8px;
    block-size: 8px;
    border-radius: 50%;
    background: var(--_success);
  }
  .connection.connecting::before {
    background: var(--_text-muted);
  }
  .connection.reconnecting::before {
    background: var(--_warning);
  }
  .connection.error::before {
    background: var(--_danger);
  }
  .total {
    flex: none;
    block-size: 3px;
    background: var(--_track);
    overflow: hidden;
  }
  .total.still {
    background: linear-gradient(var(--_border) 1px, transparent 1px);
  }
  .total-fill {
    block-size: 100%;
    background: var(--_accent);
    transform: scaleX(var(--_fraction, 0));
    transform-origin: left;
    transition: transform 160ms linear;
  }
  .total:dir(rtl) .total-fill {
    transform-origin: right;
  }
  .over {
    border-color: var(--_accent);
  }
  .toolbar {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    padding: 0 16px 12px;
  }
  upload-panel-list {
    flex: 0 1 auto;
  }
  .bubble {
    position: relative;
    display: grid;
    place-items: center;
    inline-size: 56px;
    block-size: 56px;
    padding: 0;
    border-radius: 50%;
    background: var(--_background);
    color: var(--_accent);
    box-shadow: var(--_shadow);
  }
  .bubble > .icon {
    inline-size: 24px;
    block-size: 24px;
  }
  .ring {
    position: absolute;
    inset: -1px;
    inline-size: 56px;
    block-size: 56px;
    fill: none;
    stroke-width: 3;
    transform: rotate(-90deg);
  }
  .ring .track {
    stroke: var(--_border);
  }
  .ring .arc {
    stroke: var(--_accent);
    stroke-linecap: round;
  }
  .count {
    position: absolute;
    inset-block-start: -4px;
    inset-inline-end: -6px;
    min-inline-size: 22px;
    padding: 1px 6px;
    border-radius: 11px;
    font-size: 12px;
    font-weight: 700;
    line-height: 20px;
    font-variant-numeric: tabular-nums;
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .count.danger {
    background: var(--_danger);
    color: var(--_background);
  }
  @container (inline-size < 480px) {
    .toolbar .text-button {
      flex: 1 1 auto;
    }
  }
  @media (forced-colors: active) {
    .total-fill {
      forced-color-adjust: none;
      background: Highlight;
    }
    .ring .arc {
      stroke: Highlight;
    }
    .connection::before {
      forced-color-adjust: none;
    }
  }
`
