'use client'
import type { UploadItem } from '@upload-panel/core'
import { useEffect, useMemo, useState } from 'react'
import { NOTHING, useAtom } from './use-atom.js'
import { useUploader } from './use-uploader.js'

export interface UseUploadItemsOptions {
  /** Keeps the items for which it says yes. May be written inline. @default all items */
  readonly filter?: (item: UploadItem) => boolean
}

/**
 * The items in queue order, or those that a filter keeps. The array is the same for as long as its items are, so a list of the failed ones
 * does not render for the progress of another. Each progressing item makes a new array once a frame: long lists read `useUploadIds`, and `useUploadItem` per row.
 */
export function useUploadItems({ filter }: UseUploadItemsOptions = {}): readonly UploadItem[] {
  const { $items } = useUploader()
  const [shown] = useState(createShown)
  const $selected = useMemo(
    () => (filter === undefined ? $items : { listen: $items.listen, get: createSelection($items.get, filter, shown.get) }),
    [$items, filter, shown],
  )
  const items = useAtom<readonly UploadItem[]>($selected, NOTHING)
  useEffect(() => shown.set(items), [items, shown])
  return items
}

/** What was rendered last. Not a ref: a filter that is new is asked about it while it renders. */
function createShown() {
  let items: readonly UploadItem[] = NOTHING
  return {
    get: () => items,
    set(next: readonly UploadItem[]) {
      items = next
    },
  }
}

/** Filters once per array, and answers the array before where both hold the same items: also across filters, since an inline one is new with each render. */
function createSelection(
  all: () => readonly UploadItem[],
  filter: (item: UploadItem) => boolean,
  shown: () => readonly UploadItem[],
): () => readonly UploadItem[] {
  let filtered: readonly UploadItem[] | undefined
  let selection: readonly UploadItem[] = NOTHING
  return () => {
    const items = all()
    if (items !== filtered) {
      const before = filtered === undefined ? shown() : selection
      const next = items.filter(filter)
      selection = hasSameItems(before, next) ? before : next
      filtered = items
    }
    return selection
  }
}

/** Whether both hold the same objects in the same order. */
function hasSameItems(a: readonly UploadItem[], b: readonly UploadItem[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
