import { css } from 'lit'
import { fileName } from '../styles/file-name.js'
import { lines } from '../styles/lines.js'
import { problem } from '../styles/problem.js'
import { progress } from '../styles/progress.js'

/** An operation as `renderOperation` writes it. */
export const operationStyles = css`
  ${fileName}
  ${progress}
  ${lines}
  ${problem}
  .row {
    display: flex;
    align-items: center;
    gap: 12px;
    padding-block: 8px;
  }
  .body {
    flex: 1 1 auto;
    min-inline-size: 0;
  }
  .type {
    flex: none;
    font-size: 0.8571em;
    color: var(--_text-muted);
  }
  .status {
    margin-block-start: 3px;
  }
`
