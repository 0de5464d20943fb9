import { fuzzContract } from '../testing/fuzz-contract.js'

fuzzContract('over SQLite and a disk', { runs: 1200 })
fuzzContract('over SQLite and tus', { tus: true, runs: 500 })
