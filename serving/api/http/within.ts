import { PortSilentError } from '../../../schemas/errors/request.ts'

/** Waits for an answer of a store, but not for ever: a caller of ours waits too. */
export async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PortSilentError({ ms })), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
