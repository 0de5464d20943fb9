import type { ServerOptions } from './options.ts'
import { startServer } from './server.ts'

// Written by the process that starts this one.
const options = JSON.parse(process.argv[2] ?? '') as ServerOptions
startServer(options)
