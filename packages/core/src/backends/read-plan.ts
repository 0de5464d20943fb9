import { isRecord, type AnyPlan } from '../protocol/index.js'
import { unsupportedPlan, type UploadStrategy } from '../strategies/strategy.js'
import { badAnswer } from './answers.js'

/** Reads plans for these strategies; of two for the same kind the last one is used. What it returns throws an `UploadError`. */
export function createPlanReader(strategies: readonly UploadStrategy[], resolve: (url: string) => string): (raw: unknown) => AnyPlan {
  const byKind = new Map<string, UploadStrategy>(strategies.map((strategy) => [strategy.kind, strategy]))
  return (raw) => {
    if (!isRecord(raw) || typeof raw['kind'] !== 'string') throw badAnswer('plan')
    const strategy = byKind.get(raw['kind'])
    if (strategy === undefined) throw unsupportedPlan(raw['kind'])
    const plan = strategy.readPlan === undefined ? { ...raw, kind: raw['kind'] } : strategy.readPlan(raw, resolve)
    if (plan === undefined) throw badAnswer('plan')
    return plan
  }
}
