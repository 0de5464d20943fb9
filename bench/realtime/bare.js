import { Client } from '@stomp/stompjs'
import { createClient } from '@supabase/supabase-js'
import { io } from 'socket.io-client'

/**
 * What each transport stands on, with a listener that does nothing: what every page pays that uses that client.
 * @type {Record<string, (base: string, onWord: () => void, onReady: () => void) => void>}
 */
export const bare = {
  socket(base, onWord, onReady) {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/raw`)
    socket.onmessage = onWord
    socket.onopen = onReady
  },
  sse(base, onWord, onReady) {
    void fetch(`${base}/events`).then(({ body }) => {
      onReady()
      return readWords(body.getReader(), onWord)
    })
  },
  'socket-io'(base, onWord, onReady) {
    io(base, { transports: ['websocket'] })
      .on('sync-status', onWord)
      .on('connect', onReady)
  },
  stomp(base, onWord, onReady) {
    const client = new Client({ brokerURL: `${base.replace('http', 'ws')}/stomp` })
    client.onConnect = () => {
      client.subscribe('/topic/job/any', onWord)
      onReady()
    }
    client.activate()
  },
  supabase(base, onWord, onReady) {
    createClient(base, 'key')
      .channel('job:any', { config: { private: true } })
      .on('broadcast', { event: 'sync-status' }, onWord)
      .subscribe((status) => status === 'SUBSCRIBED' && onReady())
  },
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {() => void} onWord */
async function readWords(reader, onWord) {
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    // Each word ends with an empty line.
    for (let at = value.indexOf(10); at >= 0; at = value.indexOf(10, at + 1)) if (value[at + 1] === 10) onWord()
  }
}
