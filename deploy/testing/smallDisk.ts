import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** A small file system of its own, to be filled up, emptied, and made read-only. */
export type SmallDisk = {
  readonly dir: string
  /** Leaves no byte. */
  fill(): void
  empty(): void
  makeReadOnly(isReadOnly: boolean): void
  unmount(): void
}

/** Why a test cannot have one here; null: it can. */
export const noSmallDisk: string | null = reasonAgainst()

export function mountSmallDisk(mebibytes: number): SmallDisk {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-disk-'))
  const mount = (...options: string[]) => execFileSync('mount', options)
  mount('-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', dir)
  const ballast = path.join(dir, 'ballast')
  const empty = () => rmSync(ballast, { force: true })
  return {
    dir,
    fill: () => {
      // Pages are given whole.
      const chunk = Buffer.alloc(4 << 10)
      try {
        for (;;) writeFileSync(ballast, chunk, { flag: 'a' })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    empty,
    makeReadOnly: (isReadOnly) => mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, dir),
    unmount: () => {
      spawnSync('umount', ['-l', dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function reasonAgainst(): string | null {
  if (process.platform !== 'linux') return 'tmpfs is of Linux'
  if (process.getuid?.() !== 0) return 'only root can mount'
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'ignore' })
    execFileSync('umount', [dir])
    return null
  } catch {
    return 'mounting is forbidden here'
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
