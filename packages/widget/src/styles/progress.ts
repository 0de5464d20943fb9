import { css } from 'lit'

/** How far something is, in a badge and a bar, and the colour that goes with it: the tone is a class of the row around both. */
export const progress = css`
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
  /* Of what is on its way the bar tells. An animation without end is styled at each frame that draws anything: for what shows no other life. */
  .processing .badge::before {
    animation: pulse 1.6s ease-in-out infinite;
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
  .ground,
  .fill {
    position: absolute;
    inset: 0;
    background: var(--_tone);
    transform: scaleX(0);
    transform-origin: left;
    transition: background-color 240ms ease-out;
  }
  /* Many small steps are smooth by themselves; each that glides is an animation that the browser begins anew. */
  .bar > .glides {
    transition:
      transform 160ms linear,
      background-color 240ms ease-out;
  }
  .processing .ground {
    background: color-mix(in srgb, var(--_tone) 38%, var(--_track));
  }
  .bar:dir(rtl) :is(.ground, .fill) {
    transform-origin: right;
  }
  .bar.unknown .fill {
    inline-size: 35%;
    transition: none;
    animation: slide 1.4s ease-in-out infinite;
  }
  .bar.unknown:dir(rtl) .fill {
    animation-direction: reverse;
  }
  @keyframes pulse {
    50% {
      opacity: 0.35;
    }
  }
  @keyframes slide {
    from {
      transform: translateX(-100%);
    }
    to {
      transform: translateX(286%);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .bar.unknown .fill {
      inline-size: 100%;
      transform: none;
      opacity: 0.5;
    }
  }
  @media (forced-colors: active) {
    .bar {
      border: 1px solid CanvasText;
      block-size: 6px;
    }
    .ground,
    .fill {
      forced-color-adjust: none;
      background: Highlight;
    }
    /* Told from what lies on it by its height: which colours there are, nobody knows. */
    .processing .ground {
      inset-block: 1px;
      background: CanvasText;
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
