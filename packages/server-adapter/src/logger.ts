/** Where the server tells its operator what happened. `console` is one. */
export interface Logger {
  debug(message: string, details?: unknown): void
  warn(message: string, details?: unknown): void
  error(message: string, details?: unknown): void
}

/** Warnings and errors to the console, nothing else. */
export const consoleLogger: Logger = {
  debug: () => {},
  warn: (message, details) => console.warn('[upload-panel]', message, ...(details === undefined ? [] : [details])),
  error: (message, details) => console.error('[upload-panel]', message, ...(details === undefined ? [] : [details])),
}
