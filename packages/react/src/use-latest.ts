'use client'
import { type RefObject, useEffect, useRef } from 'react'

/** What the last render that reached the page was given: for handlers, which may be written inline. Not to be read while rendering. */
export function useLatest<T>(value: T): Readonly<RefObject<T>> {
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  })
  return latest
}
