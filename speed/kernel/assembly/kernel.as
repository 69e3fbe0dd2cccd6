export * from './deviation'
