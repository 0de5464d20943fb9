import { css, unsafeCSS } from 'lit'

/** Below this width a floating panel is a sheet at the bottom of the screen. */
export const PHONE = '(width < 480px)'

/**
 * Where the panel stands is arithmetic of the browser's: a spot's distance from its corner is cut to what the window has room for, so a window that
 * is made smaller, or magnified, keeps the panel in it without a script. Percentages are of the window.
 */
export const frameStyles = css`
  :host {
    --_keyboard: 0px;
    --_motion: 0ms;
  }
  :host(:not([placement='inline'])) {
    --_inset-inline: var(--upload-panel-inset-inline, 16px);
    --_inset-block: var(--upload-panel-inset-block, 16px);
    --_edge-inline: max(8px, env(safe-area-inset-left, 0px), env(safe-area-inset-right, 0px));
    --_edge-block: max(8px, env(safe-area-inset-top, 0px), env(safe-area-inset-bottom, 0px));
    --_width: min(var(--upload-panel-width, 400px), 100% - 2 * var(--_edge-inline));
    --_least-height: 280px;
    --_from-side: max(var(--_edge-inline), min(var(--_at-inline, var(--_inset-inline)), 100% - var(--_width) - var(--_edge-inline)));
    --_from-edge: max(
      var(--_edge-block),
      min(var(--_at-block, var(--_inset-block)), 100% - var(--_keyboard) - var(--_least-height) - var(--_edge-block))
    );
    --_list-max-height: none;
    position: fixed;
    z-index: var(--upload-panel-z-index, 1000);
    /* What a browser gives to a popover. */
    margin: 0;
    padding: 0;
    border: 0;
    block-size: auto;
    overflow: visible;
    background: none;
    display: flex;
    flex-direction: column;
    inset-inline: auto var(--_from-side);
    inset-block: auto calc(var(--_from-edge) + var(--_keyboard));
    inline-size: var(--_width);
    max-block-size: min(var(--upload-panel-max-height, 600px), 100% - var(--_keyboard) - var(--_from-edge) - var(--_edge-block));
  }
  :host([collapsed]:not([placement='inline'])) {
    --_width: 56px;
    --_least-height: 56px;
  }
  .area {
    position: fixed;
    inset: 0;
    visibility: hidden;
    pointer-events: none;
  }
  :host(:not([placement='inline'])) .panel {
    flex: 0 1 auto;
    min-block-size: 0;
    /* Where the window has room for nothing but the list, the panel itself scrolls; its handle stays in sight. */
    overflow: hidden auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_border) transparent;
  }
  :host(:not([placement='inline'])) .panel:not(.empty) .files {
    min-block-size: 73px;
  }
  :host(:not([placement='inline'])) :is(.header, .bubble) {
    touch-action: none;
    -webkit-user-select: none;
    user-select: none;
  }
  :host(:not([placement='inline'])) .header {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    background: var(--_background);
    cursor: grab;
  }
  .move {
    cursor: grab;
  }
  :host(:state(dragging)) :is(.header, .bubble, .move) {
    cursor: grabbing !important;
  }
  .panel {
    animation: unfold var(--_motion) cubic-bezier(0.2, 0, 0, 1);
    transform-origin: var(--_origin, right bottom);
  }
  .bubble {
    animation: unfold var(--_motion) cubic-bezier(0.2, 0, 0, 1);
  }
  @keyframes unfold {
    from {
      opacity: 0;
      transform: scale(0.6);
    }
  }
  @media ${unsafeCSS(PHONE)} {
    :host(:not([placement='inline']):not([collapsed])) {
      inset-inline: 0 !important;
      inset-block: auto var(--_keyboard) !important;
      --_width: 100%;
      max-block-size: min(85dvh, 100% - var(--_keyboard) - 24px);
      transition: translate 200ms cubic-bezier(0.2, 0, 0, 1);
    }
    :host(:state(dragging)) {
      transition: none !important;
    }
    :host(:not([placement='inline'])) .panel {
      max-block-size: calc(100dvh - var(--_keyboard) - var(--_toasts, 0px) - 8px);
      padding-block-end: env(safe-area-inset-bottom, 0px);
      border-inline: 0;
      border-block-end: 0;
      border-end-start-radius: 0;
      border-end-end-radius: 0;
      transform-origin: center bottom;
      animation-name: rise;
    }
    :host(:not([placement='inline'])) .header {
      padding-block-start: calc(var(--_gap) + 12px);
    }
    /* The grip of the sheet. */
    :host(:not([placement='inline'])) .header::before {
      content: '';
      position: absolute;
      inset-block-start: 8px;
      inset-inline: 0;
      inline-size: 36px;
      block-size: 4px;
      margin-inline: auto;
      border-radius: 2px;
      background: var(--_track);
    }
    .move {
      display: none;
    }
    @keyframes rise {
      from {
        transform: translateY(100%);
      }
    }
  }
  @media (height < 480px) {
    :host(:not([placement='inline'])) .dropzone.roomy {
      padding-block: 12px;
    }
    :host(:not([placement='inline'])) .roomy .prompt .icon {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    :host {
      transition: none !important;
    }
  }
  @media print {
    :host(:not([placement='inline'])) {
      display: none;
    }
  }
`
