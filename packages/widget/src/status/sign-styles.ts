import { css } from 'lit'

/** Lights, facts and the sentence of what is wrong: the same in each variant. */
export const signStyles = css`
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
