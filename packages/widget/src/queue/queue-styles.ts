import { css } from 'lit'
import { card } from '../styles/card.js'

export const queueStyles = css`
  ${card}
  .header {
    padding-inline-end: var(--_padding);
  }
  .statistics {
    flex: none;
    display: grid;
    grid-template-columns: repeat(5, minmax(0, max-content));
    justify-content: space-between;
    margin: 0;
    padding: var(--_gap) var(--_padding);
    column-gap: 8px;
  }
  .statistic {
    display: flex;
    flex-direction: column-reverse;
    min-inline-size: 0;
  }
  .statistics dt {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 0.8571em;
    color: var(--_text-muted);
  }
  .statistics dd {
    margin: 0;
    font-size: 1.2857em;
    font-weight: 650;
    line-height: 1.3333;
    font-variant-numeric: tabular-nums;
  }
  .statistic.none dd {
    color: var(--_text-muted);
    font-weight: 500;
  }
  .statistic.failed:not(.none) dd {
    color: var(--_danger);
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 4px;
    padding: 28px 20px 36px;
    text-align: center;
    color: var(--_text-muted);
  }
  /* Where there are no figures the line of the header is enough. */
  .statistics:not([hidden]) ~ slot > .empty {
    border-block-start: 1px solid var(--_border);
  }
  .empty .icon {
    inline-size: 28px;
    block-size: 28px;
    margin-block-end: 4px;
    color: var(--_accent);
  }
  .empty strong {
    font-weight: 600;
    color: var(--_text);
  }
  upload-queue-list {
    flex: 0 1 auto;
  }
`
