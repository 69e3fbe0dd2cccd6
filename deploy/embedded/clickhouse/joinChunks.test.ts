import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { joinChunks } from './joinChunks.ts'

async function join(chunks: readonly Uint8Array[], format: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  const source = (async function* () {
    yield* chunks
  })()
  for await (const part of joinChunks(source, format)) parts.push(part)
  return Buffer.concat(parts)
}

test('JSON lines are unchanged', async () => {
  const chunks = [Buffer.from('{"a":1}\n'), Buffer.from('{"a":2}\n')]
  expect((await join(chunks, 'JSONEachRow')).toString()).toBe('{"a":1}\n{"a":2}\n')
})

test('CSV names its columns once', async () => {
  const chunks = [Buffer.from('"a"\n1\n2\n'), Buffer.from('"a"\n3\n'), Buffer.from('"a"\n"\n"\n')]
  expect((await join(chunks, 'CSVWithNames')).toString()).toBe('"a"\n1\n2\n3\n"\n"\n')
})

test('Arrow streams become one', async () => {
  const chunks = [[1, 2], [3], [4, 5, 6]].map((values) => {
    return tableToIPC(tableFromArrays({ a: Float64Array.from(values) }), 'stream')
  })
  // One that does not start at the beginning of its buffer, as chunks of the engine may.
  const shifted = Buffer.concat([Buffer.alloc(4), chunks[1]!]).subarray(4)
  const joined = tableFromIPC(await join([chunks[0]!, shifted, chunks[2]!], 'ArrowStream'))
  expect([...(joined.getChild('a') ?? [])]).toEqual([1, 2, 3, 4, 5, 6])
})

test('no chunks give no output', async () => {
  for (const format of ['JSONEachRow', 'CSVWithNames', 'ArrowStream']) {
    expect(await join([], format)).toHaveLength(0)
  }
})
