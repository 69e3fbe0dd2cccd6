export * from './deviation'
export * from './slots'
export * from './band'
