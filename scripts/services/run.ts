import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { startServices } from './start-services.ts'

const { values } = parseArgs({ options: { verbose: { type: 'boolean', default: false } } })

// Listened to before anything starts: whoever stops this in the middle leaves nothing behind either.
const stopped = Promise.race((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => once(process, signal)))
const { services, stop } = await startServices(values.verbose ? console.error : undefined)
console.log(JSON.stringify(services, null, 2))
console.log('\nThey run until Ctrl-C.')
await stopped
await stop()
