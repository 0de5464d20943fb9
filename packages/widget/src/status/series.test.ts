import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSeries } from './series.js'

it('keeps the last values in their order, and no more than it may', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 10 }), (values, capacity) => {
      const series = createSeries<number>(capacity)
      for (const value of values) series.add(value)
      expect(series.all()).toEqual(values.slice(-capacity))
    }),
  )
})
