import type { RowSetName } from './rowSets.ts'

/**
 * Row sets that are dropped by partition, with what names one: runs of the batch layer, which are
 * inserted once, and months of the speed view (`201302`).
 */
export const partitionedBy = {
  batch_deviation: ['day', 'run'],
  batch_group: ['day', 'run'],
  batch_baseline: ['run'],
  batch_forecast: ['run'],
  batch_group_forecast: ['run'],
  manifest: ['run'],
  speed_deviation: ['month'],
  speed_group: ['month'],
} as const satisfies Partial<Record<RowSetName, readonly PartitionKey[]>>

export type PartitionKey = 'day' | 'run' | 'month'
export type PartitionedRowSetName = keyof typeof partitionedBy
export const liveRowSets = ['speed_deviation', 'speed_group'] as const
export const runRowSets = [
  'batch_deviation',
  'batch_group',
  'batch_baseline',
  'batch_forecast',
  'batch_group_forecast',
  'manifest',
] as const satisfies readonly Exclude<PartitionedRowSetName, (typeof liveRowSets)[number]>[]
