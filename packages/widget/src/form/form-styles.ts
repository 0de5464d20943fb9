import { css } from 'lit'

/** What the drop zone has to say of the form around it. */
export const formStyles = css`
  .form-problem,
  .restored {
    flex: none;
    display: flex;
    align-items: center;
    gap: 8px;
    margin: 0 16px 12px;
    font-size: 0.9286em;
  }
  .form-problem {
    align-items: flex-start;
    color: var(--_danger);
  }
  .form-problem .icon {
    border: 1.5px solid;
    border-radius: 50%;
  }
  .restored {
    color: var(--_text-muted);
  }
  .restored > .icon {
    color: var(--_success);
  }
  .restored .icon-button {
    margin-inline-start: auto;
  }
`
