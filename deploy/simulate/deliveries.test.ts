import { expect, test } from 'vitest'
import { countSolar, planDeliveries } from './deliveries.ts'
import { loadFontana } from './fontana.ts'
import { loadLondon } from './london.ts'
import { demoTerms, plannedEvents, solarEvent, solarTerms } from './plan.ts'
import { doneMsOf } from './replay.ts'

const london = loadLondon(12)
const fontana = loadFontana()
const without = { ...fontana, linesAt: new Map() }
const isSolar = (line: string) => line.includes('"FONTANA-')
const doneMs = doneMsOf(plannedEvents.at(-1)!)

test.each([{ quick: false }, { quick: true }])(
  'the homes with PV change nothing of London, and each of their hours is sent once (%j)',
  ({ quick }) => {
    const options = { seed: 'first light', shuffle: undefined, quick }
    const both = planDeliveries({ london, fontana }, options)
    const alone = planDeliveries({ london, fontana: without }, options)
    expect(both.injected).toEqual(alone.injected)
    const ofLondon = both.deliveries.map(({ startMs, lines }) => {
      return { startMs, lines: lines.filter((line) => !isSolar(line)) }
    })
    expect(ofLondon).toEqual(alone.deliveries)
    const solar = both.deliveries.flatMap(({ lines }) => lines.filter(isSolar))
    expect(new Set(solar).size).toBe(solar.length)
    expect(countSolar(fontana, { quick, toMs: doneMs })).toBe(solar.length)
  },
)

test('an hour is sent with the half-hour that completes it', () => {
  const options = { seed: 'first light', shuffle: undefined, quick: true }
  for (const { startMs, lines } of planDeliveries({ london, fontana }, options).deliveries) {
    for (const line of lines.filter(isSolar)) {
      const { start } = JSON.parse(line) as { start: string }
      expect(Date.parse(start) + 3_600_000).toBe(startMs + 1_800_000)
    }
  }
})

test('the solar event is settled when that of London is final, and final when its day ends', () => {
  const hourMs = 3_600_000
  const finalMs = (endMs: number, latenessS: number) => endMs + latenessS * 1000 + 1.5 * hourMs
  const london = finalMs(plannedEvents.at(-1)!.endMs, demoTerms.latenessS)
  expect(solarEvent.endMs + solarTerms.latenessS * 1000).toBe(london)
  expect(finalMs(solarEvent.endMs, solarTerms.latenessS)).toBe(doneMs)
})
