import { expect, test, vi } from 'vitest'
import { outline, startProgress } from './output.ts'

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

test('progress without a known total says how much there is, each time it has doubled', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const progress = startProgress('ingest', null, 'bytes')
  for (const done of [10, 15, 20, 39, 41]) progress.update(done)
  progress.stop()
  const said = write.mock.calls.map(([line]) => line)
  write.mockRestore()
  expect(said).toEqual(['ingest: 10 bytes\n', 'ingest: 20 bytes\n', 'ingest: 41 bytes\n'])
})
