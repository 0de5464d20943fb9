import { css } from 'lit'
import { card } from '../styles/card.js'

export const panelStyles = css`
  ${card}
  :host([collapsed]) {
    inline-size: fit-content;
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
  .over {
    border-color: var(--_accent);
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
  @media (forced-colors: active) {
    .ring .arc {
      stroke: Highlight;
    }
    .connection::before {
      forced-color-adjust: none;
    }
  }
`
