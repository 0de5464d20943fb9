import { css } from 'lit'

/** A line of a row. */
export const line = css`
  .line {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
  }
`

/** The two lines of a row: a name with its percentage, and below it a badge with what there is to say. */
export const lines = css`
  ${line}
  .percent {
    flex: none;
    margin-inline-start: auto;
    font-size: 0.9286em;
    font-variant-numeric: tabular-nums;
    color: var(--_text-muted);
  }
  .status {
    margin-block-start: 2px;
    font-size: 0.8929em;
    line-height: 1.44;
    color: var(--_text-muted);
  }
  .details {
    flex: 1 1 0;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  /* A sentence of another direction stands beside its badge as well. */
  .line:dir(ltr) > .details {
    text-align: left;
  }
  .line:dir(rtl) > .details {
    text-align: right;
  }
`
