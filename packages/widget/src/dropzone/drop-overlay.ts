import { css, html, nothing, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'
import { icons } from '../shared/icons.js'

/** Over the whole page while files are dragged across it. The pointer goes through it, so that what is below can still be dropped on. */
export function renderDropOverlay(limits: string, messages: Messages): TemplateResult {
  return html`<div class="drop-overlay" part="overlay" popover="manual" aria-hidden="true">
    <div class="drop-frame">
      <div class="drop-card" part="overlay-card">
        <slot name="overlay">
          <span class="drop-icon">${icons.upload}</span>
          <strong><bdi>${messages.dropzone.dropAnywhere}</bdi></strong>
          ${limits === '' ? nothing : html`<bdi class="drop-limits">${limits}</bdi>`}
        </slot>
      </div>
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
    background: color-mix(in srgb, var(--_background) 76%, transparent);
    animation: drop-overlay-in 140ms ease-out;
  }
  .drop-frame {
    display: grid;
    place-items: center;
    padding: 16px;
    border: 2px dashed var(--_accent);
    border-radius: var(--_radius);
    background: color-mix(in srgb, var(--_accent) 8%, transparent);
  }
  .drop-card {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 10px;
    max-inline-size: 100%;
    padding: 28px 36px;
    text-align: center;
    overflow-wrap: anywhere;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    box-shadow: var(--_shadow);
  }
  .drop-icon {
    display: grid;
    place-items: center;
    inline-size: 64px;
    block-size: 64px;
    border-radius: 50%;
    color: var(--_on-accent);
    background: var(--_accent);
  }
  .drop-icon .icon {
    inline-size: 30px;
    block-size: 30px;
  }
  .drop-card strong {
    font-size: 1.3572em;
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
    .drop-frame {
      border-color: Highlight;
    }
  }
`
