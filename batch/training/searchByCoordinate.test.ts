import { expect, test } from 'vitest'
import { searchByCoordinate } from './searchByCoordinate.ts'

const candidates = { x: [0, 1, 2], y: [0, 1, 2] }

test('finds the minimum along one setting, then along the next', async () => {
  const asked: string[] = []
  const found = await searchByCoordinate({ x: 0, y: 0 }, candidates, async ({ x, y }) => {
    asked.push(`${x}${y}`)
    return (x - 2) ** 2 + (y - 1) ** 2
  })

  expect(found).toEqual({ settings: { x: 2, y: 1 }, score: 0 })
  expect(asked).toEqual(['00', '10', '20', '21', '22'])
})

test('ties keep the current value, and NaN never wins', async () => {
  const found = await searchByCoordinate({ x: 1, y: 1 }, candidates, async ({ x, y }) => {
    return x === 2 || y === 2 ? Number.NaN : 7
  })

  expect(found.settings).toEqual({ x: 1, y: 1 })
})
