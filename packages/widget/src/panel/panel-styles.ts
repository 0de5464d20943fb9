import { css } from 'lit'
import { card } from '../styles/card.js'

export const panelStyles = css`
  ${card}
  :host([collapsed]) {
    inline-size: fit-content;
  }
  /* What stands alone stands in the middle, of a header that is as high as ever: what is below must not jump. */
  .heading.alone {
    display: grid;
    align-content: center;
    min-block-size: calc(3em + 1px);
  }
  .alone .summary {
    display: none;
  }
  .connection {
    flex: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-inline-size: 24px;
    min-block-size: 24px;
    padding: 0 7px;
    border-radius: 8px;
    font-size: 0.8571em;
    color: var(--_text-muted);
  }
  .connection.unfolded {
    flex: 0 1 auto;
    flex-wrap: wrap;
    justify-content: flex-end;
    max-inline-size: 60%;
    text-align: end;
  }
  .connection::before {
    content: '';
    flex: none;
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
  .header .icon-button + .icon-button {
    margin-inline-start: -6px;
  }
  .over {
    border-color: var(--_accent);
  }
  upload-panel-list {
    flex: 0 1 auto;
  }
  .toolbar .text-button {
    flex: 0 1 auto;
    padding-inline: 10px;
  }
  slot[name='empty']::slotted(*) {
    flex: none;
    margin: 0 var(--_padding) var(--_padding);
    color: var(--_text-muted);
  }
  slot[name='footer']::slotted(*) {
    flex: none;
    padding: 10px var(--_padding);
    border-block-start: 1px solid var(--_border);
    font-size: 0.9286em;
    color: var(--_text-muted);
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
    color: var(--_tone);
    box-shadow: var(--_shadow);
    --_tone: var(--_accent);
  }
  .bubble.paused {
    --_tone: var(--_text-muted);
  }
  .bubble.failed {
    --_tone: var(--_danger);
  }
  .bubble.done {
    --_tone: var(--_success);
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
    stroke: var(--_tone);
    stroke-linecap: round;
    transition:
      stroke-dasharray 160ms linear,
      stroke 160ms;
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
    background: var(--_tone);
    color: var(--_background);
  }
  .active .count {
    color: var(--_on-accent);
  }
  @media (hover: hover) {
    .bubble:hover,
    .connection:hover {
      background: var(--_surface-hover);
    }
  }
  @media (pointer: coarse) {
    .connection {
      min-inline-size: 44px;
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    /* Told from the arc by its width: which colours there are, nobody knows. */
    .ring .track {
      stroke: CanvasText;
      stroke-width: 1;
    }
    .ring .arc {
      stroke: Highlight;
    }
    .count {
      border: 1px solid;
      line-height: 18px;
    }
    .connection::before {
      forced-color-adjust: none;
      outline: 1px solid CanvasText;
    }
  }
  /* Where there is little room, what is to be said of the connection has a line to itself. */
  @container (inline-size < 26em) {
    .header {
      flex-wrap: wrap;
    }
    .heading {
      flex-basis: 0;
    }
    .connection.worded {
      order: 1;
      flex: 1 1 100%;
      justify-content: flex-start;
      max-inline-size: none;
      text-align: start;
    }
  }
  /*
   * Both change with every frame while files are sent: of one line each they are laid out alone, and nobody looks at the list below. Figures that
   * find no room are those that the tabs tell. Where letters are large or the panel is narrow they have as many lines as they need.
   */
  @container (inline-size >= 26em) {
    .header :is(.title, .summary) {
      position: relative;
      overflow: hidden;
      contain: strict;
    }
    .header .title {
      block-size: 1.4667em;
      white-space: nowrap;
      text-overflow: ellipsis;
    }
    .header .summary {
      block-size: 1.5385em;
    }
    /* A figure that finds no room takes the dot before it along. */
    .header .dot {
      display: none;
    }
    .header .detail + .detail::before {
      content: '·\u00a0';
    }
  }
`
