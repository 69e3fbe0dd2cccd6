#!/usr/bin/env node
// The sources are TypeScript. Newer Node runs them as they are; older Node gets tsx in between.
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api')
  register()
}
await import('./cli.ts')
