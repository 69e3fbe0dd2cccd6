// First of all: zod compiles its checks with `new Function` unless it is told before any is made,
// and these pages run under a policy that forbids that.
import './zodWithoutEval.ts'
import { verifyBundle } from '../../claims/verifyBundle.ts'

export { verifyBundle }
