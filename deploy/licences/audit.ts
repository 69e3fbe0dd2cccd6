import { spawn } from 'node:child_process'
import * as z from 'zod'
import { projectRoot } from '../process/runtime.ts'

export type AuditAnswer =
  /** How many known vulnerabilities of the packages that every installation has. */
  | { readonly isAnswered: true; readonly bySeverity: Readonly<Record<string, number>> }
  /** The registry does not answer this question, or not in time. */
  | { readonly isAnswered: false; readonly reason: string }

export type AuditParameters = {
  /** Another than the configured one. */
  readonly registry?: string
  readonly msMax: number
}

const documentShape = z.object({
  message: z.string().optional(),
  metadata: z.object({ vulnerabilities: z.record(z.string(), z.number()).optional() }).optional(),
})

/** `npm audit`. Mirrors often do not answer it; that must neither fail nor hang anybody. */
export async function audit({ registry, msMax }: AuditParameters): Promise<AuditAnswer> {
  const flags = ['--json', '--omit=dev', '--fetch-retries=0', `--fetch-timeout=${msMax}`]
  const at = registry === undefined ? [] : [`--registry=${registry}`]
  const child = spawn('npm', ['audit', ...flags, ...at], {
    ...{ cwd: projectRoot, timeout: 2 * msMax, killSignal: 'SIGKILL' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let answer = ''
  child.stdout.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
  })
  const reason = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  return readAudit(answer) ?? { isAnswered: false, reason: `npm audit: ${reason}` }
}

/** @returns null when it is no document of npm. */
function readAudit(answer: string): AuditAnswer | null {
  try {
    const { metadata, message } = documentShape.parse(JSON.parse(answer))
    const bySeverity = metadata?.vulnerabilities
    if (bySeverity) return { isAnswered: true, bySeverity }
    return message === undefined ? null : { isAnswered: false, reason: message }
  } catch {
    // Killed before it answered, not JSON, or of another shape.
    return null
  }
}

/** Vulnerabilities that fail the build. */
export function countSevere({ bySeverity }: AuditAnswer & { readonly isAnswered: true }): number {
  return (bySeverity.high ?? 0) + (bySeverity.critical ?? 0)
}
