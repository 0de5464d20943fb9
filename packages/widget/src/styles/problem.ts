import { css } from 'lit'

/** What went wrong, below a row, and what can be done about it. */
export const problem = css`
  .problem {
    margin: 6px 0 0;
    font-size: 0.8929em;
    line-height: 1.44;
    color: var(--_tone);
    overflow-wrap: anywhere;
  }
  .hint {
    color: var(--_text-muted);
  }
`
