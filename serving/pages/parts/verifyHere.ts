// First of all: zod compiles its checks with `new Function` unless it is configured before,
// which the content security policy of these pages forbids.
import './zodWithoutEval.ts'
import { type VerifyBundleReturnType, verifyBundle } from '../../settlement/bundle/verifyBundle.ts'
import { recoverSigner } from '../../settlement/recoverSigner.ts'

/** The whole check, signatures included, in this page. */
export function verifyHere(bundle: unknown): VerifyBundleReturnType {
  return verifyBundle(bundle, { recoverSigner })
}
