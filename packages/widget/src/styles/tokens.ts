import { css } from 'lit'

/**
 * Each colour is read through a public custom property first, so that a page's own choice wins in every theme.
 * The private names (`--_…`) are inherited by the elements inside.
 */
const dark = css`
  color-scheme: dark;
  --_background: var(--upload-panel-background, #15111e);
  --_surface: var(--upload-panel-surface, #1e182b);
  --_surface-hover: var(--upload-panel-surface-hover, #2a223c);
  --_border: var(--upload-panel-border, #342a49);
  --_text: var(--upload-panel-text, #f3effb);
  --_text-muted: var(--upload-panel-text-muted, #b5a9cd);
  --_accent: var(--upload-panel-accent, #a78bfa);
  --_accent-strong: var(--upload-panel-accent-strong, #cdbdff);
  --_on-accent: var(--upload-panel-on-accent, #1b1033);
  --_success: var(--upload-panel-success, #5bd69b);
  --_warning: var(--upload-panel-warning, #f3c358);
  --_danger: var(--upload-panel-danger, #ff93a4);
  --_track: var(--upload-panel-track, #3a3051);
  --_shadow: var(--upload-panel-shadow, 0 1px 2px rgb(0 0 0 / 30%), 0 12px 32px rgb(10 5 25 / 35%));
`

const light = css`
  color-scheme: light;
  --_background: var(--upload-panel-background, #ffffff);
  --_surface: var(--upload-panel-surface, #f7f5fc);
  --_surface-hover: var(--upload-panel-surface-hover, #ece7f8);
  --_border: var(--upload-panel-border, #ddd5ee);
  --_text: var(--upload-panel-text, #1d1430);
  --_text-muted: var(--upload-panel-text-muted, #5c5175);
  --_accent: var(--upload-panel-accent, #6d3fe0);
  --_accent-strong: var(--upload-panel-accent-strong, #4c1fc0);
  --_on-accent: var(--upload-panel-on-accent, #ffffff);
  --_success: var(--upload-panel-success, #12703f);
  --_warning: var(--upload-panel-warning, #7f4d00);
  --_danger: var(--upload-panel-danger, #b3173a);
  --_track: var(--upload-panel-track, #ddd5ee);
  --_shadow: var(--upload-panel-shadow, 0 1px 2px rgb(29 20 48 / 8%), 0 12px 32px rgb(29 20 48 / 10%));
`

export const tokens = css`
  :host {
    ${dark}
    --_radius: var(--upload-panel-radius, 16px);
    --_padding: var(--upload-panel-padding, 16px);
    --_gap: var(--upload-panel-gap, 12px);
    --_font: var(
      --upload-panel-font,
      var(--upload-panel-font-size, 14px) / 1.4
        var(--upload-panel-font-family, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif)
    );
    display: block;
    font: var(--_font);
    color: var(--_text);
    text-align: start;
    -webkit-font-smoothing: antialiased;
  }
  :host([hidden]) {
    display: none !important;
  }
  /* What a page says of every element (such as a colour) reaches the host before its own styles do, and would be inherited by all that is inside. */
  :host > * {
    font: var(--_font);
    color: var(--_text);
    letter-spacing: normal;
    word-spacing: normal;
    text-align: start;
    text-indent: 0;
    text-shadow: none;
    text-transform: none;
    white-space: normal;
    word-break: normal;
    list-style: none;
    cursor: auto;
  }
  :host([theme='light']) {
    ${light}
  }
  @media (prefers-color-scheme: light) {
    :host([theme='auto']) {
      ${light}
    }
  }
  /* Paper is white: browsers print no grounds. */
  @media print {
    :host {
      ${light}
    }
  }
`
