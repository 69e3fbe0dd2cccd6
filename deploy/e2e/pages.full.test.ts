import { mkdirSync, mkdtempSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../serving/shapes/events.ts'
import type { SettlementBody } from '../../serving/shapes/settlement.ts'
import { projectRoot } from '../process/runtime.ts'
import { plannedEvents, solarEvent } from '../simulate/plan.ts'
import { type LiveDemo, startLiveDemo } from './liveDemo.ts'
import {
  findFaults,
  goTo,
  type Look,
  launchBrowser,
  looks,
  openTab,
  pageNames,
  whyNoBrowser,
} from './lookAtPage.ts'
import { temporaryDir } from './runDemo.ts'

/**
 * Every page in a real browser, in the middle of an event and after the demo.
 *
 * `WATTPROOF_SCREENSHOTS=docs/pages npx vitest run --project full deploy/e2e/pages` makes the
 * screenshots of the README.
 */
const kept = process.env.WATTPROOF_SCREENSHOTS
// The demo refuses unknown settings.
delete process.env.WATTPROOF_SCREENSHOTS
const folder = kept
  ? path.resolve(projectRoot, kept)
  : mkdtempSync(path.join(os.tmpdir(), 'wattproof-pages-'))

test('there is a browser', (context) => {
  if (whyNoBrowser !== null && !process.env.CI) context.skip(whyNoBrowser)
  expect(whyNoBrowser).toBeNull()
})

describe.runIf(whyNoBrowser === null)('the pages', () => {
  let demo: LiveDemo
  let browser: Browser
  /** The page of the home that the second event paid most, after payment. */
  let home = ''
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    browser = await launchBrowser()
    demo = await startLiveDemo({ dir: temporaryDir() })
    await demo.until(isMidEvent, 'the middle of an event')
    demo.hold()
  }, 420_000)
  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
  })

  describe('during an event', () => {
    test.each(looks)(
      'look right: $name',
      async (look) => {
        expect(await lookAtAll(look, 'during')).toEqual([])
      },
      180_000,
    )

    test('Now shows the progress of the order', async () => {
      const { page, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/now`)
      await page
        .getByText(/(On|Behind|Off) plan/)
        .first()
        .waitFor()
      expect(await page.locator('.figure').textContent()).toMatch(/\d\s%/)
      await close()
    })

    test('a chart is read and zoomed by keys, and the next page has its range', async () => {
      const { page, troubles, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/now`)
      await page.locator('.plot').focus()
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
        await page.keyboard.press(key)
      }
      expect(await page.locator('.legend .when').textContent()).toMatch(
        /^\d\d:\d\d–\d\d:\d\d \(\d\d:\d\d UTC\)$/,
      )
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => location.hash.includes('from='))
      expect(await page.getByRole('link', { name: 'Home' }).getAttribute('href')).toContain('from=')
      await page.keyboard.press('Escape')
      await page.waitForFunction(() => !location.hash.includes('from='))
      expect(troubles).toEqual([])
      await close()
    })

    test('a broken stream shows since when, and recovers', async () => {
      const { page, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/now`)
      const banner = page.getByText('Live data is broken')
      expect(await banner.count()).toBe(0)
      await page.route('**/api/v1/stream', (route) => route.abort())
      await page.reload()
      await banner.waitFor()
      await page.unroute('**/api/v1/stream')
      await banner.waitFor({ state: 'hidden', timeout: 15_000 })
      await close()
    })
  })

  describe('after the demo', () => {
    beforeAll(async () => {
      demo.release()
      await demo.until(areAllPaid, 'all events to be paid')
      home = `/${await findBestPaid(demo)}`
    }, 420_000)

    test.each(looks)(
      'look right: $name',
      async (look) => {
        expect(await lookAtAll(look, 'after')).toEqual([])
      },
      180_000,
    )

    test('Home asks for the token, reports a wrong one, and opens with the right one', async () => {
      const { page, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/home`)
      await page.getByLabel('Token').fill('wrong')
      await page.getByRole('button', { name: 'Open' }).click()
      await page.getByText('This is not the token of this installation.').waitFor()
      await page.getByLabel('Token').fill(demo.token)
      await page.getByRole('button', { name: 'Open' }).click()
      await page.getByText('What you earned').waitFor()
      await close()
    })

    test('a token in the address is removed from it', async () => {
      const { page, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/chain?token=${demo.token}`)
      expect(page.url()).toBe(`${demo.url}/#/chain`)
      await close()
    })

    test('Home checks the proof in the page', async () => {
      const { page, troubles, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/home?token=${demo.token}`)
      await checkProof(page)
      await page
        .getByText(/This installation reads the same root from settlement \d+ on chain, final/)
        .waitFor()
      expect(troubles).toEqual([])
      await close()
    })

    test('a changed reading fails the check, and the page names the part', async () => {
      const { page, close } = await openTab(browser)
      await page.route('**/bundles/**', tamper)
      await goTo(page, `${demo.url}/#/home?token=${demo.token}`)
      await page.getByRole('button', { name: 'Check the proof' }).click()
      await page.getByText(/^Invalid \(readings\)/).waitFor()
      await close()
    })

    test('a reading of Home opens to its versions, and why one counts', async () => {
      const { page, troubles, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/home/MAC000046?token=${demo.token}`)
      await page.getByText('Readings and their history').click()
      const reading = page.locator('table.lines button.plain').first()
      await reading.focus()
      await page.keyboard.press('Enter')
      await page
        .getByRole('region', { name: 'Versions' })
        .getByText('It is the only version.')
        .waitFor()
      expect(await findFaults(page, looks[2])).toEqual([])
      expect(troubles).toEqual([])
      await close()
    })

    test('a home with PV is below zero by day, in its own zone', async () => {
      const { page, troubles, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/home/FONTANA-1?token=${demo.token}`)
      await page.getByText('America/Los_Angeles time').waitFor()
      await page.getByText('Readings and their history').click()
      await page.getByRole('region', { name: 'Readings' }).getByText(/^−/).first().waitFor()
      expect(await findFaults(page, looks[2])).toEqual([])
      for (const name of ['event', 'settlement']) {
        await goTo(page, `${demo.url}/#/${name}/${solarEvent.id}`)
        expect(await findFaults(page, looks[2])).toEqual([])
      }
      expect(troubles).toEqual([])
      await close()
    })

    test('a line of the invoice opens to its readings and its proof', async () => {
      const { page, troubles, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/settlement?token=${demo.token}`)
      await page.locator('table.lines button.plain').first().click()
      for (const name of ['Readings against the baseline', 'Baseline', 'Arithmetic', 'Proof']) {
        await page.getByRole('heading', { name, exact: true }).waitFor()
      }
      await checkProof(page)
      expect(troubles).toEqual([])
      await close()
    })

    test('without the token only totals are shown, no home', async () => {
      const { page, troubles, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/settlement`)
      await page.getByText(/^to \d+ of \d+ meters$/).waitFor()
      await page.getByText(/need the token/).waitFor()
      expect(await page.locator('table.lines').count()).toBe(0)
      await goTo(page, `${demo.url}/#/event`)
      await page.getByText(/needs the token/).waitFor()
      expect(await page.locator('.multiples').count()).toBe(0)
      expect(await page.locator('body').textContent()).not.toMatch(/MAC0/)
      expect(troubles).toEqual([])
      await close()
    })

    test('the chain pays in its token, whatever the currency of a programme', async () => {
      const { page, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/chain`)
      const text = await page.getByRole('region', { name: 'Settlements' }).textContent()
      expect(text).toMatch(/WATT/)
      expect(text).not.toMatch(/[£€$]/)
      await close()
    })

    test('has its first paint within 1.5 s', async () => {
      const { page, close } = await openTab(browser)
      await goTo(page, `${demo.url}/#/now`)
      const paintMs = await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      )
      expect(paintMs).toBeLessThan(1_500)
      await close()
    })
  })

  /** Visits all pages at one size and scheme; returns the faults of each. */
  async function lookAtAll(look: Look, when: 'during' | 'after'): Promise<string[]> {
    const { page, troubles, close } = await openTab(browser, look)
    const faults: string[] = []
    // London's event, since the pages by themselves show the solar one.
    const event = when === 'after' ? `/${plannedEvents.at(-1)!.id}` : ''
    for (const name of pageNames) {
      const id = name === 'home' ? home : name === 'event' || name === 'settlement' ? event : ''
      await goTo(page, `${demo.url}/#/${name}${id}?token=${demo.token}`)
      if (name === 'home' && id) await checkProof(page)
      const found = [...(await findFaults(page, look)), ...troubles.splice(0)]
      faults.push(...found.map((fault) => `${name} (${look.name}): ${fault}`))
      await shoot(page, `${name}-${when}-${look.name}`)
    }
    await close()
    return faults
  }
})

async function checkProof(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Check the proof' }).click()
  await page.getByText(/^Valid: line/).waitFor()
}

async function findBestPaid({ url, token }: LiveDemo): Promise<string> {
  const [event] = plannedEvents.slice(-1)
  const response = await fetch(`${url}/api/v1/events/${event?.id}/settlement`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const { lines = [] } = (await response.json()) as SettlementBody
  const sorted = lines.toSorted((left, right) => Number(right.payMicros) - Number(left.payMicros))
  return sorted[0]?.meter ?? ''
}

/** The README's screenshots are one screen each; the others show the whole page. */
async function shoot(page: Page, name: string): Promise<void> {
  if (kept && !readmePictures.has(name)) return
  const file = path.join(folder, `${name}.png`)
  await page.screenshot({ path: file, fullPage: !kept })
  expect(statSync(file).size).toBeGreaterThan(10_000)
}

const readmePictures = new Set([
  'now-during-wall-light',
  'now-during-wall-dark',
  'event-during-wall-light',
  'event-after-wall-light',
  'settlement-after-wall-light',
  'home-after-wall-light',
  'chain-after-wall-light',
  'pipeline-after-wall-light',
  'now-during-phone-dark',
  'home-after-phone-light',
])

/** Two hours into the second event: the first is settled, so that every page has something. */
function isMidEvent(events: readonly Event[], nowMs: number): boolean {
  return (
    events.length === 3 &&
    events.some(({ state, start }) => state === 'running' && nowMs >= Date.parse(start) + 7_200_000)
  )
}

function areAllPaid(events: readonly Event[]): boolean {
  return events.length === 3 && events.every(({ state }) => state === 'paid')
}

async function tamper(route: Parameters<Parameters<Page['route']>[1]>[0]): Promise<void> {
  const response = await route.fetch()
  const bundle = (await response.json()) as { member: { readings: { energyMwh: number }[] } }
  bundle.member.readings[0]!.energyMwh += 1
  await route.fulfill({ response, json: bundle })
}
