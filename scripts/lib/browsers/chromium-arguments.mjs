/**
 * Flags for a Chromium under test: the sandbox stays on unless root runs it (which Chromium refuses), and it talks to nobody by itself.
 * @returns {string[]}
 */
export const chromiumArguments = () => [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
