import { css } from 'lit'
import { fileName } from '../styles/file-name.js'
import { lines } from '../styles/lines.js'
import { progress } from '../styles/progress.js'

/** An operation as `renderOperation` writes it. */
export const operationStyles = css`
  ${fileName}
  ${progress}
  ${lines}
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
