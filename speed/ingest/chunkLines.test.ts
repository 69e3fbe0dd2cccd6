import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Chunk, chunkLines } from './chunkLines.ts'

const text = 'start,a,b\r\n1,2,3\n\n4,5,6\n7,8,9'

test('every chunk has the header, and the last line needs no line feed', async () => {
  // Four readings a chunk and two series a line: two lines a chunk.
  const chunks = await cut(text, { readingsMax: 4 }, 1)
  expect(chunks.map(({ body }) => new TextDecoder().decode(body))).toEqual([
    'start,a,b\n1,2,3\n4,5,6\n',
    'start,a,b\n7,8,9\n',
  ])
  expect(chunks.map(({ firstLine, lines }) => [firstLine, lines])).toEqual([
    [0, 2],
    [2, 1],
  ])
  expect(chunks.map(({ lineNumbers }) => lineNumbers)).toEqual([[2, 4], [5]])
})

test('the pieces of a stream do not change the chunks', async () => {
  const whole = await cut(text, { readingsMax: 2 }, text.length)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (size) => {
      expect(await cut(text, { readingsMax: 2 }, size)).toEqual(whole)
    }),
  )
})

test('chunks are limited in bytes, and a longer line is refused', async () => {
  expect(await cut(text, { bytesMax: 12 }, 5)).toHaveLength(2)
  await expect(cut(text, { bytesMax: 4 }, 3)).rejects.toThrow('longer than 4 bytes')
})

async function cut(
  input: string,
  bounds: { readingsMax?: number; bytesMax?: number },
  size: number,
): Promise<Chunk[]> {
  const bytes = new TextEncoder().encode(input)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const options = { hasHeader: true, readingsPerLine: 'wide', ...bounds } as const
  const chunks: Chunk[] = []
  for await (const chunk of chunkLines(pieces(), options)) chunks.push(chunk)
  return chunks
}
