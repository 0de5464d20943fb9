import { css } from 'lit'

export const progressStyles = css`
  .box {
    container-type: inline-size;
    padding-inline: 16px;
    border: 1px solid var(--_border);
    border-radius: min(var(--_radius), 12px);
    background: var(--_background);
  }
  .box:focus {
    outline: none;
  }
  .box:focus-visible {
    outline: 2px solid var(--_accent-strong);
    outline-offset: -2px;
  }
  .row {
    min-block-size: 70px;
    padding-block: 10px;
  }
  .nothing {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    min-block-size: 70px;
    padding-block: 10px;
    color: var(--_text-muted);
  }
  .nothing p {
    flex: 1 1 12em;
    margin: 0;
    overflow-wrap: anywhere;
  }
  .text-button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .actions {
    flex: none;
    display: flex;
    margin-inline-end: -8px;
  }
  @media (forced-colors: active) {
    .actions {
      gap: 3px;
    }
  }
  .note {
    margin: 0;
    padding-block-end: 10px;
    font-size: 0.8929em;
    color: var(--_warning);
    overflow-wrap: anywhere;
  }
`
