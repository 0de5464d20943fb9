import type { ComplexAttributeConverter } from 'lit'

/** Reads an attribute as a whole number above zero. Anything else counts as absent: a limit that makes no sense limits nothing. */
export const wholeNumber: ComplexAttributeConverter<number | undefined> = {
  fromAttribute(value) {
    const number = Number(value)
    return Number.isInteger(number) && number > 0 ? number : undefined
  },
}
