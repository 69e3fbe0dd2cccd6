// One line for the whole run. In CI nothing may be skipped: a real engine that is missing is a failure.
import { readFileSync } from 'node:fs'

/** Enough to say why, at the end of the log, where it is seen. */
function beginningOf(message) {
  return message.split('\n').slice(0, 12).join('\n')
}

let [passed, failed, skipped] = [0, 0, 0]
for (const file of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests + report.numTodoTests
  for (const suite of report.testResults) {
    if (suite.status === 'failed' && suite.assertionResults.length === 0) {
      failed++
      console.error(`failed: ${suite.name}\n${beginningOf(suite.message)}`)
    }
    for (const each of suite.assertionResults) {
      if (each.status === 'failed') {
        console.error(`failed: ${each.fullName}\n${beginningOf(each.failureMessages.join('\n'))}`)
      }
      if (each.status === 'pending' || each.status === 'skipped') {
        console.error(`skipped: ${each.fullName}`)
      }
    }
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 || (process.env.CI && skipped > 0) ? 1 : 0
