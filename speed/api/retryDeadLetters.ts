import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { DeadLetter } from '../../schemas/reading/deadLetter.ts'
import type { Reading, RejectReason } from '../../schemas/reading/reading.ts'
import type { RegisterRead } from '../../schemas/reading/register.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { judgeRow } from '../ingest/body/judgeRow.ts'
import { storedReadAs } from '../ingest/body/readAs.ts'
import { rowsOfDeadLetter } from '../ingest/body/rowsOfDeadLetter.ts'
import { framesOf } from '../ingest/framesOf.ts'
import { isRefusal, noSource, type SaidBy } from '../ingest/judgeDraft.ts'
import { judgeMeter } from '../ingest/judgeMeter.ts'
import { ingestLimits } from '../ingest/limits.ts'
import { appendOnce } from './appendOnce.ts'
import { type KeyMemory, lazyKeyMemory } from './keyMemory.ts'
import { openRegisterStore, type RegisterStore } from './registerStore.ts'
import type { MeterRegistry } from './registry.ts'
import { openFormJudge, openSourceForms, type SourceForms } from './sourceForms.ts'
import { openWithdrawals, type Withdrawals } from './withdrawals.ts'
import type { RegisterWords } from './wordsOfRegisters.ts'

export type CreateDeadLetterRetryParameters = {
  readonly log: Log
  readonly views: Views
  readonly clock: Clock
  readonly registry: MeterRegistry
  readonly partitions: number
  /** Shared with what else takes readings in this process (`registerReadingsRoutes`). */
  readonly forms?: SourceForms
  readonly registerStore?: RegisterStore
}

/** A dead letter with its offset in `readings.v1.rejected`. */
export type RetriedDeadLetter = DeadLetter & { readonly offset: number }

export type RetryDeadLettersReturnType = {
  /** Dead letters that are valid now, and in the log unless this was a dry run. */
  readonly queued: number
  /** The reasons of those that are still invalid. */
  readonly stillRejected: readonly RejectReason[]
}

export type RetryDeadLetters = (
  deadLetters: readonly RetriedDeadLetter[],
  options: { readonly isDryRun: boolean },
) => Promise<RetryDeadLettersReturnType>

/**
 * Checks dead letters again as `POST /readings` would today: a meter may have been enrolled since.
 *
 * A valid reading is appended to the log under a key made of the dead letter's offset, so that a
 * second retry appends nothing; then the dead letter is recorded in `resolved_dead_letters` and no
 * longer listed. After a kill between the two it stays open: the next retry finds the key, or the
 * layers absorb the reading as a duplicate, and the retry records it. An invalid one stays open;
 * no second dead letter is written.
 */
export function createDeadLetterRetry(api: CreateDeadLetterRetryParameters): RetryDeadLetters {
  const loadMemory = lazyKeyMemory({ ...api, keysMax: ingestLimits.retryKeysMax })
  const { forms = openSourceForms(api), registerStore = openRegisterStore(api) } = api
  const rules = { ...api, forms, registerStore, withdrawals: openWithdrawals(api) }
  // One retry at a time: two with the same dead letter would both consider it new.
  let last: Promise<unknown> = Promise.resolve()
  return (deadLetters, { isDryRun }) => {
    const own = last.then(() => {
      return retryDeadLetters(rules, deadLetters, isDryRun ? null : loadMemory)
    })
    last = own.catch(() => {})
    return own
  }
}

type Rules = CreateDeadLetterRetryParameters & {
  readonly forms: SourceForms
  readonly registerStore: RegisterStore
  readonly withdrawals: Pick<Withdrawals, 'has'>
}

async function retryDeadLetters(
  api: Rules,
  deadLetters: readonly RetriedDeadLetter[],
  loadMemory: (() => Promise<KeyMemory>) | null,
): Promise<RetryDeadLettersReturnType> {
  const { registry, clock, forms } = api
  await registry.refresh()
  await forms.learn(deadLetters.map((each) => saidByOf(each).source))
  const nowMs = clock.nowMs()
  const valid: ValidDeadLetter[] = []
  const registers: ValidRegister[] = []
  const stillRejected: RejectReason[] = []
  const { judge, fresh } = openFormJudge(forms)
  for (const deadLetter of deadLetters) {
    const outcome = readAgain(deadLetter, registry, nowMs)
    const { offset } = deadLetter
    if (typeof outcome === 'string') {
      stillRejected.push(outcome)
      continue
    }
    const reason = await reasonAgainst(outcome, api, judge)
    if (reason !== null) stillRejected.push(reason)
    else if ('atMs' in outcome) registers.push({ offset, register: outcome })
    else valid.push({ offset, reading: outcome })
  }
  if (loadMemory && valid.length + registers.length > 0 && !(await forms.take(fresh))) {
    return retryDeadLetters(api, deadLetters, loadMemory)
  }
  if (loadMemory && valid.length > 0) {
    await resolveDeadLetters(api, valid, { memory: await loadMemory(), nowMs })
  }
  const reasons = await retryRegisters(api, registers, { nowMs, isDryRun: loadMemory === null })
  const still = reasons.filter((reason) => reason !== null)
  const queued = valid.length + registers.length - still.length
  return { queued, stillRejected: [...stillRejected, ...still] }
}

type ValidRegister = { readonly offset: number; readonly register: RegisterRead }

/** Why each is still refused, together with what is there by now; null: it is not. */
async function retryRegisters(
  { registerStore, log, views, partitions }: Rules,
  all: readonly ValidRegister[],
  { nowMs, isDryRun }: { readonly nowMs: EpochMs; readonly isDryRun: boolean },
): Promise<readonly (RejectReason | null)[]> {
  if (all.length === 0) return []
  const registers = all.map(({ register }) => register)
  const reasonsOf = ({ found }: RegisterWords) =>
    found.map(({ refusal }) => refusal?.reason ?? null)
  if (isDryRun) return reasonsOf(await registerStore.look(registers, nowMs))
  const append = async (entry: RegisterWords) => {
    // Said twice after a kill, they are duplicates.
    const readings = framesOf(entry.words, partitions)
    await appendOnce({ log, memory: null, key: '', readings, rejections: [], nowMs })
    return reasonsOf(entry)
  }
  const said = { registers, nowMs }
  const reasons = (await registerStore.take(said, { admit: async () => true, append })) ?? []
  const rows = all.filter((_, at) => reasons[at] === null)
  const resolved = rows.map(({ offset }) => ({ log_offset: offset, resolved: nowMs }))
  if (resolved.length > 0) await views.insert('resolved_dead_letters', resolved)
  return reasons
}

/** Why a reading is refused that its meter can have. */
async function reasonAgainst(
  reading: Reading | RegisterRead,
  { withdrawals }: Rules,
  judge: ReturnType<typeof openFormJudge>['judge'],
): Promise<RejectReason | null> {
  const { ingest } = reading
  // It would be in the log and never count.
  if (ingest !== '' && (await withdrawals.has(ingest))) return 'withdrawn-ingest'
  return judge(reading)?.reason ?? null
}

type ValidDeadLetter = { readonly offset: number; readonly reading: Reading }

async function resolveDeadLetters(
  { log, views, partitions }: CreateDeadLetterRetryParameters,
  valid: readonly ValidDeadLetter[],
  { memory, nowMs }: { readonly memory: KeyMemory; readonly nowMs: EpochMs },
): Promise<void> {
  const common = { log, memory, rejections: [], nowMs }
  await Promise.all(
    valid.map(({ offset, reading }) =>
      appendOnce({
        ...{ ...common, key: keyOfDeadLetter(offset) },
        readings: framesOf([reading], partitions),
      }),
    ),
  )
  const rows = valid.map(({ offset }) => ({ log_offset: offset, resolved: nowMs }))
  await views.insert('resolved_dead_letters', rows)
}

/** Contains a space, which no client's key may contain, so that the two cannot collide. */
function keyOfDeadLetter(offset: number): string {
  return `dead-letter ${offset}`
}

function saidByOf(deadLetter: DeadLetter): SaidBy {
  try {
    const { source = '', ingest = '' } = storedReadAs(deadLetter)
    return { source, ingest }
  } catch (error) {
    // What something else wrote is refused when it is read.
    if (!(error instanceof InvalidArgumentError)) throw error
    return noSource
  }
}

/** The reading in a dead letter, or why it is still invalid. */
function readAgain(
  deadLetter: DeadLetter,
  registry: MeterRegistry,
  nowMs: EpochMs,
): Reading | RegisterRead | RejectReason {
  try {
    const by = saidByOf(deadLetter)
    const enrolled = { zoneOf: (meter: string) => registry.get(meter as MeterId)?.zone }
    for (const item of rowsOfDeadLetter(deadLetter, enrolled)) {
      if ('gaps' in item) continue
      const outcome = judgeRow(item, nowMs, by)
      if (isRefusal(outcome)) return outcome.reason
      const own = registry.get(outcome.meter)
      if ('atMs' in outcome) return own ? outcome : 'unknown-meter'
      const refusal = judgeMeter(outcome, own)
      return refusal ? refusal.reason : outcome
    }
  } catch (error) {
    // Bytes that cannot be read as a row on their own keep their reason.
    if (!(error instanceof InvalidArgumentError)) throw error
  }
  return deadLetter.reason
}
