import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'

/** @typedef {import('./gate.mjs').Gate} Gate */
/** @typedef {import('./gate.mjs').Outcome} Outcome */
/** @typedef {{ gate: Gate, outcome: Outcome, seconds: number }} Finished */

/** How many gates run at once where none asks to be alone. */
const SLOTS = Math.min(4, Math.max(2, availableParallelism()))

/**
 * Runs the gates in their order, several at once, each when those that it waits for have ended.
 * @param {readonly Gate[]} gates what it waits for comes earlier in the list, or is left out and not waited for
 * @param {import('./gate.mjs').Run} run
 * @param {(finished: Finished) => void} onFinished
 * @returns {Promise<Finished[]>} in the order of their end
 */
export function runGates(gates, run, onFinished) {
  return new Promise((resolve, reject) => {
    /** @type {Finished[]} */
    const finished = []
    /** @type {Set<Gate>} */
    const running = new Set()
    const waiting = new Set(gates)
    const names = new Set(gates.map(({ name }) => name))

    /** @param {Gate} gate */
    const isReady = ({ after = [], needs = [], isAlone = false }) =>
      [...after, ...needs].every((name) => !names.has(name) || finished.some(({ gate }) => gate.name === name)) &&
      !(isAlone && running.size > 0)

    /** @param {Gate} gate @param {Outcome} outcome @param {number} startedMs */
    const finish = (gate, outcome, startedMs) => {
      running.delete(gate)
      const entry = { gate, outcome, seconds: (performance.now() - startedMs) / 1000 }
      finished.push(entry)
      onFinished(entry)
      if (waiting.size === 0 && running.size === 0) resolve(finished)
      else startReady()
    }

    /** @param {Gate} gate */
    const start = (gate) => {
      waiting.delete(gate)
      running.add(gate)
      const startedMs = performance.now()
      const broken = finished.find(({ gate: { name }, outcome }) => gate.needs?.includes(name) && outcome.failed > 0)
      if (broken) finish(gate, { passed: 0, failed: 1, reason: `not run, because ${broken.gate.name} failed`, output: '' }, startedMs)
      else gate.check(run).then((outcome) => finish(gate, outcome, startedMs), reject)
    }

    const startReady = () => {
      for (const gate of waiting) {
        const isRoom = running.size < SLOTS && ![...running].some(({ isAlone }) => isAlone)
        if (isRoom && isReady(gate)) start(gate)
      }
    }
    startReady()
  })
}

/**
 * The gates of these names, and those that they need.
 * @param {readonly Gate[]} gates
 * @param {readonly string[]} names
 * @returns {Gate[]}
 */
export function selectGates(gates, names) {
  const wanted = new Set(names)
  // What a gate needs comes before it in the list, so that one walk from the end finds everything.
  for (const { name, needs = [] } of gates.toReversed()) if (wanted.has(name)) needs.forEach((need) => wanted.add(need))
  return gates.filter(({ name }) => wanted.has(name))
}
