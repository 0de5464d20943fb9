import { css } from 'lit'

/** A file's name as `renderFileName` writes it. */
export const fileName = css`
  /*
   * A name is cut in the middle: its head shrinks, its tail does not. Whatever marks a name carries, they stay within its line.
   * Each box that clips costs a long list: so the whole name, which is not for the eye, lies below this one's edge.
   */
  .name {
    position: relative;
    flex: 0 1 auto;
    display: flex;
    min-inline-size: 0;
    overflow: hidden;
    white-space: pre;
    font-weight: 550;
    line-height: 1.4286;
  }
  .head {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .tail {
    flex: none;
    /* An extension is worth more than a beginning of which little is left anyway. */
    max-inline-size: max(60%, 11ch);
  }
  .name > .whole {
    position: absolute;
    inset-block-start: 100%;
  }
`
