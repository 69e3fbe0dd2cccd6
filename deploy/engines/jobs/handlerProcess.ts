import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import {
  FailedInJobError,
  JobProcessEndedError,
  JobProcessKilledError,
  NoJobProcessError,
  RefusedInJobError,
} from '../../../schemas/errors/job.ts'
import type { ErrorKind } from '../../../schemas/errors/kinds.ts'
import type { Job } from '../../../schemas/ports/jobs.ts'
import { outsideSignals } from '../../process/endBySignal.ts'
import { isBeat } from '../../process/heartbeat.ts'
import { killWhenHung } from '../../process/hungProcess.ts'
import { programArgs, programFile } from '../../process/runtime.ts'
import { killStopped } from '../../process/stoppedProcess.ts'

type HandlerFailure = {
  /** The class of the error that the handler threw. */
  readonly error: string
  readonly kind: ErrorKind
  readonly sentence: string
}

/** The process's answer for one job. */
export type HandlerReply =
  | { readonly result: unknown }
  | ({ readonly isFinal: boolean } & HandlerFailure)
  /** The signal that ended the process of one of its shards. */
  | { readonly killedBy: string }

/** A process that runs the jobs of one name, one at a time. */
export type HandlerProcess = {
  /**
   * @throws RefusedInJobError when the handler says that retrying is useless and FailedInJobError
   * for any other failure, both with the class and kind of the handler's error; RetryableError when
   * the process ends or hangs in the middle, of these JobProcessKilledError when somebody else has
   * killed it, or one of its shards.
   */
  run(job: Job): Promise<unknown>
  stop(): Promise<void>
}

/** Processor time without a beat: a training may compute for minutes in one turn. */
const turnCpuMsMax = 10 * 60_000

/**
 * Started for the first job and kept for the next, since importing the batch layer takes longer
 * than most jobs; restarted after it has ended. It ends by itself when this process is gone.
 *
 * @param module exports `handle(job: Job): Promise<unknown>`.
 */
export function makeHandlerProcess(module: URL): HandlerProcess {
  let child: ChildProcess | null = null
  let isBusy = false
  const start = () => {
    const program = programFile(path.join(import.meta.dirname, 'handlerMain.ts'))
    const started = fork(program, [module.href], {
      execArgv: [...programArgs],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Tasks of a recompute and what comes of them have typed arrays, sets and 64-bit integers.
      serialization: 'advanced',
    })
    const pid = started.pid
    const say = (line: string) => void process.stderr.write(`a job: ${line}\n`)
    const endWatch = killStopped(() => (isBusy || pid === undefined ? [] : [pid]), say)
    started.once('exit', () => {
      endWatch()
      if (child === started) child = null
    })
    return started
  }
  return {
    async run(job) {
      child ??= start()
      isBusy = true
      const reply = await ask(child, job).finally(() => {
        isBusy = false
      })
      if ('result' in reply) return reply.result
      if ('killedBy' in reply) {
        throw new JobProcessKilledError({ job: `a shard of ${job.name}`, signal: reply.killedBy })
      }
      const { isFinal, ...failure } = reply
      const inJob = { job: job.name, ...failure }
      throw isFinal ? new RefusedInJobError(inJob) : new FailedInJobError(inJob)
    },
    async stop() {
      const running = child
      if (!running) return
      const gone = new Promise((resolve) => running.once('exit', resolve))
      // A handler is idempotent and may be in the middle of a long computation.
      running.kill('SIGKILL')
      await gone
    },
  }
}

function ask(child: ChildProcess, job: Job): Promise<HandlerReply> {
  return new Promise((resolve, reject) => {
    let hungFor: string | null = null
    const kill = (reason: string) => {
      hungFor = reason
      child.kill('SIGKILL')
    }
    const endWatch = killWhenHung(child, kill, turnCpuMsMax)
    const onMessage = (message: HandlerReply) => {
      if (!isBeat(message)) finish(() => resolve(message))
    }
    const onEnd = (code: number | null, signal: string | null) => {
      const how = hungFor ?? signal ?? `exit code ${code}`
      const isKilled = hungFor === null && signal !== null && outsideSignals.has(signal)
      const error = isKilled
        ? new JobProcessKilledError({ job: job.name, signal })
        : new JobProcessEndedError({ job: job.name, how })
      finish(() => reject(error))
    }
    const onError = (error: Error) => {
      finish(() => reject(new NoJobProcessError({ job: job.name }, error)))
    }
    const finish = (settle: () => void) => {
      endWatch()
      child.off('message', onMessage).off('exit', onEnd).off('error', onError)
      settle()
    }
    child.on('message', onMessage).on('exit', onEnd).on('error', onError)
    child.send(job, (error) => {
      if (error) onError(error)
    })
  })
}
