import { useEffect, useRef, useState } from 'preact/hooks'
import type { Jobs, Model, Status } from '../../shapes/status.ts'
import { useInstallation } from '../data/installation.ts'
import { useResource } from '../data/useResource.ts'
import { Explain } from '../parts/Explain.tsx'
import { NumberHeads } from '../parts/NumberHeads.tsx'
import { PageHead } from '../parts/PageHead.tsx'
import { Scroll } from '../parts/Scroll.tsx'
import { Empty, Loading, Shown } from '../parts/States.tsx'
import { Headline, Sign, Tag } from '../parts/Values.tsx'
import { clockTime, count, decimal, percent } from '../view/format.ts'
import {
  batchTimes,
  countersHeadline,
  describeJob,
  gainOf,
  idleSentence,
  jobTitle,
  type PartitionRow,
  partitionRows,
  type StatusAt,
} from '../view/pipelinePage.ts'
import { DeadLetters } from './PipelineRejected.tsx'

/** Do the counters balance? */
export function Pipeline() {
  const { status } = useInstallation()
  return (
    <>
      <PageHead title="Pipeline" about="Do the counters balance?" />
      {status ? <Parts status={status} /> : <Loading tall />}
    </>
  )
}

function Parts({ status }: { status: Status }) {
  const jobs = useResource<Jobs>('/jobs', ['status'], 5_000)
  const models = useResource<{ models: readonly Model[] }>('/models', [], 15_000)
  return (
    <div class="grid">
      <section class="card span-7" aria-label="Ingest counters">
        <Headline headline={countersHeadline(status)} />
        <CountersTable status={status} />
        <Explain>
          <p>
            In both layers, read = accepted + duplicate + rejected: {printCounters(status.readings)}
            . Late and corrected readings are among the accepted.
          </p>
        </Explain>
      </section>
      <section class="card span-5">
        <h2>Layers</h2>
        <Layers status={status} />
      </section>
      <div class="stack span-6">
        <section class="card">
          <h2>Lag and throughput</h2>
          <Partitions status={status} />
          <Idle status={status} />
        </section>
        <section class="card">
          <h2>Jobs</h2>
          <Shown resource={jobs} lines={4}>
            {(body) => <JobList jobs={body.jobs} />}
          </Shown>
        </section>
        <section class="card">
          <h2>Models</h2>
          <Shown resource={models} lines={4}>
            {(body) => <ModelList models={body.models} />}
          </Shown>
        </section>
      </div>
      <div class="stack span-6">
        <section class="card">
          <h2>Rejected readings by reason</h2>
          <DeadLetters status={status} />
        </section>
      </div>
    </div>
  )
}

function printCounters({ read, accepted, duplicate, rejected }: Status['readings']): string {
  return `${count(read)} = ${count(accepted)} + ${count(duplicate)} + ${count(rejected)}`
}

const counterColumns = ['read', 'accepted', 'duplicate', 'rejected', 'late', 'corrected'] as const

function CountersTable({ status }: { status: Status }) {
  const counters = [
    ['Archive', status.readings],
    ['Speed', status.speed],
  ] as const
  return (
    <Scroll name="Ingest counters by layer">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col">Ingest counters of</th>
            <NumberHeads names={counterColumns} />
          </tr>
        </thead>
        <tbody>
          {counters.map(([name, own]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {counterColumns.map((column) => (
                <td key={column} class="number">
                  {count(own[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const layerTones = {
  ok: 'good',
  behind: 'quiet',
  stalled: 'trouble',
  waiting: 'quiet',
  failed: 'trouble',
  down: 'trouble',
} as const

function Layers({ status }: { status: Status }) {
  const { zone } = useInstallation()
  return (
    <ul class="list">
      {Object.entries(status.layers).map(([name, layer]) => (
        <li key={name}>
          <Sign tone={layerTones[layer.state]} />
          <b class="layer">{name}</b>
          <span>
            {layer.sentence} {name === 'batch' && batchTimes(status, zone)}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Partitions({ status }: { status: Status }) {
  const rows = usePartitionRows(status)
  if (rows.length === 0) return <Empty>The log has no partitions yet.</Empty>
  return (
    <Scroll name="Partitions">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col">Reader</th>
            <th scope="col">Topic and partition</th>
            <th scope="col">Process</th>
            <th scope="col" class="number">
              Read
            </th>
            <th scope="col" class="number">
              Waiting
            </th>
            <th scope="col" class="number">
              Records/s
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((each) => (
            <tr key={`${each.group}/${each.topic}/${each.partition}`}>
              <th scope="row">{each.group}</th>
              <td>
                {each.topic} · {each.partition}
              </td>
              <td>{each.reader ?? '–'}</td>
              <td class="number">{count(each.committed)}</td>
              <td class="number">{count(each.records)}</td>
              <td class="number">
                {each.perSecond === null
                  ? '–'
                  : decimal(each.perSecond, each.perSecond < 10 ? 1 : 0)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Idle({ status }: { status: Status }) {
  const { zone } = useInstallation()
  const sentence = idleSentence(status, zone)
  return sentence === null ? null : <p class="quiet small">{sentence}</p>
}

const lookMs = 2_000

/** Samples the log every two seconds: shorter samples are mostly noise. */
function usePartitionRows(status: Status): readonly PartitionRow[] {
  const latest = useRef(status)
  latest.current = status
  const before = useRef<StatusAt | null>(null)
  const [rows, setRows] = useState(() => partitionRows(null, { atMs: 0, lag: status.lag }))
  useEffect(() => {
    const look = () => {
      const now = { atMs: performance.now(), lag: latest.current.lag }
      setRows(partitionRows(before.current, now))
      before.current = now
    }
    look()
    const timer = setInterval(look, lookMs)
    return () => clearInterval(timer)
  }, [])
  return rows
}

const jobTones = {
  waiting: 'quiet',
  active: 'quiet',
  completed: 'good',
  failed: 'trouble',
  unknown: 'quiet',
} as const

function JobList({ jobs }: { jobs: Jobs['jobs'] }) {
  const { zone } = useInstallation()
  if (jobs.length === 0) {
    return (
      <Empty command="curl -X POST …/api/v1/jobs">
        No job has run yet; by schedule, or when somebody asks for one:
      </Empty>
    )
  }
  return (
    <ul class="list">
      {jobs.slice(0, 10).map((job) => (
        <li key={job.id}>
          <Tag tone={jobTones[job.state]}>{job.state}</Tag>
          <b title={job.id}>{jobTitle(job, zone)}</b>
          <span class="quiet small wide">{describeJob(job, zone)}</span>
        </li>
      ))}
    </ul>
  )
}

function ModelList({ models }: { models: readonly Model[] }) {
  const { zone } = useInstallation()
  if (models.length === 0) {
    return <Empty>The first model that wins its back-test is released here.</Empty>
  }
  return (
    <ul class="list">
      {models.slice(0, 6).map((model) => {
        const gain = gainOf(model)
        const { maeWh, naiveMaeWh } = model.metrics
        return (
          <li key={model.id} class="split">
            <div>
              <Tag tone={model.isReleased ? 'good' : 'quiet'}>
                {model.isReleased ? 'released' : 'kept'}
              </Tag>{' '}
              <b>{model.name}</b>
              <small>
                {maeWh !== undefined && naiveMaeWh !== undefined
                  ? `Mean error ${decimal(maeWh, 1)} Wh against ${decimal(naiveMaeWh, 1)} Wh. `
                  : ''}
                {model.kind}, {count(model.meters)} meters, made{' '}
                {clockTime(model.created, zone, true)}.{' '}
                <code title={model.id}>{model.id.slice(0, 10)}</code>
              </small>
            </div>
            <div class="end">
              <b>{gain === null ? '–' : `${percent(gain)} better`}</b>
              <small>than a week before</small>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
