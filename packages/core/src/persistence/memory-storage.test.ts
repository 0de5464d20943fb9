import { describe, it } from 'vitest'
import { queueStorageContract } from '../testing/queue-storage-contract.js'
import { createMemoryStorage } from './memory-storage.js'
import type { QueueStorage } from './queue-storage.js'

const places = new Map<string, QueueStorage>()

queueStorageContract('memory', { describe, it }, (place) => {
  const storage = places.get(place) ?? createMemoryStorage()
  places.set(place, storage)
  return storage
})
