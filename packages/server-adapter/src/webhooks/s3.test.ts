import { describe, expect, test } from 'vitest'
import { CERTIFICATE_URL, createAmazon, snsMessage, TOPIC } from '../testing/sns-message.js'
import { s3Webhook, type S3WebhookOptions } from './s3.js'
import type { WebhookRequest } from './webhook.js'

const bearer = { authorization: 'Bearer top secret' }
const notGenuine = { status: 401, code: 'signature_invalid' }

function request(body: unknown, headers: Record<string, string> = bearer): WebhookRequest {
  return { body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), headers: new Headers(headers), nowMs: 0 }
}
const receive = async (given: WebhookRequest, options: S3WebhookOptions = { token: 'top secret' }) => s3Webhook(options).receive(given)
const eventsOf = async (body: unknown, options: S3WebhookOptions = {}) =>
  (await receive(request(body), { token: 'top secret', ...options })).events

const records = (...objects: readonly (readonly [eventName: string, key: unknown, more?: object])[]) => ({
  Records: objects.map(([eventName, key, more]) => ({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName,
    s3: { bucket: { name: 'uploads' }, object: { key, size: 1, sequencer: '0055AED6DCD90281E5' } },
    ...more,
  })),
})
const looksAt = (operationId: string) => ({ kind: 'stored-bytes', operationId })

describe('the token', () => {
  test.each([
    bearer,
    { authorization: 'bearer  top secret' },
    { authorization: `Basic ${Buffer.from('ceph:top secret').toString('base64')}` },
  ])('is taken as %j', (headers) => expect(receive(request(records(), headers))).resolves.toMatchObject({ events: [] }))
  test('is taken as any of several', () => expect(receive(request(records()), { tokens: ['old', 'top secret'] })).resolves.toBeDefined())
  test.each([
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer top' },
    { authorization: 'top secret' },
    { authorization: `Basic ${Buffer.from('top secret:').toString('base64')}` },
    { authorization: 'Digest top secret' },
  ])('is not taken as %j', (headers) => expect(receive(request(records(), headers))).rejects.toMatchObject(notGenuine))
  test('is asked for before the body is read', () => expect(receive(request('{', {}))).rejects.toMatchObject(notGenuine))
  test.each([{}, { token: '' }, { tokens: [] }, { topicArns: [] }, { token: '', topicArns: [TOPIC] }])(
    'is needed, unless there are topics: %j',
    (options) => expect(() => s3Webhook(options)).toThrow(TypeError),
  )
})

describe('an event of S3', () => {
  test('is about the operation that its key ends with, decoded', async () => {
    expect(
      await eventsOf(
        records(
          ['ObjectCreated:Put', 'op-1'],
          ['ObjectCreated:CompleteMultipartUpload', 'uploads/2026/op-2'],
          ['s3:ObjectRemoved:DeleteMarkerCreated', 'op%2D3'],
          ['ObjectCreated:Copy', 'a+b%2Fop+4'],
        ),
      ),
    ).toEqual(['op-1', 'op-2', 'op-3', 'op 4'].map(looksAt))
  })
  test('is as real Ceph sends it, which does not encode keys', async () => {
    expect(
      await eventsOf({
        Records: [
          {
            eventVersion: '2.2',
            eventSource: 'ceph:s3',
            awsRegion: '',
            eventTime: '2026-11-21T16:52:03.786960Z',
            eventName: 'ObjectCreated:Put',
            userIdentity: { principalId: 'tests' },
            s3: {
              s3SchemaVersion: '1.0',
              configurationId: 'x',
              bucket: { name: 'notified', ownerIdentity: { principalId: 'tests' }, arn: 'arn:aws:s3:::notified' },
              object: { key: 'a b/ü+c', size: 1, eTag: '9dd4e461268c8034f5c8564e155c67a6', versionId: '', sequencer: '33CC016BDEDA1E2F' },
            },
            eventId: '1795279923.790551.9dd4e461268c8034f5c8564e155c67a6',
            opaqueData: '',
          },
        ],
      }),
    ).toEqual([looksAt('ü+c')])
  })
  test('is nothing where it is of another kind, another bucket, or makes no sense', async () => {
    expect(await eventsOf({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'uploads' })).toEqual([])
    expect(await eventsOf(records(['ObjectTagging:Put', 'op'], ['ObjectRestore:Completed', 'op']))).toEqual([])
    expect(await eventsOf(records(['ObjectCreated:Put', 'op']), { bucket: 'other' })).toEqual([])
    expect(
      await eventsOf(records(['ObjectCreated:Put', '%E0%A4%A'], ['ObjectCreated:Put', 7], ['ObjectCreated:Put', 'op', { s3: null }])),
    ).toEqual([])
    expect(await eventsOf({ Records: ['nonsense', null, []] })).toEqual([])
  })
  test('of EventBridge is read as well, whose keys are as they are', async () => {
    const event = {
      version: '0',
      source: 'aws.s3',
      detail: { bucket: { name: 'uploads' }, object: { key: 'a/op%2D1' }, reason: 'PutObject' },
    }
    expect(await eventsOf({ ...event, 'detail-type': 'Object Created' })).toEqual([looksAt('op%2D1')])
    expect(await eventsOf({ ...event, 'detail-type': 'Object Deleted' })).toEqual([looksAt('op%2D1')])
    expect(await eventsOf({ ...event, 'detail-type': 'Object Tags Added' })).toEqual([])
    expect(await eventsOf({ ...event, 'detail-type': 'Object Created', source: 'mine' })).toEqual([])
  })
  test('belongs to the operation that a team names, and means what it says', async () => {
    const made = records(['ObjectCreated:Put', 'thumbnails/op/640.jpg'])
    expect(await eventsOf(made, { operationOf: ({ key }) => key.split('/')[1] })).toEqual([looksAt('op')])
    expect(await eventsOf(made, { operationOf: () => undefined })).toEqual([])
    const event = { kind: 'completed', operationId: 'op', result: 1 } as const
    expect(
      await eventsOf(made, {
        map: ({ name, bucket, key }) =>
          key.startsWith('thumb') && name === 'ObjectCreated:Put' && bucket === 'uploads' ? event : undefined,
      }),
    ).toEqual([event])
  })
  test.each(['{', '[]', '""'])('that is no object is refused: %s', (body) =>
    expect(receive(request(body))).rejects.toMatchObject({ status: 400, code: 'invalid_json' }),
  )
})

describe('a message of SNS', () => {
  const amazonAnd = (more: S3WebhookOptions = {}) => {
    const amazon = createAmazon()
    return { amazon, webhook: s3Webhook({ topicArns: [TOPIC], fetch: (url, init) => amazon.fetch(url, init), ...more }) }
  }
  const notification = { Message: JSON.stringify(records(['ObjectCreated:Put', 'op'])), Subject: 'Amazon S3 Notification' }

  test.each(['1', '2'] as const)('of signature version %s is taken, and its certificate fetched once', async (version) => {
    const { amazon, webhook } = amazonAnd()
    const message = snsMessage(notification, version)
    expect(await webhook.receive(request(message, {}))).toEqual({ id: message['MessageId'], events: [looksAt('op')] })
    await webhook.receive(request(message, {}))
    expect(amazon.asked).toEqual([CERTIFICATE_URL])
  })
  test('is taken with a token besides', async () => {
    const { webhook } = amazonAnd({ token: 'top secret' })
    expect((await webhook.receive(request(snsMessage(notification)))).events).toEqual([looksAt('op')])
    await expect(webhook.receive(request(snsMessage(notification), { authorization: 'Bearer no' }))).rejects.toMatchObject(notGenuine)
  })
  test('of a topic of someone else, which Amazon signs as well, is refused', async () => {
    const { amazon, webhook } = amazonAnd()
    const message = snsMessage({ ...notification, TopicArn: 'arn:aws:sns:eu-central-1:666:uploads' })
    await expect(webhook.receive(request(message, {}))).rejects.toMatchObject(notGenuine)
    expect(amazon.asked).toEqual([])
  })
  test('of another sender to the topic is nothing', async () => {
    const { webhook } = amazonAnd()
    expect((await webhook.receive(request(snsMessage({ Message: 'hello' }), {}))).events).toEqual([])
    expect((await webhook.receive(request(snsMessage({ Message: '[]' }), {}))).events).toEqual([])
  })
  test.each([
    ['another text', { Message: '{"Records":[]}' }],
    ['another id', { MessageId: 'x' }],
    ['another time', { Timestamp: '2026-01-02T00:00:00.000Z' }],
    ['a subject of its own', { Subject: 'x' }],
    [
      'another type',
      { Type: 'SubscriptionConfirmation', SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription' },
    ],
    ['another topic', { TopicArn: 'arn:aws:sns:eu-central-1:666:uploads' }],
    ['an unknown version', { SignatureVersion: '3' }],
    ['no signature', { Signature: '' }],
    ['a subject that is no text', { Subject: 7 }],
  ])('with %s is refused', async (_what, change) => {
    const { webhook } = amazonAnd()
    await expect(webhook.receive(request({ ...snsMessage(notification), ...change }, {}))).rejects.toMatchObject(notGenuine)
  })
  test.each([
    'http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem',
    'https://evil.example/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem',
    'https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem',
    'https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem',
    'https://bucket.s3.amazonaws.com/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem',
    'https://sns.eu-central-1.amazonaws.com/?Action=List&x=.pem',
    'https://sns.eu-central-1.amazonaws.com/a/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem',
    'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem?x',
    'https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem',
    'nonsense',
  ])('with its certificate at %s is refused, and nothing is fetched from there', async (SigningCertURL) => {
    const { amazon, webhook } = amazonAnd()
    await expect(webhook.receive(request(snsMessage({ ...notification, SigningCertURL }), {}))).rejects.toMatchObject(notGenuine)
    expect(amazon.asked).toEqual([])
  })
  test('whose certificate cannot be had is to be sent again, and then it is taken', async () => {
    const { amazon, webhook } = amazonAnd()
    const { answer } = amazon
    const later = { status: 503, code: 'provider_unreachable', retryable: true }
    for (const broken of [
      () => new Response(null, { status: 500 }),
      () => new Response('no certificate'),
      () => new Response('x'.repeat(20_000)),
    ]) {
      amazon.answer = broken
      await expect(webhook.receive(request(snsMessage(notification), {}))).rejects.toMatchObject(later)
    }
    amazon.answer = answer
    await expect(webhook.receive(request(snsMessage(notification), {}))).resolves.toBeDefined()
  })
  test.each([{}, [], 'text', { Type: 'Notification' }, { Type: 'Other', TopicArn: TOPIC }])('is not what %j is', async (body) => {
    await expect(amazonAnd().webhook.receive(request(body, {}))).rejects.toMatchObject(notGenuine)
  })

  describe('that asks whether to subscribe', () => {
    const SubscribeURL = `https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=t`
    const confirmation = { Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL }

    test('is answered at the address that it names', async () => {
      const { amazon, webhook } = amazonAnd()
      expect((await webhook.receive(request(snsMessage(confirmation), {}))).events).toEqual([])
      expect(amazon.asked).toEqual([CERTIFICATE_URL, SubscribeURL])
    })
    test.each(['http://sns.eu-central-1.amazonaws.com/?a', 'https://evil.example/', 'http://169.254.169.254/', ''])(
      'is not answered at %s',
      async (url) => {
        const { amazon, webhook } = amazonAnd()
        await expect(webhook.receive(request(snsMessage({ ...confirmation, SubscribeURL: url }), {}))).rejects.toMatchObject(notGenuine)
        expect(amazon.asked).toEqual([CERTIFICATE_URL])
      },
    )
    test('is to be sent again where it could not be answered', async () => {
      const { amazon, webhook } = amazonAnd()
      const { answer } = amazon
      amazon.answer = (url) => (url === SubscribeURL ? new Response(null, { status: 500 }) : answer(url))
      await expect(webhook.receive(request(snsMessage(confirmation), {}))).rejects.toMatchObject({ status: 503 })
    })
    test('is not answered where it is not genuine', async () => {
      const { amazon, webhook } = amazonAnd()
      await expect(webhook.receive(request({ ...snsMessage(confirmation), Token: 'other' }, {}))).rejects.toMatchObject(notGenuine)
      expect(amazon.asked).toEqual([CERTIFICATE_URL])
    })
    test('and one that says goodbye is nothing', async () => {
      const { amazon, webhook } = amazonAnd()
      expect((await webhook.receive(request(snsMessage({ ...confirmation, Type: 'UnsubscribeConfirmation' }), {}))).events).toEqual([])
      expect(amazon.asked).toEqual([CERTIFICATE_URL])
    })
  })
})
