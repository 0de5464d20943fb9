import { css, html, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'
import { icons } from '../shared/icons.js'

/** Over the whole page while files are dragged across it. The pointer goes through it, so that what is below can still be dropped on. */
export function renderDropOverlay(limits: string, messages: Messages): TemplateResult {
  return html`<div class="drop-overlay" part="overlay" popover="manual" aria-hidden="true">
    <div class="drop-card" part="overlay-card">
      <slot name="overlay">
        <span class="drop-icon">${icons.upload}</span>
        <strong><bdi>${messages.dropzone.dropAnywhere}</bdi></strong>
        <bdi class="drop-limits">${limits}</bdi>
      </slot>
    </div>
  </div>`
}

/** Brings the overlay above everything else of the page, other popovers and dialogs too, where the browser can. */
export function raiseDropOverlay(root: ParentNode): void {
  const overlay = root.querySelector<HTMLElement>('.drop-overlay')
  if (overlay?.showPopover && !overlay.matches(':popover-open')) overlay.showPopover()
}

export const dropOverlayStyles = css`
  .drop-overlay {
    position: fixed;
    z-index: 2147483647;
    inset: 0;
    inline-size: auto;
    block-size: auto;
    max-inline-size: none;
    max-block-size: none;
    margin: 0;
    padding: 16px;
    border: 0;
    display: grid;
    overflow: hidden;
    pointer-events: none;
    font: var(--_font);
    color: var(--_text);
    background: color-mix(in srgb, var(--_background) 72%, transparent);
    animation: drop-overlay-in 140ms ease-out;
  }
  .drop-card {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 10px;
    padding: 24px;
    text-align: center;
    overflow-wrap: anywhere;
    border: 2px dashed var(--_accent);
    border-radius: var(--_radius);
    background: color-mix(in srgb, var(--_accent) 10%, transparent);
  }
  .drop-icon {
    display: grid;
    place-items: center;
    inline-size: 72px;
    block-size: 72px;
    border-radius: 50%;
    color: var(--_on-accent);
    background: var(--_accent);
  }
  .drop-icon .icon {
    inline-size: 34px;
    block-size: 34px;
  }
  .drop-card strong {
    font-size: 1.5em;
    font-weight: 650;
    line-height: 1.3;
  }
  .drop-limits {
    color: var(--_text-muted);
  }
  @keyframes drop-overlay-in {
    from {
      opacity: 0;
    }
  }
  @media (forced-colors: active) {
    .drop-overlay {
      background: Canvas;
      opacity: 0.9;
    }
    .drop-card {
      border-color: Highlight;
    }
  }
`
