import { readlinkSync } from 'node:fs'
import { isRunning, markProcess, type ProcessMark } from '../../../process/processMark.ts'

/** A member's process, and among which processes its number means anything (of a container). */
export type MemberProcess = { readonly mark: ProcessMark; readonly space: string }

/** Null where the system does not say: then a member is gone when its lease is over. */
export function thisProcess(): MemberProcess | null {
  const space = ownSpace()
  return space === null ? null : { mark: markProcess(process.pid), space }
}

/** Whether it has ended for certain; one of another container cannot be looked at. */
export function isGone(member: MemberProcess | null): boolean {
  return member !== null && member.space === ownSpace() && !isRunning(member.mark)
}

function ownSpace(): string | null {
  if (process.platform !== 'linux') return null
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    // A system without it.
    return null
  }
}
