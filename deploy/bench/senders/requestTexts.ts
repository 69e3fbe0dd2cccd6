import type { MeterId } from '../../../schemas/ids.ts'
import { encodeFrame } from '../../../schemas/reading/frame.ts'
import type { Reading } from '../../../schemas/reading/reading.ts'
import { energyMwh } from '../../../schemas/units.ts'

/** What a gateway sends: an array of one element, or a frame of one row. */
export type BodyKind = 'json' | 'frame'

export type RequestTextParameters = {
  readonly body: BodyKind
  readonly token: string
  /** The time of the first readings, s. */
  readonly fromS: number
  /** Their length; without it a second. */
  readonly stepS?: number
}

export const metersOfBench = 1_000

export function meterName(index: number): string {
  return `MAC${String(index).padStart(6, '0')}`
}

/**
 * Requests of one reading each, as latin1 text. Each meter's readings follow one another, and every
 * request has a key of its own.
 *
 * What is the same in all requests of one time is made once: the load must cost little.
 */
export function requestTexts(parameters: RequestTextParameters): () => string {
  const { body, token, fromS, stepS = 1 } = parameters
  const contentType = body === 'json' ? 'application/json' : 'application/vnd.wattproof.frame'
  const head =
    'POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\n' +
    `Content-Type: ${contentType}\r\nAuthorization: Bearer ${token}\r\nIdempotency-Key: `
  const bodyAt = body === 'json' ? jsonAt : frameAt
  let count = 0
  let make = bodyAt(fromS, stepS)
  return () => {
    const index = count % metersOfBench
    if (index === 0) make = bodyAt(fromS + (stepS * count) / metersOfBench, stepS)
    const content = make(meterName(index))
    count += 1
    return `${head}${fromS}-${count}\r\nContent-Length: ${content.length}\r\n\r\n${content}`
  }
}

function jsonAt(startS: number, stepS: number): (meter: string) => string {
  const start = new Date(startS * 1000).toISOString()
  const rest = `","start":"${start}","duration_s":${stepS},"energy_wh":0.1}]`
  return (meter) => `[{"meter":"${meter}${rest}`
}

function frameAt(startS: number, stepS: number): (meter: string) => string {
  const meter = meterName(0)
  const reading: Reading = {
    ...{ meter: meter as MeterId, startMs: startS * 1000, durationS: stepS },
    energyMwh: energyMwh(100),
    ...{ powerW: null, reactiveVar: null, quality: 0, standing: 1, revision: 0 },
    ...{ saidAtMs: null, isVoid: false, source: '', ingest: '' },
  }
  const frame = Buffer.from(encodeFrame([reading])).toString('latin1')
  const at = frame.indexOf(meter)
  const before = frame.slice(0, at)
  const after = frame.slice(at + meter.length)
  // All names have one length.
  return (name) => `${before}${name}${after}`
}
