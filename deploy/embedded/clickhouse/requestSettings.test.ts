import { expect, test } from 'vitest'
import { readSettings, resetStatement, setStatement, settingsClause } from './requestSettings.ts'

test('settings are reset, name by name', () => {
  const read = readSettings([
    ['query_id', 'x'],
    ['max_result_rows', '10'],
    ['insert_deduplication_token', '1'],
    ['param_meter', "o'\\brien"],
  ])
  expect(setStatement(read)).toBe(
    'SET max_execution_time=120, max_memory_usage=4000000000, max_result_rows=10, ' +
      "insert_deduplication_token='1', `param_meter`='o\\'\\\\brien'",
  )
  expect(resetStatement(read)).toBe(
    'SET max_execution_time=DEFAULT, max_memory_usage=DEFAULT, max_result_rows=DEFAULT, ' +
      "insert_deduplication_token=DEFAULT, `param_meter`=''",
  )
})

test('an insert says its settings itself, each as one value', () => {
  const token = "x', readonly='1"
  const read = readSettings([
    ['async_insert', '0'],
    ['insert_deduplication_token', token],
  ])
  expect(settingsClause(read)).toBe(
    'max_execution_time=120, max_memory_usage=4000000000, async_insert=0, ' +
      "insert_deduplication_token='x\\', readonly=\\'1'",
  )
})

test('time and memory are always limited', () => {
  const read = (name: string, value: string) => readSettings([[name, value]]).settings.get(name)
  expect(read('max_execution_time', '5')).toBe('5')
  for (const value of ['0', '-1', '1e9', 'many', '']) {
    expect(read('max_execution_time', value)).toBe('120')
    expect(read('max_memory_usage', value)).toBe(value === '1e9' ? '1000000000' : '4000000000')
  }
})

test.each([
  'readonly',
  'max_threads',
  'allow_ddl',
  'user_files_path',
  'x=1, readonly',
  'session_id',
])('the setting %s is refused', (name) => {
  expect(() => readSettings([[name, '1']])).toThrow(expect.objectContaining({ code: 115 }))
})

test.each(['param_a`b', 'param_', 'param_a=1', `param_${'a'.repeat(65)}`])(
  'the parameter %s is refused',
  (name) => {
    expect(() => readSettings([[name, '1']])).toThrow(expect.objectContaining({ code: 457 }))
  },
)
