import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isIdle, type PartitionState, reachedByAwake } from './partitions.ts'

const dayMs = 24 * 3_600_000
const at = { nowMs: 9 * dayMs, idleS: 300 }
const now = at.nowMs - 1_000
const idleSinceMs = at.nowMs - 300_000

/** Each row: reached, read, at its end; by partition. What they have reached together. */
test.each<[string, [number | null, number | null, boolean][], number | null]>([
  [
    'the least of two that send',
    [
      [70, now, true],
      [50, now, true],
    ],
    50,
  ],
  [
    'one that was just begun',
    [
      [70, now, true],
      [null, now, true],
    ],
    null,
  ],
  [
    'one that nobody looked at yet',
    [
      [70, now, true],
      [null, null, true],
    ],
    null,
  ],
  [
    'an empty one',
    [
      [70, now, true],
      [null, idleSinceMs, true],
    ],
    70,
  ],
  [
    'an idle one behind',
    [
      [70, now, true],
      [50, idleSinceMs, true],
    ],
    70,
  ],
  [
    'an idle one ahead',
    [
      [70, now, true],
      [90, idleSinceMs, true],
    ],
    70,
  ],
  [
    'one that is nearly idle',
    [
      [70, now, true],
      [50, idleSinceMs + 1, true],
    ],
    50,
  ],
  [
    'one that lags, however long',
    [
      [70, now, true],
      [50, 0, false],
    ],
    50,
  ],
  [
    'all idle',
    [
      [70, 0, true],
      [50, 0, true],
    ],
    70,
  ],
  [
    'all idle, one empty',
    [
      [70, 0, true],
      [null, 0, true],
    ],
    70,
  ],
  [
    'nothing ever',
    [
      [null, 0, true],
      [null, 0, true],
    ],
    null,
  ],
  ['no partition', [], null],
  [
    'one that sends last week’s',
    [
      [8 * dayMs, now, true],
      [dayMs, now, true],
    ],
    8 * dayMs,
  ],
  [
    'one that is a day behind, to the minute',
    [
      [8 * dayMs, now, true],
      [7 * dayMs, now, true],
    ],
    7 * dayMs,
  ],
  [
    'last week’s, of which more is there',
    [
      [8 * dayMs, now, true],
      [dayMs, now, false],
    ],
    dayMs,
  ],
  [
    'one whose clock is weeks ahead does not put the others behind',
    [
      [90 * dayMs, now, true],
      [8.5 * dayMs, now, true],
    ],
    8.5 * dayMs,
  ],
])('%s', (_, rows, expected) => {
  const partitions = rows.map(([reachedMs, readMs, isAtEnd], partition) => {
    return { partition, reachedMs, readMs, isAtEnd }
  })
  expect(reachedByAwake(partitions, at)).toBe(expected)
})

const states = fc.array(
  fc.record({
    partition: fc.nat(255),
    reachedMs: fc.option(fc.nat(1_000)),
    readMs: fc.option(fc.nat(at.nowMs)),
    isAtEnd: fc.boolean(),
  }),
  { maxLength: 6 },
)

test('another idle partition changes nothing while one is active', () => {
  fc.assert(
    fc.property(states, fc.option(fc.nat(1_000)), (partitions, reachedMs) => {
      fc.pre(partitions.some((each) => !isIdle(each, at)))
      const idle: PartitionState = { partition: 256, reachedMs, readMs: 0, isAtEnd: true }
      expect(reachedByAwake([...partitions, idle], at)).toBe(reachedByAwake(partitions, at))
    }),
  )
})
