import { useInstallation } from '../data/installation.ts'
import { clockTime, count, duration } from '../view/format.ts'
import { hrefOf } from '../view/route.ts'

/** The footer of every page: the installation's clock and the flow of readings. */
export function PipelineLine() {
  const { status, zone } = useInstallation()
  if (!status) return <footer class="foot" />
  const { readings, generation, watermark, lagMs, oldSince } = status
  const behind = status.lag.reduce((sum, each) => sum + each.records, 0)
  return (
    <footer class="foot">
      <span title={status.now}>
        Clock <b>{clockTime(status.now, zone, true)}</b> {zone}
      </span>
      {oldSince !== null && (
        <span title={oldSince}>
          As of <b>{clockTime(oldSince, zone)}</b>: a store does not answer
        </span>
      )}
      <span title={watermark ?? ''}>
        Watermark <b>{watermark ? clockTime(watermark, zone) : '–'}</b>
        {lagMs !== null && `, ${duration(lagMs)} behind`}
      </span>
      <span>
        In the log <b>{behind === 0 ? 'nothing waits' : `${count(behind)} wait`}</b>
      </span>
      <span>
        Rejected <b>{count(readings.rejected)}</b> of {count(readings.read)}
      </span>
      <span title={generation?.highWater ?? ''}>
        Batch generation <b>{generation ? generation.generation : 'none yet'}</b>
        {generation && `, up to ${clockTime(generation.highWater, zone, true)}`}
      </span>
      <a href={hrefOf({ page: 'pipeline' })}>Pipeline</a>
    </footer>
  )
}
