#!/usr/bin/env node
import { helpText } from './cli/help.js'
import { loggerOf, serve, type Serving } from './cli/serve.js'
import { readSettings, type Settings } from './cli/settings.js'

/** What shells say of a program that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const
const OPEN = 'OPEN: everyone who reaches it may upload, see and cancel everything.'

async function start(settings: Settings): Promise<void> {
  const logger = loggerOf(settings)
  const serving = await serve(settings, logger)
  const isOpen = settings.access.kind === 'open'
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (isStopping) process.exit(EXIT_CODES[signal])
      isStopping = true
      logger.info(`${signal}: requests that are under way may end.`)
      serving.stop().then(() => process.exit(0), fail)
    })
  }
  // Only now: whoever has read it may end it.
  if (settings.log === 'json') {
    const { url, records, storage, realtime } = serving
    logger.info(`upload-panel-server listens on ${url}`, { url, records, storage, realtime, open: isOpen })
    if (isOpen) logger.warn(OPEN)
  } else {
    console.log(announcement(settings, serving, isOpen))
  }
}

function announcement({ data, publicUrl }: Settings, serving: Serving, isOpen: boolean): string {
  const { url, records, storage, realtime, access } = serving
  return [
    `upload-panel-server listens on ${url}, data in ${data}`,
    ...(publicUrl === undefined ? [] : [`  clients   ${publicUrl.href}`]),
    `  records   ${records}`,
    `  storage   ${storage}`,
    `  realtime  ${realtime}`,
    isOpen ? `\n  It is ${OPEN}\n  Set UPLOAD_PANEL_TOKEN, or see --help.` : `  ${access}`,
  ].join('\n')
}

/** One sentence, and the end: connections that stand already would keep the program. */
function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

try {
  const settings = readSettings(process.argv.slice(2), process.env)
  if (settings === 'help') console.log(helpText())
  else await start(settings)
} catch (error) {
  fail(error)
}
