import { expect, test } from 'vitest'
import { exposedLine, startingLine, titleOf, upLines } from './progress.ts'

test('processes have the names that users know', () => {
  expect(['postgres', 'chain', 'validators', 'x'].map(titleOf)).toEqual([
    ...['PostgreSQL', 'The chain (anvil)', 'The validator process', 'x'],
  ])
  const specs = ['clickhouse', 'serve', 'validators'].map((name) => ({ name }))
  expect(startingLine(specs)).toBe('Starting ClickHouse, the API, the validator process …')
})

test('the token is shown on a terminal only', () => {
  const up = { url: 'http://a:1', token: 'secret', tokenFile: '/d/token', seconds: '7.4 s' }
  expect(upLines({ ...up, isTerminal: true })).toEqual([
    'Up in 7.4 s: http://a:1/#token=secret',
    'The token is in /d/token. Ctrl-C stops it.',
  ])
  expect(upLines({ ...up, isTerminal: false }).join('\n')).not.toContain('secret')
  expect(upLines({ ...up, isTerminal: false })[0]).toBe('Up in 7.4 s: http://a:1')
})

test('what other users can reach is counted', () => {
  expect(exposedLine('/d', 1)).toContain('reach one file or folder of /d;')
  expect(exposedLine('/d', 3)).toContain('reach 3 files and folders of /d;')
})
