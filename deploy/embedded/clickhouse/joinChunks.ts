/**
 * Joins the chunks that chdb streams into one answer: each chunk is a complete document.
 *
 * JSON lines need no change. CSV repeats its header, which is dropped. An Arrow chunk is a schema,
 * batches and an end mark; all schemas but the first and all end marks but the last are dropped.
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
