'use client'
import {
  createOptimisticCollection,
  type OptimisticCollection,
  type OptimisticCollectionOptions,
  type OptimisticRow,
} from '@upload-panel/core/optimistic'
import { useMemo, useState } from 'react'
import { NOTHING, useAtom } from './use-atom.js'

/** A collection, and its rows as they are to be rendered. */
export interface OptimisticCollectionState<T extends object> extends OptimisticCollection<T> {
  readonly rows: readonly OptimisticRow<T>[]
}

/**
 * Rows of a server with what is done to them here shown at once: a collection of the component's own, made of the options of its first render, or
 * one that is given and may be shared. Renders again at most once a frame. The methods stay the same for as long as the collection does.
 *
 * @example
 * const { rows, addOptimistic, confirm, rollback } = useOptimisticCollection<Comment>()
 */
export function useOptimisticCollection<T extends object>(
  source?: OptimisticCollection<T> | OptimisticCollectionOptions<T>,
): OptimisticCollectionState<T> {
  const given = source !== undefined && '$rows' in source ? source : undefined
  const [own] = useState(() => (given === undefined ? createOptimisticCollection<T>(source as OptimisticCollectionOptions<T>) : undefined))
  const collection = (given ?? own) as OptimisticCollection<T>
  const rows = useAtom<readonly OptimisticRow<T>[]>(collection.$rows, NOTHING)
  return useMemo(() => ({ ...collection, rows }), [collection, rows])
}
