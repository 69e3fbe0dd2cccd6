/**
 * Makes one answer of the chunks chdb streams: each of them is a whole document of its format.
 *
 * A JSON line needs nothing. CSV repeats its line of names, which goes. An Arrow chunk is a schema,
 * batches and an end mark; the schema of all but the first goes, and all end marks but one.
 */
export async function* joinChunks(
  chunks: AsyncIterable<Uint8Array>,
  format: string,
): AsyncGenerator<Uint8Array> {
  let index = 0
  for await (const chunk of chunks) {
    const part = format === 'ArrowStream' ? arrowPart(chunk, index) : chunk
    yield format === 'CSVWithNames' && index > 0 ? part.subarray(part.indexOf(10) + 1) : part
    index += 1
  }
  if (format === 'ArrowStream' && index > 0) yield arrowEnd
}

/** A continuation mark and the length 0. */
const arrowEnd = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)

function arrowPart(chunk: Uint8Array, index: number): Uint8Array {
  const end = chunk.length - arrowEnd.length
  if (index === 0) return chunk.subarray(0, end)
  // A message: continuation mark, length of its metadata, metadata; a schema has no body.
  const metadataBytes = new DataView(chunk.buffer, chunk.byteOffset + 4, 4).getUint32(0, true)
  return chunk.subarray(8 + metadataBytes, end)
}
