import { TooManyQuestionsError } from '../../../schemas/errors/request.ts'

export type SlotLimits = {
  /** Slots in use at one time: in total, and by one sender. */
  readonly runningMax: number
  readonly runningPerSenderMax: number
  /** Requests that wait for a slot: in total, and of one sender. */
  readonly waitingMax: number
  readonly waitingPerSenderMax: number
  readonly waitMsMax: number
  /** A slot is released after this even if its work never ends; longer than any store may take. */
  readonly workMsMax: number
}

export type Slots = {
  /**
   * Waits for a slot. Resolves to a function that releases it, which may be called more than once;
   * to null when the sender left the queue.
   *
   * @param onWait is given a function that leaves the queue, which does nothing afterwards.
   * @throws TooManyQuestionsError when too many wait, or this one has waited for too long.
   */
  enter(sender: string, onWait?: (leaveQueue: () => void) => void): Promise<(() => void) | null>
}

type Waiting = { readonly sender: string; start(): void }

/**
 * A semaphore for costly work. Slots are taken in the order of arrival, but a sender that has all
 * its slots in use is passed over, so that no sender waits for the many requests of another one.
 */
export function createSlots(limits: SlotLimits): Slots {
  const running = new Map<string, number>()
  const waiting = new Set<Waiting>()
  let count = 0

  const isFree = (sender: string) =>
    count < limits.runningMax && (running.get(sender) ?? 0) < limits.runningPerSenderMax
  const take = (sender: string) => {
    count += 1
    running.set(sender, (running.get(sender) ?? 0) + 1)
    let isOver = false
    const leave = () => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      count -= 1
      const left = running.get(sender)! - 1
      if (left > 0) running.set(sender, left)
      else running.delete(sender)
      for (const each of waiting) if (isFree(each.sender)) return each.start()
    }
    const timer = setTimeout(leave, limits.workMsMax).unref()
    return leave
  }
  return {
    async enter(sender, onWait = () => {}) {
      if (isFree(sender)) return take(sender)
      const own = [...waiting].filter((each) => each.sender === sender).length
      if (own >= limits.waitingPerSenderMax || waiting.size >= limits.waitingMax) {
        const isOwn = own >= limits.waitingPerSenderMax
        const questionsMax = isOwn ? limits.waitingPerSenderMax : limits.waitingMax
        throw new TooManyQuestionsError({ questionsMax })
      }
      return new Promise((resolve, reject) => {
        const leaveQueue = () => {
          clearTimeout(timer)
          return waiting.delete(each)
        }
        const each: Waiting = {
          sender,
          start() {
            leaveQueue()
            resolve(take(sender))
          },
        }
        const giveUp = () => {
          leaveQueue()
          reject(new TooManyQuestionsError({ questionsMax: waiting.size + 1 }))
        }
        const timer = setTimeout(giveUp, limits.waitMsMax).unref()
        waiting.add(each)
        onWait(() => {
          if (leaveQueue()) resolve(null)
        })
      })
    },
  }
}
