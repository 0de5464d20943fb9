import { judge, remember, type Decoded, type WordSource } from '../protocol/index.js'

/** Most words kept of operations that are not known yet, and most characters of them. */
const MOST = { words: 1000, characters: 4 * 2 ** 20 }

/** A word that came before its operation was known. */
export interface EarlyWord {
  readonly word: Decoded
  readonly source: WordSource
  /** Another one was told, too, and which of them holds cannot be told from here. */
  readonly isDoubtful: boolean
}

/** Rule 5: "an update that arrives before the upload's own response is kept and applied when its operation is known". The newest of each, in bounded memory. */
export interface EarlyWords {
  /** `size` in characters. */
  keep(word: Decoded, source: WordSource, size: number): void
  take(operationId: string): EarlyWord | undefined
  /** Whether words were dropped for want of room: of an operation that has none here, one may have come. */
  hasForgotten(): boolean
}

export function createEarlyWords(): EarlyWords {
  const kept = new Map<string, EarlyWord & { readonly size: number }>()
  let characters = 0
  let hasForgotten = false

  function remove(operationId: string): void {
    characters -= kept.get(operationId)?.size ?? 0
    kept.delete(operationId)
  }

  return {
    keep(word, source, size) {
      const { update } = word
      const before = kept.get(update.operation_id)
      const seen = before && remember(undefined, before.word.update, before.word)
      const verdict = judge(seen, update, source, word)
      if (before !== undefined && verdict !== 'apply') {
        if (verdict === 'ask') kept.set(update.operation_id, { ...before, isDoubtful: true })
        return
      }
      remove(update.operation_id)
      kept.set(update.operation_id, { word, source, size, isDoubtful: before?.isDoubtful ?? false })
      characters += size
      for (const [oldest] of kept) {
        if (kept.size <= MOST.words && characters <= MOST.characters) break
        remove(oldest)
        hasForgotten = true
      }
    },
    take(operationId) {
      const word = kept.get(operationId)
      remove(operationId)
      return word
    },
    hasForgotten: () => hasForgotten,
  }
}
