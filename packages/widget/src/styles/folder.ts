import { css } from 'lit'

/** The folder that a file is in, beside its name. */
export const folder = css`
  .folder {
    flex: 0 1 auto;
    max-inline-size: 40%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .folder::after {
    content: '/';
  }
`
