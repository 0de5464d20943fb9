import { fuzzContract } from '../testing/fuzz-contract.js'

fuzzContract('over SQLite', { runs: 2000 })
