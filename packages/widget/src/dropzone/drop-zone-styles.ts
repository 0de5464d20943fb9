import { css } from 'lit'

export const dropZoneStyles = css`
  .dropzone {
    flex: none;
    display: flex;
    align-items: center;
    gap: 8px 12px;
    margin: var(--_gap) var(--_padding);
    padding: 7px 8px 7px 14px;
    padding-inline: 14px 8px;
    border: 1.5px dashed color-mix(in srgb, var(--_accent) 45%, var(--_border));
    border-radius: calc(var(--_radius) - 4px);
    background: var(--_surface);
    transition:
      background 120ms,
      border-color 120ms;
  }
  .dropzone.clickable {
    cursor: pointer;
  }
  .dropzone.plain {
    border-style: solid;
    border-color: var(--_border);
  }
  .dropzone.disabled {
    border-color: var(--_border);
  }
  .dropzone.over {
    border-color: var(--_accent);
    border-style: solid;
    background: color-mix(in srgb, var(--_accent) 16%, var(--_surface));
  }
  .dropzone .text-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    background: var(--_background);
  }
  .dropzone .text-button.primary {
    background: var(--_accent);
  }
  .dropzone .text-button:disabled {
    cursor: not-allowed;
    opacity: 0.5;
  }
  .prompt {
    flex: 1 1 auto;
    min-inline-size: 0;
    display: flex;
    align-items: center;
    gap: 10px;
    color: var(--_text-muted);
  }
  .prompt bdi {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .disabled .prompt {
    opacity: 0.6;
  }
  .prompt .icon {
    color: var(--_accent);
    inline-size: 22px;
    block-size: 22px;
  }
  .limits {
    font-size: 0.8571em;
    color: var(--_text-muted);
    overflow-wrap: anywhere;
  }
  .buttons {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 8px;
  }
  .dropzone .camera-button {
    display: none;
  }
  .dropzone:not(.roomy) .limits {
    display: none;
  }
  /* No higher than the buttons, in languages with long words too. */
  .dropzone:not(.roomy) .prompt bdi {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    font-size: 0.8929em;
    line-height: 16px;
  }
  .dropzone:not(.roomy) .buttons {
    margin-inline-start: auto;
    flex-wrap: nowrap;
  }
  .dropzone:not(.roomy) .text-button:has(.icon) {
    inline-size: 32px;
    padding: 0;
  }
  .dropzone:not(.roomy) .icon + .label {
    position: absolute;
    clip-path: inset(50%);
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    white-space: nowrap;
  }
  .dropzone.roomy {
    flex-direction: column;
    gap: 14px;
    margin-block-end: var(--_padding);
    padding: 32px 20px;
    text-align: center;
  }
  .roomy .prompt {
    flex-direction: column;
    font-size: 1.0714em;
    color: var(--_text);
  }
  .roomy .prompt .icon {
    inline-size: 32px;
    block-size: 32px;
  }
  :host(:state(over)) .bubble {
    outline: 3px solid var(--_accent);
    outline-offset: 3px;
  }
  @container (inline-size < 480px) {
    .roomy .buttons {
      align-self: stretch;
    }
    .roomy .buttons .text-button {
      flex: 1 1 auto;
    }
    .dropzone:not(.roomy) .prompt .icon {
      display: none;
    }
  }
  @container (inline-size < 360px) {
    .dropzone:not(.roomy) .prompt {
      display: none;
    }
    .dropzone:not(.roomy) {
      padding-inline-start: 8px;
    }
    .dropzone:not(.roomy) .buttons,
    .dropzone:not(.roomy) .primary {
      flex: 1 1 auto;
    }
  }
  @media (pointer: coarse) {
    /* Phones have no folders to choose, but a camera. */
    .dropzone .folder-button {
      display: none;
    }
    .dropzone .camera-button {
      display: inline-flex;
    }
    .dropzone:not(.roomy) .text-button:has(.icon) {
      inline-size: 44px;
    }
  }
  @media (pointer: coarse) and (hover: none) {
    /* Fingers drop nothing. */
    .prompt bdi,
    .dropzone:not(.roomy) .prompt {
      display: none;
    }
    .dropzone:not(.roomy) {
      padding-inline-start: 8px;
    }
    .dropzone:not(.roomy) .buttons,
    .dropzone:not(.roomy) .primary {
      flex: 1 1 auto;
    }
  }
  @media (forced-colors: active) {
    .dropzone.over {
      border-color: Highlight;
    }
  }
`
