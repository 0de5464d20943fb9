import { expect, test } from 'vitest'
import { createManualClock } from '../testing/index.js'
import { createConnection } from './connection.js'

test('rates are told once a second, and silence after them', async () => {
  const clock = createManualClock()
  const connection = createConnection(clock, 'memory')
  const told: number[] = []
  connection.$status.listen(({ messagesPerSecond }) => told.push(messagesPerSecond))
  for (let index = 0; index < 500; index += 1) connection.received(10)
  await clock.advance(1000)
  expect(connection.$status.get()).toMatchObject({ messagesPerSecond: 500, bytesPerSecond: 5000 })
  await clock.advance(1000)
  expect(connection.$status.get()).toMatchObject({ messagesPerSecond: 0, bytesPerSecond: 0 })
  expect(told).toEqual([0, 500, 0])
  expect(clock.pending).toBe(0)
})

test('a heartbeat is a sign of life and no message', async () => {
  const clock = createManualClock()
  const connection = createConnection(clock, 'memory')
  connection.alive()
  const first = connection.$status.get().lastPing
  expect(first).not.toBe('')
  await clock.advance(600)
  connection.alive()
  await clock.advance(400)
  expect(Date.parse(connection.$status.get().lastPing) - Date.parse(first)).toBe(600)
  expect(connection.$status.get().messagesPerSecond).toBe(0)
})

test('nothing runs on after its end', async () => {
  const clock = createManualClock()
  const connection = createConnection(clock, 'memory')
  connection.received(1)
  connection.dispose()
  connection.received(1)
  connection.set({ status: 'connected' })
  expect(clock.pending).toBe(0)
  expect(connection.$status.get().status).toBe('disconnected')
})

test('the latency of a connection that is lost is not known', () => {
  const connection = createConnection(createManualClock(), 'memory')
  // It may be known a little earlier than the connection is of use.
  connection.set({ latency: 5 })
  connection.set({ status: 'connected' })
  expect(connection.$status.get().latency).toBe(5)
  connection.set({ status: 'reconnecting' })
  expect(connection.$status.get().latency).toBeNull()
})

test('what is no change is not told', () => {
  const connection = createConnection(createManualClock(), 'memory')
  let told = 0
  connection.$status.listen(() => (told += 1))
  connection.set({ status: 'connected', latency: 5 })
  connection.set({ status: 'connected' })
  expect(told).toBe(1)
})
