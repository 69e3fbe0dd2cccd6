/** One check of a bundle and its result. */
export type BundleCheck = { readonly name: string; readonly ok: boolean; readonly sentence: string }
