import { useHouse } from '../data/house.ts'
import { clockTime, count, duration } from '../view/format.ts'
import { hrefOf } from '../view/route.ts'

/** One line at the foot of every page: whose clock it is, and how the readings come in. */
export function PipelineLine() {
  const { status, zone } = useHouse()
  if (!status) return <footer class="foot" />
  const { readings, generation, watermark, lagMs } = status
  const behind = status.lag.reduce((sum, each) => sum + each.records, 0)
  return (
    <footer class="foot">
      <span title={status.now}>
        House clock <b>{clockTime(status.now, zone, true)}</b> {zone}
      </span>
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
