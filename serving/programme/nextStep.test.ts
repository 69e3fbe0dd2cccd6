import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EventProgress, type EventState, eventStates } from '../../schemas/event.ts'
import { eventId } from '../../schemas/ids.ts'
import type { AnchorState } from '../anchor/readAnchor.ts'
import { exampleEvent } from '../settlement/testing/exampleEvent.ts'
import { firstProgress } from './announceEvent.ts'
import { type Facts, neutralFacts, nextStep, type Step } from './nextStep.ts'

const { startMs, endMs, terms } = exampleEvent
const commitMs = startMs - terms.commitLeadS * 1000
const settleMs = endMs + terms.latenessS * 1000
const root = `0x${'11'.repeat(32)}` as const
const other = eventId('other')

const anchorStates: AnchorState[] = ['none', 'proposed', 'attested', 'final', 'rejected']

/** Each row: state, facts that differ from the neutral ones, next step. */
test.each<[EventState, Partial<Facts> & { nowMs: number }, string]>([
  ['announced', { nowMs: commitMs - 1 }, 'wait'],
  ['announced', { nowMs: commitMs }, 'commit'],
  // Everything that was logged before it was due counts, wherever the archive is then.
  ['announced', { nowMs: commitMs, archivedMs: commitMs - 1 }, 'commit'],
  ['announced', { nowMs: commitMs, archivedMs: commitMs - 2 }, 'wait'],
  ['announced', { nowMs: commitMs + 60_000, archivedMs: commitMs - 2 }, 'problem'],
  // A minute before the start what is there is committed.
  ['announced', { nowMs: startMs - 60_001, archivedMs: commitMs - 2 }, 'problem'],
  ['announced', { nowMs: startMs - 60_000, archivedMs: commitMs - 2 }, 'commit'],
  // Killed between sending and recording: the commitment is found, even after the start.
  ['announced', { nowMs: startMs + 1, commitment: root }, 'commit'],
  ['announced', { nowMs: startMs }, 'problem'],
  ['committed', { nowMs: startMs - 1, commitment: root }, 'wait'],
  // The block with the commitment was reorganised away.
  ['committed', { nowMs: startMs - 1 }, 'commit'],
  ['committed', { nowMs: startMs, commitment: root }, 'reach running'],
  ['running', { nowMs: endMs - 1, speedWatermarkMs: endMs }, 'wait'],
  ['running', { nowMs: endMs, speedWatermarkMs: endMs - 1 }, 'wait'],
  ['running', { nowMs: endMs, speedWatermarkMs: endMs }, 'keep-speed'],
  // A partition without readings delays nothing beyond the allowed lateness.
  ['running', { nowMs: settleMs - 1 }, 'wait'],
  ['running', { nowMs: settleMs }, 'keep-speed'],
  ['ended', { nowMs: settleMs - 1 }, 'wait'],
  ['ended', { nowMs: settleMs }, 'settle'],
  ['ended', { nowMs: settleMs, archivedMs: settleMs - 1 }, 'settle'],
  ['ended', { nowMs: settleMs, archivedMs: settleMs - 2 }, 'wait'],
  ['ended', { nowMs: settleMs + 60_000, archivedMs: settleMs - 2 }, 'problem'],
  ['ended', { nowMs: settleMs, settlesNow: other }, 'problem'],
  ['verified', { nowMs: settleMs }, 'propose'],
  ['proposed', { nowMs: settleMs, anchorState: 'none' }, 'propose'],
  ['proposed', { nowMs: settleMs, anchorState: 'proposed' }, 'wait'],
  ['proposed', { nowMs: settleMs, anchorState: 'proposed', isQuorumSigned: true }, 'attest'],
  ['proposed', { nowMs: settleMs, anchorState: 'attested' }, 'attest'],
  ['proposed', { nowMs: settleMs, anchorState: 'rejected' }, 'reject'],
  ['attested', { nowMs: 9, anchorState: 'attested', challengeEndsMs: 10 }, 'wait'],
  ['attested', { nowMs: 10, anchorState: 'attested', challengeEndsMs: 10 }, 'finalize'],
  // A signature after the quorum counts within the challenge window, and is not waited for.
  [
    'attested',
    { nowMs: 9, anchorState: 'attested', challengeEndsMs: 10, isLateSigned: true },
    'attest',
  ],
  [
    'attested',
    { nowMs: 10, anchorState: 'attested', challengeEndsMs: 10, isLateSigned: true },
    'finalize',
  ],
  ['attested', { nowMs: 9, anchorState: 'final' }, 'finalize'],
  ['attested', { nowMs: 9, anchorState: 'rejected' }, 'reject'],
  // Blocks were reorganised away: lost transactions are sent again.
  ['attested', { nowMs: 9, anchorState: 'none' }, 'propose'],
  ['attested', { nowMs: 9, anchorState: 'proposed' }, 'attest'],
  ['final', { nowMs: 9, anchorState: 'none' }, 'propose'],
  ['final', { nowMs: 9, anchorState: 'attested' }, 'finalize'],
  ['final', { nowMs: 9, anchorState: 'final' }, 'wait'],
  ['final', { nowMs: 9, anchorState: 'final', isAllClaimed: true }, 'reach paid'],
  ['paid', { nowMs: 9 }, 'wait'],
])('%s with %o: %s', (state, facts, expected) => {
  const step = nextStep(at(state), { ...neutralFacts, ...facts })
  expect(describe(step)).toBe(expected)
})

test('it waits with a problem where an operator must act', () => {
  const step = nextStep(at('ended'), { ...neutralFacts, nowMs: settleMs, settlesNow: other })
  expect(step).toEqual({ kind: 'wait', problem: { kind: 'settles-after', event: other } })
})

test('for all facts, an event is proposed before it is final and paid last', () => {
  const facts = fc.record({
    nowMs: fc.integer({ min: commitMs - 10, max: settleMs + 10 }),
    commitment: fc.constantFrom(null, root),
    speedWatermarkMs: fc.option(fc.integer({ min: startMs, max: settleMs })),
    archivedMs: fc.integer({ min: commitMs - 10, max: settleMs + 10 }),
    settlesNow: fc.constantFrom(null, other),
    anchorState: fc.constantFrom(...anchorStates),
    isQuorumSigned: fc.boolean(),
    challengeEndsMs: fc.integer({ min: commitMs, max: settleMs }),
    isLateSigned: fc.boolean(),
    isAllClaimed: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.constantFrom(...eventStates), facts, (state, known) => {
      const step = nextStep(at(state), known)
      if (step.kind === 'commit') expect(['announced', 'committed']).toContain(state)
      if (step.kind === 'settle') expect(state).toBe('ended')
      if (step.kind === 'settle') {
        expect(Math.min(known.nowMs, known.archivedMs + 1)).toBeGreaterThanOrEqual(settleMs)
      }
      if (step.kind === 'finalize') expect(['attested', 'final']).toContain(known.anchorState)
      if (step.kind !== 'reach') return
      const next = eventStates.indexOf(step.state)
      expect(next).toBe(eventStates.indexOf(state) + 1)
    }),
  )
})

function at(state: EventState): EventProgress {
  return { ...firstProgress(exampleEvent), state }
}

function describe(step: Step): string {
  if (step.kind === 'reach') return `reach ${step.state}`
  return step.kind === 'wait' && step.problem !== null ? 'problem' : step.kind
}
