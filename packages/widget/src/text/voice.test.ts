import { expect, it } from 'vitest'
import { manualTimer } from '../testing/manual-timer.js'
import { createVoice } from './voice.js'

function setUp() {
  const said: string[] = []
  const timer = manualTimer()
  return { said, timer, voice: createVoice((text) => said.push(text), 1000, timer.setTimer) }
}

it('speaks at once after a silence', () => {
  const { said, voice } = setUp()
  voice.request(() => 'one')
  expect(said).toEqual(['one'])
})

it('says only the latest of what comes within the interval', () => {
  const { said, voice, timer } = setUp()
  voice.request(() => 'one')
  voice.request(() => 'two')
  voice.request(() => 'three')
  expect(said).toEqual(['one'])
  timer.advance(1000)
  expect(said).toEqual(['one', 'three'])
})

it('makes its sentence when it speaks, not when it was asked', () => {
  const { said, voice, timer } = setUp()
  let percent = 1
  voice.request(() => `${percent} %`)
  voice.request(() => `${percent} %`)
  percent = 80
  timer.advance(1000)
  expect(said).toEqual(['1 %', '80 %'])
})

it('keeps the interval after what was said late', () => {
  const { said, voice, timer } = setUp()
  voice.request(() => 'one')
  voice.request(() => 'two')
  timer.advance(1000)
  voice.request(() => 'three')
  timer.advance(999)
  expect(said).toEqual(['one', 'two'])
  timer.advance(1)
  expect(said).toEqual(['one', 'two', 'three'])
})

it('is silent where nothing is left to say, and loses no turn by it', () => {
  const { said, voice } = setUp()
  voice.request(() => undefined)
  voice.request(() => 'one')
  expect(said).toEqual(['one'])
})

it('says nothing after its end', () => {
  const { said, voice, timer } = setUp()
  voice.request(() => 'one')
  voice.request(() => 'two')
  voice.dispose()
  timer.advance(5000)
  expect(said).toEqual(['one'])
})
