import { expect, it } from 'vitest'
import { supabasePublisher } from './publishers/supabase.js'
import { postgres } from './records/postgres.js'
import { jwt } from './security/jwt.js'
import { cloudinary } from './storage/cloudinary/cloudinary.js'
import { cloudinaryWebhook, hmacWebhook, s3Webhook } from './webhooks/index.js'

const UNSET = process.env['UPLOAD_PANEL_TEST_OF_A_VARIABLE_THAT_NOBODY_SETS']
const url = 'https://abcdefgh.supabase.co'
const key = 'sb_secret_1'

it.each<[what: string, make: () => unknown]>([
  ['postgres', () => postgres({ connectionString: UNSET })],
  ['postgres', () => postgres({ connectionString: '' })],
  ['secret', () => hmacWebhook({ secret: UNSET })],
  ['secret', () => cloudinaryWebhook({ apiSecret: UNSET })],
  ['secret', () => s3Webhook({ token: UNSET })],
  ['apiSecret', () => cloudinary({ cloudName: 'demo', apiKey: '1', apiSecret: UNSET })],
  ['cloudName', () => cloudinary({ cloudName: UNSET, apiKey: '1', apiSecret: '2' })],
  ['issuer', () => jwt({ issuer: UNSET, audience: 'uploads', secret: 'x'.repeat(32) })],
  ['audience', () => jwt({ issuer: url, audience: UNSET, secret: 'x'.repeat(32) })],
  ['secret', () => jwt({ issuer: url, audience: 'uploads', secret: UNSET })],
  ['secret key', () => supabasePublisher({ url, key: UNSET })],
  ['address', () => supabasePublisher({ url: UNSET, key })],
])('what is missing because a variable is not set is told by its name: %s (%#)', (what, make) => {
  expect(make).toThrow(TypeError)
  expect(make).toThrow(what)
})
