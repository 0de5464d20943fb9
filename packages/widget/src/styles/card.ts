import { css } from 'lit'

/** The box that each element of this package is, with its header, the bar of the whole, and what can be done to the whole. */
export const card = css`
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
    padding-block: calc(var(--_gap) + 2px) var(--_gap);
    padding-inline: var(--_padding) calc(var(--_padding) - 6px);
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
  /* A line breaks between two figures, and within one only where it has no line to itself. */
  .detail {
    display: inline-block;
    max-inline-size: 100%;
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
    transform: scaleX(0);
    transform-origin: left;
  }
  /* Small steps are smooth by themselves; gliding over them would be an animation that never ends, which is styled at each frame. */
  .total-fill.glides {
    transition: transform 160ms linear;
  }
  .total:dir(rtl) .total-fill {
    transform-origin: right;
  }
  .toolbar {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    padding: 10px var(--_padding);
    border-block-start: 1px solid var(--_border);
  }
  .toolbar .text-button {
    padding-inline: 10px;
  }
  .text-button.quiet {
    border-color: transparent;
    background: none;
    color: var(--_text-muted);
  }
  @media (hover: hover) {
    .text-button.quiet:hover {
      background: var(--_surface-hover);
      color: var(--_text);
    }
  }
  @media (forced-colors: active) {
    .total-fill {
      forced-color-adjust: none;
      background: Highlight;
    }
  }
`
