import { css } from 'lit'

export const dropZoneStyles = css`
  .dropzone {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 8px 12px;
    margin: 12px 16px;
    padding: 10px 14px;
    border: 1.5px dashed color-mix(in srgb, var(--_accent) 45%, var(--_border));
    border-radius: calc(var(--_radius) - 4px);
    background: var(--_surface);
    cursor: pointer;
    transition:
      background 120ms,
      border-color 120ms;
  }
  .dropzone.plain {
    border-style: solid;
    border-color: var(--_border);
    cursor: auto;
  }
  .dropzone .text-button {
    background: var(--_background);
  }
  .dropzone .text-button.primary {
    background: var(--_accent);
  }
  .dropzone .prompt {
    flex: 1 1 auto;
    display: flex;
    align-items: center;
    gap: 10px;
    color: var(--_text-muted);
  }
  .dropzone .prompt .icon {
    color: var(--_accent);
    inline-size: 22px;
    block-size: 22px;
  }
  .dropzone .limits {
    flex-basis: 100%;
    font-size: 0.8571em;
    color: var(--_text-muted);
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .empty .dropzone {
    flex-direction: column;
    margin-block: 12px 16px;
    padding: 32px 20px;
    text-align: center;
  }
  .empty .dropzone .prompt {
    flex-direction: column;
    font-size: 1.0714em;
    color: var(--_text);
  }
  .empty .dropzone .prompt .icon {
    inline-size: 32px;
    block-size: 32px;
  }
  .empty .buttons {
    justify-content: center;
  }
  .over .dropzone {
    border-color: var(--_accent);
    border-style: solid;
    background: color-mix(in srgb, var(--_accent) 16%, var(--_surface));
  }
  @container (inline-size < 480px) {
    .buttons {
      flex: 1 1 100%;
    }
    .buttons .text-button {
      flex: 1 1 auto;
    }
  }
  @media (pointer: coarse) {
    /* Phones have no folders to choose, and room for one button. */
    .folder-button {
      display: none;
    }
  }
`
