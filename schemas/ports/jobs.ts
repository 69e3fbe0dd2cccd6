export type JobState = 'waiting' | 'active' | 'completed' | 'failed' | 'unknown'

export type Job = {
  readonly name: string
  /** Deterministic: adding the same id twice is one job. No `:` in it. */
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
}

export type JobReport = {
  readonly id: string
  readonly name: string
  readonly state: JobState
  readonly result: unknown
  /** Why it failed, the last time it did. */
  readonly failure: string | null
  readonly attempts: number
}

/**
 * Work that is done once, later, somewhere else.
 *
 * - `add` resolves once the job is durable. The id of a job that failed is tried again, with the
 *   data now given and all its tries; of any other one known, nothing happens. A job whose worker
 *   dies is given to another one; a handler must therefore be idempotent.
 * - `work` starts taking jobs; handlers run outside the caller's event loop (`module` is imported
 *   in a child process or a worker thread and exports `handle(job)`).
 * - `report` of a job nobody added has the state `unknown`.
 */
export interface Jobs {
  add(job: Job): Promise<void>
  report(name: string, id: string): Promise<JobReport>
  recent(limit: number): Promise<readonly JobReport[]>
  work(options: { readonly names: readonly string[]; readonly module: URL }): Promise<void>
  close(): Promise<void>
}
