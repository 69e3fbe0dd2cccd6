/** One thing a bundle is checked for, and what came of it. */
export type BundleCheck = { readonly name: string; readonly ok: boolean; readonly sentence: string }
