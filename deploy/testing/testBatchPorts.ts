import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { BatchPorts } from '../../batch/jobs/batchPorts.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openOnnxInference } from '../engines/inference/onnxInference.ts'
import { openFolderModels } from '../engines/models/folderModels.ts'

/** What a recompute needs: an open store, and models in a new folder, which `close` deletes. */
export function openTestBatchPorts(views: Views): BatchPorts & { close(): void } {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-models-'))
  return {
    views,
    models: openFolderModels(dir),
    inference: openOnnxInference(),
    clock: systemClock(),
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}
