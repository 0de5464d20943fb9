import { css } from 'lit'

export const listStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    border-block-start: 1px solid var(--_border);
    overflow: clip;
  }
  :host([empty]) {
    display: none;
  }
  .scroller {
    flex: 0 1 auto;
    min-block-size: 0;
    max-block-size: var(--upload-panel-list-max-height, var(--_list-max-height, 26rem));
    overflow: hidden auto;
    /* The last row's line lies under the panel's own. */
    margin-block-end: -1px;
    /* Text on an opaque ground: where there is none, Chromium scrolls on the main thread, and paints all rows anew at each step. */
    background: var(--_background);
    overscroll-behavior: contain;
    /* The virtualiser keeps the place itself; two of them would fight. */
    overflow-anchor: none;
    scrollbar-width: thin;
    scrollbar-color: var(--_border) transparent;
  }
  /* Rows ask the list for its width: a container in each of them would make the browser style it in the midst of its layout. */
  .rows {
    position: relative;
    contain: strict;
    container: files / inline-size;
  }
  upload-panel-row {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 0;
  }
`
