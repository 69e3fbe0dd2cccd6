import { expect, test } from 'vitest'
import { PowerContradictedError } from '../../../schemas/errors/profileField.ts'
import { refusePower } from './refusePower.ts'

/** Half-hours of these energies, Wh, with powers, W. */
function rows(...said: readonly (readonly [energyWh: number, powerW: number])[]) {
  return said.map(([energyWh, powerW], line) => {
    return { durationS: 1800, energyMwh: BigInt(energyWh * 1000), powerW, line }
  })
}

test('powers that are twice what the energies say are refused', () => {
  expect(() => refusePower(rows([1, 4], [2, 8], [3, 12]))).toThrow(PowerContradictedError)
})

test('powers of the other sign are refused, and negative ones of what is fed in are not', () => {
  expect(() => refusePower(rows([-1, 2], [-2, 4], [-3, 6]))).toThrow(PowerContradictedError)
  expect(() => refusePower(rows([-1, -2], [-2, -4], [-3, -6]))).not.toThrow()
})

test('powers at an instant have no factor', () => {
  expect(() => refusePower(rows([1, 4], [2, 5], [3, 12]))).not.toThrow()
})
