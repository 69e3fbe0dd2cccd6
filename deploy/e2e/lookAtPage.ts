import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'

const browserPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** Null where there is a browser. */
export const whyNoBrowser = existsSync(browserPath)
  ? null
  : `No Chromium at ${browserPath}: install it, or say where with CHROMIUM_PATH.`

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
}

export const pageNames = ['now', 'event', 'settlement', 'home', 'chain', 'pipeline'] as const

export const looks = [
  { name: 'phone-light', width: 390, height: 844, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, height: 844, colorScheme: 'dark' },
  { name: 'wall-light', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'wall-dark', width: 1280, height: 900, colorScheme: 'dark' },
] as const
export type Look = (typeof looks)[number]

/** A browser tab of one size and colour scheme, and its errors. */
export type Tab = {
  readonly page: Page
  readonly troubles: string[]
  close(): Promise<void>
}

export async function openTab(browser: Browser, look: Look = looks[2]): Promise<Tab> {
  const { width, height, colorScheme } = look
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('console', (message) => {
    // A settlement that does not exist yet is answered 409, which a browser logs as an error.
    const isAnswer = /the server responded with a status of 409/.test(message.text())
    if (message.type() === 'error' && !isAnswer) troubles.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`thrown: ${error.stack ?? error.message}`))
  return { page, troubles, close: () => context.close() }
}

/** Opens a page and waits until its data are shown. */
export async function goTo(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.locator('main h1').waitFor()
  await page.waitForFunction(() => document.querySelectorAll('main .loading').length === 0)
  // A chart is drawn in the frame after its response.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(null))))
}

const words = /\b(NaN|undefined|null|Infinity|Invalid Date|\[object)\b/

/** The faults of the page as shown, one sentence each. */
export async function findFaults(page: Page, look: Look): Promise<string[]> {
  const faults: string[] = []
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  if (width > look.width) faults.push(`${width} px wide on ${look.width}`)
  const text = (await page.locator('body').textContent()) ?? ''
  const odd = words.exec(text)
  if (odd)
    faults.push(`says ${odd[0]}: …${text.slice(Math.max(0, odd.index - 60), odd.index + 20)}`)
  const { violations } = await new AxeBuilder({ page }).analyze()
  for (const { id, impact, nodes } of violations) {
    if (impact !== 'serious' && impact !== 'critical') continue
    faults.push(`axe ${id} (${impact}): ${nodes.map(({ html }) => html).join(' | ')}`)
  }
  return faults
}
