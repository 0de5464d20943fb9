import { describe, expect, it } from 'vitest'
import { placePopover } from './popover.js'

const at = (left: number, top: number, width = 120, height = 28) => ({ left, top, right: left + width, bottom: top + height })
const window = { width: 1000, height: 800 }

describe('a card', () => {
  it('stands below a button in a header, from its nearer side inwards', () => {
    expect(placePopover({ ...window, anchor: at(870, 10) })).toMatchObject({ '--_left': '670px', '--_top': '46px', '--_bottom': 'auto' })
    expect(placePopover({ ...window, anchor: at(10, 10) })).toMatchObject({ '--_left': '10px', '--_width': '320px' })
  })

  it('stands above a button at the bottom', () => {
    expect(placePopover({ ...window, anchor: at(16, 756) })).toMatchObject({ '--_top': 'auto', '--_bottom': '52px', '--_height': '740px' })
  })

  it('keeps within a phone, wherever its button is', () => {
    for (const left of [0, 60, 150, 280]) {
      const { '--_left': x, '--_width': width } = placePopover({ anchor: at(left, 10, 40), width: 320, height: 600 })
      expect([x, width]).toEqual(['8px', '304px'])
    }
  })
})
