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
  /** The reason of its last failure. */
  readonly failure: string | null
  readonly attempts: number
}

/**
 * Work that is done once, later, in another process.
 *
 * - `add` resolves once the job is durable. A failed job with the same id is tried again with
 *   the new data and all its attempts; any other known id is ignored. A job whose worker dies is
 *   given to another one, so handlers must be idempotent.
 * - `work` starts taking jobs; handlers run outside the caller's event loop (`module` is imported
 *   in a child process or a worker thread and exports `handle(job)`).
 * - `report` of a job that was never added has the state `unknown`.
 */
export interface Jobs {
  add(job: Job): Promise<void>
  report(name: string, id: string): Promise<JobReport>
  recent(limit: number): Promise<readonly JobReport[]>
  work(options: { readonly names: readonly string[]; readonly module: URL }): Promise<void>
  close(): Promise<void>
}

/** Processes beside this one, without a queue: whoever asks waits, and repeats what fails. */
export type JobProcesses = {
  /** How many jobs run at one time; more are not asked for. */
  readonly count: number
  run(job: Job): Promise<unknown>
  /** Ends them, whatever they do. */
  stop(): Promise<void>
}
