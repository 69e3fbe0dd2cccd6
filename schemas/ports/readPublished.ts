import type { Generation } from '../generation.ts'
import type { Views } from './views.ts'

/** The newest published generation; null before the first. */
export async function readPublished(views: Pick<Views, 'query'>): Promise<Generation | null> {
  return (await views.query('published_generation'))[0] ?? null
}
