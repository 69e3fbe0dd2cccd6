import { expect, test } from 'vitest'
import { readProcessTable } from '../supervise/processTable.ts'
import { ask, startLiveUp } from './liveUp.ts'
import { goTo, launchBrowser, openTab, pageNames, type Tab, whyNoBrowser } from './lookAtPage.ts'
import { temporaryDir } from './runDemo.ts'
import { startTrickle } from './trickle.ts'

/**
 * Every page in a real browser, open while ClickHouse is stopped under a trickle of readings: each
 * shows since when it is old, and no longer does once another has taken its place.
 */
const saysOldMsMax = 15_000
const freshMsMax = 120_000

test('a page whose data are old says since when, until they are not', async (context) => {
  if (whyNoBrowser !== null && !process.env.CI) context.skip(whyNoBrowser)
  const up = await startLiveUp(temporaryDir())
  const browser = await launchBrowser()
  try {
    const trickle = await startTrickle(up)
    const tabs = await Promise.all(
      pageNames.map(async (name) => {
        const tab = await openTab(browser)
        await goTo(tab.page, `${up.url}/#/${name}?token=${up.token}`)
        return { name, ...tab }
      }),
    )
    expect(await sentences(tabs)).toEqual(pageNames.map(() => null))

    process.kill(readProcessTable(up.dir).clickhouse!.pid, 'SIGSTOP')
    await Promise.all(tabs.map(({ page }) => oldSince(page).waitFor({ timeout: saysOldMsMax })))
    const { oldSince: sinceIso } = JSON.parse((await ask(up, '/api/v1/status')).body)
    // A London clock, as the meter's zone is.
    const at = new Date(sinceIso).toLocaleTimeString('en-GB', {
      ...{ timeZone: 'Europe/London', hour: '2-digit', minute: '2-digit' },
    })
    const said = `As of ${at}: a store does not answer`
    expect(await sentences(tabs)).toEqual(pageNames.map(() => ({ said, sinceIso })))

    // Nobody continues it: it is killed, and another takes its place.
    const isOver = { state: 'hidden', timeout: freshMsMax } as const
    await Promise.all(tabs.map(({ page }) => oldSince(page).waitFor(isOver)))
    expect(JSON.parse((await ask(up, '/api/v1/status')).body).oldSince).toBeNull()
    await trickle.stop()
    for (const { page, name } of tabs) {
      const flow = page.locator('.foot')
      await expect
        .poll(() => flow.textContent(), { message: name, timeout: freshMsMax })
        .toContain(`of ${trickle.acknowledged().length}`)
    }
  } finally {
    await browser.close()
    await up.stop()
  }
}, 420_000)

/** In the head of a page. */
function oldSince(page: Tab['page']) {
  return page.locator('.page-head [role=status]')
}

async function sentences(tabs: readonly Tab[]) {
  return Promise.all(
    tabs.map(async ({ page }) => {
      const sentence = oldSince(page)
      if ((await sentence.count()) === 0) return null
      return { said: await sentence.textContent(), sinceIso: await sentence.getAttribute('title') }
    }),
  )
}
