import { MIB, writeTestFile } from './support/files.js'
import type { ProxiedRequest } from '../scripts/services/faulty-network.js'
import { expect, test } from './support/test.js'

const bringsBytes = (request: ProxiedRequest) => request.method === 'PUT' && request.path.startsWith('/uploads/storage/')

test('a file that the server could not process is rolled back with the reason, and its retry is processed again without sending the bytes', async ({
  panel,
  network,
  directory,
}) => {
  const file = await writeTestFile(directory, 'failing.bin', 6 * MIB, 1)
  await panel.setBehaviour('failing')
  await panel.choose([file.path])
  await panel.expectBadge(file.name, 'Failed')
  await expect(panel.row(file.name)).toContainText('This server was told to fail.')
  const [failed] = await panel.items()
  expect(failed).toMatchObject({ phase: 'failed', by: 'server', attempt: 1, error: { remoteCode: 'demo_failing', retryable: true } })
  const sentBefore = network.requests.filter(bringsBytes).length
  expect(sentBefore).toBeGreaterThan(0)

  await panel.setBehaviour('normal')
  await panel.press('Retry', file.name)
  await panel.expectAllCompleted(1)
  expect(network.requests.filter(bringsBytes)).toHaveLength(sentBefore)
  const [confirmed] = await panel.items()
  expect(confirmed).toMatchObject({ attempt: 1, operationId: failed?.operationId, result: { sha256: file.sha256 } })
})

test('a file that the server refused for good is rolled back with the reason, and its retry is another attempt', async ({
  panel,
  directory,
}) => {
  const file = await writeTestFile(directory, 'refused.bin', 6 * MIB, 1)
  await panel.setBehaviour('refusing')
  await panel.choose([file.path])
  await panel.expectBadge(file.name, 'Failed')
  await expect(panel.row(file.name)).toContainText('This server was told to refuse every file.')
  const [refused] = await panel.items()
  expect(refused).toMatchObject({ phase: 'failed', by: 'server', attempt: 1, error: { remoteCode: 'demo_refused', retryable: false } })

  await panel.setBehaviour('normal')
  await panel.press('Retry', file.name)
  await panel.expectAllCompleted(1)
  const [confirmed] = await panel.items()
  expect(confirmed).toMatchObject({ attempt: 2, result: { sha256: file.sha256 } })
  expect(confirmed?.operationId).not.toBe(refused?.operationId)
})

test('a file that fails before its bytes arrived is sent by a new attempt', async ({ panel, network, directory }) => {
  const file = await writeTestFile(directory, 'unlucky.bin', MIB, 2)
  network.answerOnce(bringsBytes, 400, { code: 'storage_refused', detail: 'Storage refuses this object.' })
  await panel.choose([file.path])
  await panel.expectBadge(file.name, 'Failed')
  const [failed] = await panel.items()
  expect(failed).toMatchObject({ phase: 'failed', by: 'self', attempt: 1 })

  await panel.press('Retry', file.name)
  await panel.expectAllCompleted(1)
  const [confirmed] = await panel.items()
  expect(confirmed).toMatchObject({ attempt: 2, result: { sha256: file.sha256 } })
  expect(confirmed?.operationId).not.toBe(failed?.operationId)
})

test('a processing that fails is told with its reason, and succeeds when it is tried again', async ({ panel }) => {
  await panel.setBehaviour('failing')
  await panel.add([{ name: 'flaky.txt', content: 'some text' }])
  await panel.expectBadge('flaky.txt', 'Failed')
  await expect(panel.row('flaky.txt')).toContainText('This server was told to fail.')
  await panel.setBehaviour('normal')
  await panel.press('Retry', 'flaky.txt')
  await panel.expectBadge('flaky.txt', 'Completed')
})

test('a file that is cancelled while the server works on it ends cancelled on both sides', async ({ panel, api }) => {
  await panel.setBehaviour('slow')
  await panel.add([{ name: 'unwanted.txt', content: 'some text' }])
  await panel.expectBadge('unwanted.txt', 'Processing')
  await panel.press('Cancel', 'unwanted.txt')
  await panel.expectBadge('unwanted.txt', 'Cancelled')
  const [item] = await panel.items()
  await expect.poll(async () => (await api.operation(item?.operationId ?? '')).status).toBe('cancelled')
})
