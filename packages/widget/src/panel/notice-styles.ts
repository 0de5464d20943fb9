import { css } from 'lit'

export const noticeStyles = css`
  .notice {
    flex: none;
    display: flex;
    align-items: flex-start;
    gap: 8px;
    margin: 0 16px 12px;
    padding: 8px 6px 8px 12px;
    padding-inline: 12px 6px;
    border-radius: 10px;
    font-size: 0.9286em;
    background: color-mix(in srgb, var(--_danger) 12%, transparent);
  }
  .notice-text {
    flex: 1 1 auto;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .notice-text strong {
    color: var(--_danger);
  }
  .notice-text ul {
    margin: 2px 0 0;
    padding-inline-start: 18px;
  }
  .notice .icon-button {
    inline-size: 28px;
    block-size: 28px;
  }
  @media (pointer: coarse) {
    .notice .icon-button {
      inline-size: 44px;
      block-size: 44px;
    }
  }
`
