'use client'
import { useEffect, useMemo, useRef } from 'react'

/** A function that stays the same and calls the one of the last render that reached the page, which may be written inline; nothing where none is given. */
export function useStable<F extends ((...args: never[]) => unknown) | undefined>(given: F): F {
  const latest = useRef(given)
  useEffect(() => {
    // Who still has the function when there is none any more is answered by the last one.
    if (given !== undefined) latest.current = given
  })
  const isGiven = given !== undefined
  return useMemo(() => (isGiven ? (...args: never[]) => latest.current?.(...args) : undefined) as F, [isGiven])
}
