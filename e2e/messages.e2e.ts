import { expect, test } from './support/test.js'

const VALID = { operation_type: 'upload', status: 'completed', progress: 100, timestamp: '2026-01-01T00:00:00.000Z' }
const event = (data: unknown) => `event: sync-status\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

test('wrong messages and unknown operations change nothing, and the stream goes on', async ({ panel, network }) => {
  await panel.setBehaviour('slow')
  await panel.add([{ name: 'watched.txt', content: 'watched' }])
  await panel.expectBadge('watched.txt', 'Processing')
  const [before] = await panel.items()
  const operation_id = before?.operationId ?? ''

  network.inject(
    [
      'not json',
      '[]',
      'null',
      { ...VALID, operation_id: 7 },
      { ...VALID, operation_id, status: 'done' },
      { ...VALID, operation_id, progress: 101 },
      { ...VALID, operation_id, timestamp: 'yesterday' },
      { ...VALID, operation_id, version: -1 },
      { ...VALID, operation_id: 'unknown-operation', version: 9 },
      { ...VALID, operation_id: '__proto__', version: 9 },
      // Without a version, an operation that had one only asks for the server's word.
      { ...VALID, operation_id },
    ]
      .map(event)
      .join('') + 'event: nonsense\ndata: {}\n\n:comment\n\nid: \n\n',
  )
  await expect.poll(() => panel.droppedMessages()).toBeGreaterThanOrEqual(8)
  expect(await panel.items()).toMatchObject([{ phase: 'processing', operationId: operation_id }])

  await panel.setBehaviour('normal')
  await panel.expectBadge('watched.txt', 'Completed')
})

test('a message that comes twice, or after a newer one, changes nothing', async ({ panel, network, page }) => {
  await panel.setBehaviour('slow')
  await panel.add([{ name: 'watched.txt', content: 'watched' }])
  await panel.expectBadge('watched.txt', 'Processing')
  await panel.setBehaviour('normal')
  await panel.expectBadge('watched.txt', 'Completed')
  const [before] = await panel.items()
  const events = network.events.filter((text) => text.includes(before?.operationId ?? '?'))
  expect(events.length).toBeGreaterThan(2)

  await page.locator('upload-panel').evaluate((panelElement) => {
    panelElement.dataset['seen'] = ''
    for (const type of ['upload-completed', 'upload-failed', 'upload-revoked', 'batch-completed']) {
      panelElement.addEventListener(type, () => (panelElement.dataset['seen'] += `${type} `))
    }
  })
  // All that was ever said, backwards, and twice.
  network.inject([...events].reverse().join('') + events.join(''))
  // The stream is in order: when this one has come, the others have too.
  await panel.add([{ name: 'after.txt', content: 'after' }])
  await panel.expectBadge('after.txt', 'Completed')
  expect((await panel.items())[0]).toEqual(before)
  expect(await page.locator('upload-panel').evaluate((panelElement) => panelElement.dataset['seen'])).toBe(
    'upload-completed batch-completed ',
  )
})
