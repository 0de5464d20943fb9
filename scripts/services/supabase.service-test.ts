import { once } from 'node:events'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { describeWithPostgresql } from './provided.ts'
import { type Supabase, type SupabaseOptions, startSupabase } from './supabase.ts'
import { SHORT_DELAYS } from './supabase/options.ts'

const FOLLOWED = 'Subscribed to PostgreSQL'
const PATIENCE = { timeout: 20_000, interval: 10 }

/** A project for the tests of one suite. */
function project(options: Pick<SupabaseOptions, 'delays' | 'limits'>): () => Supabase {
  let supabase: Supabase | undefined
  beforeAll(async () => {
    supabase = await startSupabase(options)
    await supabase.query('create table jobs (id serial primary key, status text); alter publication supabase_realtime add table jobs')
  })
  afterAll(() => supabase?.stop())
  return () => {
    if (supabase === undefined) throw new Error('It has not started.')
    return supabase
  }
}

/** What a channel on all jobs is told, through the client that applications use. */
async function follow(supabase: Supabase, { token = '' } = {}) {
  const client = createClient(supabase.url, supabase.anonKey)
  onTestFinished(async () => void (await client.realtime.disconnect()))
  if (token !== '') await client.realtime.setAuth(token)
  const heard: string[] = []
  const channel = client
    .channel('jobs', { config: { broadcast: { self: true, ack: true } } })
    .on('postgres_changes', { event: '*', schema: 'public', table: 'jobs' }, ({ eventType, new: row, old }) => {
      heard.push(`${eventType} ${'status' in row ? row['status'] : Object.keys(old).join()}`)
    })
    .on('broadcast', { event: '*' }, ({ event, payload }) => heard.push(`${event} ${JSON.stringify(payload)}`))
    .on('system', {}, ({ message }: { readonly message: string }) => heard.push(message))
    .subscribe((status, problem) => heard.push(problem ? `${status}: ${problem.message}` : status))
  const expectHeard = (...expected: readonly string[]) =>
    vi.waitFor(() => expect(heard.filter((word) => !word.startsWith('CHANNEL_ERROR'))).toEqual(expected), PATIENCE)
  return { client, channel, heard, expectHeard, untilHeard: (word: string) => vi.waitFor(() => expect(heard).toContain(word), PATIENCE) }
}

const address = ({ url, anonKey }: Supabase) => `${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${anonKey}&vsn=2.0.0`

/** A socket without the client, for what the client keeps to itself. */
async function connect(supabase: Supabase) {
  const socket = new WebSocket(address(supabase))
  onTestFinished(() => socket.terminate())
  const frames: string[] = []
  socket.on('message', (data: Buffer) => frames.push(data.toString()))
  socket.on('close', (code) => frames.push(`CLOSE ${code}`))
  await once(socket, 'open')
  const join = (name: string, config: object = {}) => socket.send(JSON.stringify([name, name, `realtime:${name}`, 'phx_join', { config }]))
  const expectFrame = (part: string) => vi.waitFor(() => expect(frames.join('\n')).toContain(part), PATIENCE)
  return { socket, frames, join, expectFrame }
}

const insert = (supabase: Supabase, status: string) => supabase.query('insert into jobs (status) values ($1)', [status])

describeWithPostgresql('Supabase, through its own client', () => {
  const running = project({ delays: { ...SHORT_DELAYS, coldSubscribe: 1000 } })

  test('what is committed arrives, and nothing of what was taken back', async () => {
    const supabase = running()
    const { expectHeard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    await insert(supabase, 'queued')
    await supabase.query(`begin; update jobs set status = 'failed'; rollback`)
    await supabase.query(`update jobs set status = 'done'`)
    await supabase.query('delete from jobs')
    await expectHeard('SUBSCRIBED', FOLLOWED, 'INSERT queued', 'UPDATE done', 'DELETE id')
  })

  test('rows of one transaction arrive one by one, in their order', async () => {
    const supabase = running()
    const { expectHeard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    await supabase.query('insert into jobs (status) select generate_series(1, 250)')
    await expectHeard('SUBSCRIBED', FOLLOWED, ...Array.from({ length: 250 }, (_, index) => `INSERT ${index + 1}`))
  })

  test('a broadcast comes back to its sender before it is acknowledged', async () => {
    const { channel, heard, untilHeard } = await follow(running())
    await untilHeard(FOLLOWED)
    expect(await channel.send({ type: 'broadcast', event: 'progress', payload: { percent: 5 } })).toBe('ok')
    expect(heard.at(-1)).toBe('progress {"percent":5}')
  })

  test('a private topic and a public one of the same name have nothing in common', async () => {
    const supabase = running()
    const { join, frames, expectFrame } = await connect(supabase)
    join('room')
    await expectFrame('phx_reply')
    const message = { topic: 'room', payload: {} }
    const messages = [
      { ...message, event: 'among us', private: true },
      { ...message, event: 'for all' },
    ]
    await fetch(`${supabase.url}/realtime/v1/api/broadcast`, {
      method: 'POST',
      headers: { apikey: supabase.serviceRoleKey, 'content-type': 'application/json' },
      body: JSON.stringify({ messages }),
    })
    await expectFrame('for all')
    expect(frames.join()).not.toContain('among us')
  })

  test('a channel that is refused says why', async () => {
    const { client } = await follow(running())
    const refused = new Promise<string>((resolve) => {
      client.channel('secret', { config: { private: true } }).subscribe((status, problem) => resolve(`${status}: ${problem?.message}`))
    })
    expect(await refused).toBe('CHANNEL_ERROR: Unauthorized: You do not have permissions to read from this Channel topic: secret')
  })

  test('a channel whose token ends is closed for good', async () => {
    const supabase = running()
    const { expectHeard, untilHeard } = await follow(supabase, { token: await supabase.token() })
    await untilHeard(FOLLOWED)
    await supabase.expireTokens()
    await expectHeard('SUBSCRIBED', FOLLOWED, 'Token has expired 0 seconds ago', 'CLOSED')
  })

  test('a fresh token is followed by a fresh subscription', async () => {
    const supabase = running()
    const { client, expectHeard, untilHeard } = await follow(supabase, { token: await supabase.token() })
    await untilHeard(FOLLOWED)
    await client.realtime.setAuth(await supabase.token({ jti: 'fresh' }))
    await expectHeard('SUBSCRIBED', FOLLOWED, FOLLOWED)
  })

  test('values come as the decoder has them, and one that lies outside of the row and has not changed does not come', async () => {
    const supabase = running()
    await supabase.query(`
      create table kinds (id int8 primary key, bytes bytea, nothing numeric, at timestamp, list int4[], far text);
      alter publication supabase_realtime add table kinds`)
    const { join, frames, expectFrame } = await connect(supabase)
    join('kinds', { postgres_changes: [{ event: '*', schema: 'public', table: 'kinds' }] })
    await expectFrame(FOLLOWED)
    const values = `9223372036854775807, '\\xdeadbeef', 'NaN', '2026-01-02 03:04:05.678', '{1,2}'`
    await supabase.query(`insert into kinds values (${values}, (select string_agg(md5(n::text), '') from generate_series(1, 1000) n))`)
    await supabase.query('update kinds set list = null')
    await expectFrame('"UPDATE"')
    const records = frames.flatMap((frame) => /"record":(\{[^}]*\})/.exec(frame.replace(/"[0-9a-f]{32000}"/, '"<far>"'))?.[1] ?? [])
    expect(records).toEqual([
      '{"at": "2026-01-02T03:04:05.678", "id": 9223372036854775807, "far": "<far>", "list": [1, 2], "bytes": "deadbeef", "nothing": null}',
      '{"at": "2026-01-02T03:04:05.678", "id": 9223372036854775807, "list": null, "bytes": "deadbeef", "nothing": null}',
    ])
  })

  test('that a row is gone is told to everyone, but not what was in it', async () => {
    const supabase = running()
    await supabase.query(`
      create table guarded (id int primary key, secret text);
      alter table guarded replica identity full;
      alter table guarded enable row level security;
      alter publication supabase_realtime add table guarded`)
    const { join, frames, expectFrame } = await connect(supabase)
    join('guarded', { postgres_changes: [{ event: '*', schema: 'public', table: 'guarded' }] })
    await expectFrame(FOLLOWED)
    await supabase.query(`insert into guarded values (1, 'secret')`)
    await supabase.query('delete from guarded')
    await expectFrame('"errors":null,"old_record":{"id": 1},"schema":"public","table":"guarded","type":"DELETE"')
    expect(frames.filter((frame) => frame.includes('"postgres_changes",{"data"'))).toHaveLength(1)
  })

  test('being subscribed is not yet being followed: what is committed in between is lost', async () => {
    const supabase = running()
    await supabase.kill()
    await supabase.restart()
    const { expectHeard, untilHeard } = await follow(supabase)
    await untilHeard('SUBSCRIBED')
    await insert(supabase, 'lost')
    await untilHeard(FOLLOWED)
    await insert(supabase, 'kept')
    await expectHeard('SUBSCRIBED', FOLLOWED, 'INSERT kept')
  })

  test('what is committed while there is no slot is lost in silence', async () => {
    const supabase = running()
    const { expectHeard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    await supabase.killSlot()
    await insert(supabase, 'lost')
    await supabase.untilFollowed()
    await insert(supabase, 'kept')
    await expectHeard('SUBSCRIBED', FOLLOWED, 'INSERT kept')
  })

  test('a database that was away is followed again in silence; whoever joins meanwhile is refused', async () => {
    const supabase = running()
    const { client, expectHeard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    await supabase.database.shutDown()
    const refused = new Promise<string>((resolve) =>
      client.channel('other').subscribe((_status, problem) => resolve(`${problem?.message}`)),
    )
    expect(await refused).toBe('UnableToConnectToProject: Realtime was unable to connect to the project database')
    await supabase.database.restart()
    await supabase.untilFollowed()
    await insert(supabase, 'kept')
    await expectHeard('SUBSCRIBED', FOLLOWED, 'INSERT kept')
  })

  test('a deaf server loses what is committed in silence', async () => {
    const supabase = running()
    const { expectHeard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    await supabase.setDeaf(true)
    await insert(supabase, 'lost')
    await supabase.setDeaf(false)
    await insert(supabase, 'kept')
    await expectHeard('SUBSCRIBED', FOLLOWED, 'INSERT kept')
  })

  test.each([
    ['is told to end', 'socket closed: 1012', (supabase: Supabase) => supabase.shutDown()],
    ['is killed', '(socket closed: 100[56]|channel error: transport failure)', (supabase: Supabase) => supabase.kill()],
  ])('the client comes back to a server that %s, and what was committed meanwhile is lost', async (_how, problem, end) => {
    const supabase = running()
    const { heard, expectHeard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    await end(supabase)
    const closed = expect.stringMatching(new RegExp(`^CHANNEL_ERROR: ${problem}$`))
    await vi.waitFor(() => expect(heard).toContainEqual(closed), PATIENCE)
    await insert(supabase, 'lost')
    await supabase.restart()
    await vi.waitFor(() => expect(heard.filter((word) => word === FOLLOWED)).toHaveLength(2), PATIENCE)
    await insert(supabase, 'kept')
    await expectHeard('SUBSCRIBED', FOLLOWED, 'SUBSCRIBED', FOLLOWED, 'INSERT kept')
  })

  test('a frozen server says nothing and closes nothing', async () => {
    const supabase = running()
    const { client, heard, expectHeard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    supabase.freeze()
    await insert(supabase, 'late')
    const answered = Promise.race([fetch(supabase.url).then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 500))])
    expect(await answered).toBe(false)
    expect([client.realtime.isConnected(), heard.at(-1)]).toEqual([true, FOLLOWED])
    supabase.thaw()
    await expectHeard('SUBSCRIBED', FOLLOWED, 'INSERT late')
  })
})

describeWithPostgresql('Supabase, at its limits', () => {
  const limits = { sockets: 3, channelsPerSocket: 4, joinsPerSecond: 30, eventsPerSecond: 30, payloadBytes: 10_000, rateTick: 200 }
  const running = project({ delays: SHORT_DELAYS, limits })

  const text = (name: string, payload: object) =>
    JSON.stringify([name, 'push', `realtime:${name}`, 'broadcast', { type: 'broadcast', event: 'e', payload }])

  test('one socket too many is not let in', async () => {
    for (let count = 0; count < limits.sockets; count += 1) await connect(running())
    const [, response] = await once(
      new WebSocket(address(running())).on('error', () => {}),
      'unexpected-response',
    )
    expect([response.statusCode, (await response.toArray()).join('')]).toEqual([429, '{"error":"Too many connected users"}'])
  })

  test('one channel too many is refused', async () => {
    const { join, frames, expectFrame } = await connect(running())
    for (let count = 0; count <= limits.channelsPerSocket; count += 1) join(`c${count}`)
    await expectFrame(
      '["c4","c4","realtime:c4","phx_reply",{"response":{"reason":"ChannelRateLimitReached: Too many channels"},"status":"error"}]',
    )
    expect(frames.filter((frame) => frame.includes('"ok"'))).toHaveLength(limits.channelsPerSocket)
  })

  test('a payload that is too large is refused, and a frame that is too large ends the connection', async () => {
    const { socket, join, expectFrame } = await connect(running())
    join('big', { broadcast: { ack: true } })
    await expectFrame('"ok"')
    socket.send(text('big', { s: 'x'.repeat(limits.payloadBytes) }))
    await expectFrame('{"response":"payload_size_exceeded","status":"error"}')
    socket.send(text('big', { s: 'x'.repeat(5_000_000) }))
    await expectFrame('CLOSE 1006')
  })

  test('who sends too much for too long is closed', async () => {
    const { socket, join, expectFrame } = await connect(running())
    join('much')
    await expectFrame('"ok"')
    const timer = setInterval(() => socket.send(text('much', {})), 5)
    onTestFinished(() => clearInterval(timer))
    await expectFrame(
      '["much",null,"realtime:much","system",{"channel":"much","extension":"system","message":"Too many messages per second","status":"error"}]',
    )
    await expectFrame('["much","much","realtime:much","phx_close",{}]')
  })

  test('who joins too much is disconnected, and nobody is let in for a while', async () => {
    const { socket, expectFrame } = await connect(running())
    const timer = setInterval(() => socket.send(JSON.stringify(['j', 'j', 'realtime:j', 'phx_join', {}])), 5)
    onTestFinished(() => clearInterval(timer))
    await expectFrame('ClientJoinRateLimitReached: Too many joins per second')
    await expectFrame('CLOSE 1000')
    clearInterval(timer)
    const [, response] = await once(
      new WebSocket(address(running())).on('error', () => {}),
      'unexpected-response',
    )
    expect((await response.toArray()).join('')).toBe('{"error":"Too many joins per second"}')
    // The other tests want to be let in.
    await vi.waitFor(() => connect(running()), PATIENCE)
  })

  test('after too many changes what follows is lost in silence, until the rate has fallen', async () => {
    const supabase = running()
    const { heard, untilHeard } = await follow(supabase)
    await untilHeard(FOLLOWED)
    expect(await arrives()).toBe(true)
    await supabase.query(`insert into jobs (status) select 'burst' from generate_series(1, 100)`)
    await vi.waitFor(async () => expect(await arrives()).toBe(false), PATIENCE)
    await vi.waitFor(async () => expect(await arrives()).toBe(true), PATIENCE)

    /** Whether one more row is told of before a message that was sent after it. */
    async function arrives(): Promise<boolean> {
      const word = crypto.randomUUID()
      await insert(supabase, word)
      await supabase.query(`select realtime.send('{}', $1, 'jobs', false)`, [word])
      await vi.waitFor(() => expect(heard.some((one) => one.startsWith(word))).toBe(true), PATIENCE)
      return heard.includes(`INSERT ${word}`)
    }
  })

  describe('over HTTP', () => {
    const send = async (messages: readonly object[]) => {
      const headers = { apikey: running().anonKey, 'content-type': 'application/json' }
      const response = await fetch(`${running().url}/realtime/v1/api/broadcast`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ messages }),
      })
      return `${response.status} ${await response.text()}`
    }
    const message = { topic: 't', event: 'e', payload: {} }

    test('a batch that is too long is refused', async () => {
      const answer = await send(Array.from({ length: 101 }, () => message))
      expect(answer).toBe('429 {"message":"Too many messages to broadcast, please reduce the batch size"}')
    })

    test('a payload that is too large is refused', async () => {
      const answer = await send([{ ...message, payload: { s: 'x'.repeat(limits.payloadBytes) } }])
      expect(answer).toBe('422 {"errors":{"messages":[{"payload":["Payload size exceeds tenant limit"]}]}}')
    })
  })
})
