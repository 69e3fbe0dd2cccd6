import { expect, test } from 'vitest'
import { outline } from './output.ts'

test('a document without --json is a table, with energies in kWh', () => {
  const document = {
    ...{ id: 'e', orderedMwh: 2_350_000, days: ['a', 'b'], open: null },
    lines: [{ pay: 1 }, { pay: 2 }],
  }
  expect(outline(document).split('\n')).toEqual([
    'what         value',
    'id           e',
    'ordered kWh  2.350',
    'days         a, b',
    'open',
    'lines.0.pay  1',
    'lines.1.pay  2',
  ])
})
