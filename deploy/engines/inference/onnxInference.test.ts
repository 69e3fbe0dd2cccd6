import { describeInference } from '../../../schemas/conformance/inference.ts'
import { openOnnxInference } from './onnxInference.ts'

describeInference('onnxruntime', openOnnxInference)
