import { checkScenarios } from '@upload-panel/core/testing/simulation'
import { expect, test } from 'vitest'
import { adapterSimulatedServer } from './testing/simulated-server.js'

const TIMEOUT_MS = 300_000

/** The simulation's own server could repeat the engine's mistakes; this one is real. */
test(
  'whatever the network, the tabs and the user do, client and server agree in the end, and the bytes are those of the file',
  async () => {
    const replay = (seed: number, path: string) => `npm run simulate -- --seed ${seed} --path "${path}" --server adapter`
    expect(await checkScenarios({ runs: 300, seed: 20_261_121, server: adapterSimulatedServer, replay })).toBeUndefined()
  },
  TIMEOUT_MS,
)
