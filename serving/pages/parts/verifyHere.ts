// First of all: zod compiles its checks with `new Function` unless it is told before any is made,
// and these pages run under a policy that forbids that.
import './zodWithoutEval.ts'
import { recoverSigner } from '../../claims/recoverSigner.ts'
import { type VerifyBundleReturnType, verifyBundle } from '../../claims/verifyBundle.ts'

/** The whole check, signatures included, in this page. */
export function verifyHere(bundle: unknown): VerifyBundleReturnType {
  return verifyBundle(bundle, { recoverSigner })
}
