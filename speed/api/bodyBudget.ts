/** Bytes, and places, that bodies share; no sender gets more than its share of either. */
export type BodyBudget = {
  /** Whether the sender's budget or the total is used up; null when the bytes are taken. */
  take(sender: string, bytes: number): 'sender' | 'all' | null
  /** As `take`, for more bytes of a body that has a place. */
  grow(sender: string, bytes: number): 'sender' | 'all' | null
  give(sender: string, bytes: number): void
  readonly bytesMax: number
}

export type BodyBudgetLimits = {
  readonly bytesMax: number
  readonly bodiesMax: number
  /** Above 0, at most 1. */
  readonly senderShare: number
}

type Held = { bytes: number; bodies: number }

export function createBodyBudget(limits: BodyBudgetLimits): BodyBudget {
  const { bytesMax, senderShare } = limits
  const ofSender = { bytes: bytesMax * senderShare, bodies: limits.bodiesMax * senderShare }
  const all: Held = { bytes: 0, bodies: 0 }
  const bySender = new Map<string, Held>()

  const add = (sender: string, bytes: number, bodies: number) => {
    const own = bySender.get(sender) ?? { bytes: 0, bodies: 0 }
    if (own.bytes + bytes > ofSender.bytes || own.bodies + bodies > ofSender.bodies) return 'sender'
    if (all.bytes + bytes > bytesMax || all.bodies + bodies > limits.bodiesMax) return 'all'
    change(own, bytes, bodies)
    change(all, bytes, bodies)
    bySender.set(sender, own)
    return null
  }
  return {
    bytesMax,
    take: (sender, bytes) => add(sender, bytes, 1),
    grow: (sender, bytes) => add(sender, bytes, 0),
    give(sender, bytes) {
      const own = bySender.get(sender)
      if (!own) return
      change(own, -bytes, -1)
      change(all, -bytes, -1)
      if (own.bodies === 0) bySender.delete(sender)
    },
  }
}

function change(held: Held, bytes: number, bodies: number): void {
  held.bytes += bytes
  held.bodies += bodies
}
