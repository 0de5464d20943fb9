'use client'
import type { StatusMonitor } from '@upload-panel/core/status'
import { createContext } from 'react'

/** The monitor that the hooks below a `SyncStatusProvider` read. */
export const StatusContext = createContext<StatusMonitor | undefined>(undefined)
