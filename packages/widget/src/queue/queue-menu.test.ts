import { describe, expect, it } from 'vitest'
import { placeMenu } from './queue-menu.js'

const view = { width: 400, height: 600 }
const menu = { width: 200, height: 300 }
const button = (left: number, top: number) => ({ left, right: left + 32, top, bottom: top + 32 })

describe('the menu of a row', () => {
  it('opens below its button, where its end is', () => {
    expect(placeMenu(button(340, 100), menu, view, false)).toEqual({ left: 172, top: 136 })
  })

  it('begins where the button does from right to left', () => {
    expect(placeMenu(button(20, 100), menu, view, true)).toEqual({ left: 20, top: 136 })
  })

  it('opens above where there is more room', () => {
    expect(placeMenu(button(340, 500), menu, view, false).top).toBe(196)
  })

  it('stays within the window', () => {
    expect(placeMenu(button(20, 100), menu, view, false).left).toBe(8)
    expect(placeMenu(button(390, 100), menu, view, true).left).toBe(192)
    expect(placeMenu(button(340, 280), { width: 200, height: 580 }, view, false).top).toBe(12)
  })
})
