/** Where the Worker's file lies: `'auto'`, beside this module; or an address, or what Trusted Types made of one. */
export type WorkerUrl = string | URL | TrustedScriptUrl

/** A `TrustedScriptURL`, which TypeScript's own library does not know. */
export interface TrustedScriptUrl {
  toJSON(): string
}

export function spawnWorker(url: WorkerUrl): Worker {
  // Word for word: bundlers look for exactly this expression, and put the Worker's file where it then lies.
  if (url === 'auto') return new Worker(new URL('./transfer-worker.js', import.meta.url), { type: 'module' })
  return new Worker(url as string | URL, { type: 'module' })
}
