import type { ConnectionStatus } from '@upload-panel/core'
import { expect, it } from 'vitest'
import { english } from '../messages/english.js'
import { viewConnection } from './panel-connection.js'

const connection: ConnectionStatus = {
  status: 'connected',
  lastPing: '',
  latency: 12.4,
  reconnectAttempts: 0,
  transport: 'sse',
  polling: false,
  messagesPerSecond: 0,
  bytesPerSecond: 0,
}
const view = (change: Partial<ConnectionStatus>, isOnline = true) => viewConnection({ ...connection, ...change }, isOnline, english)

it('live, with its latency where that is known', () => {
  expect(view({})).toEqual({ state: 'live', label: 'Live', details: ['Answers in 12 ms'], needsAttention: false })
  expect(view({ latency: null })?.details).toEqual([])
})

it('connecting for the first time, which is nothing to worry about', () => {
  expect(view({ status: 'reconnecting', latency: null })).toMatchObject({ state: 'connecting', needsAttention: false })
})

it('reconnecting, how often, and what is done meanwhile', () => {
  expect(view({ status: 'reconnecting', reconnectAttempts: 3, polling: true })).toEqual({
    state: 'reconnecting',
    label: 'Reconnecting…',
    details: ['Attempt 3', 'Asking the server now and then'],
    needsAttention: true,
  })
})

it('polling, where the page asked for that', () => {
  expect(view({ transport: 'polling' })).toMatchObject({ state: 'polling', label: 'Asking the server now and then', needsAttention: false })
})

it('an error, also of polling', () => {
  expect(view({ status: 'error', reconnectAttempts: 4 })).toMatchObject({ state: 'error', label: 'Not connected', needsAttention: true })
  expect(view({ status: 'error', transport: 'polling' })).toMatchObject({ state: 'error' })
})

it('offline, whatever the connection still believes', () => {
  expect(view({}, false)).toEqual({ state: 'offline', label: 'Offline', details: [], needsAttention: true })
})

it('nothing, where there is no connection to speak of', () => {
  expect(view({ transport: 'none' }, false)).toBeUndefined()
  expect(view({ status: 'disconnected' })).toBeUndefined()
})
