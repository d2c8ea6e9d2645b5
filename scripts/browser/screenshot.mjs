// Takes a screenshot of a running demo: node screenshot.mjs ADDRESS FILE [SECONDS TO SETTLE]
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

const [address, file, settle = "0"] = process.argv.slice(2);
const STARTUP_MS = 180_000;
const KETTLE_BEFORE_END_S = 45;

async function answers(deadline) {
  while (Date.now() < deadline) {
    try {
      await fetch(`${address}/manifest.json`);
      return;
    } catch {
      await sleep(500);
    }
  }
  throw new Error(`${address} does not answer`);
}

async function opened(page, deadline) {
  while (Date.now() < deadline) {
    await page.goto(address);
    try {
      await page.waitForURL(/headroom-demo/, { timeout: 10_000 });
      return;
    } catch {
      // The dashboard is made a moment after Home Assistant answers.
    }
  }
  throw new Error("the dashboard does not open");
}

const deadline = Date.now() + STARTUP_MS;
await answers(deadline);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: 1720, height: 1300 } });
  await opened(page, deadline);
  await page.locator("hui-tile-card").first().waitFor();
  const wait = Number(settle);
  if (wait > KETTLE_BEFORE_END_S) {
    await sleep((wait - KETTLE_BEFORE_END_S) * 1000);
    await fetch("http://127.0.0.1:8780/kettle", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ zone: "building", phase: "L2", amps: 30, seconds: 120 }),
    });
    await sleep(KETTLE_BEFORE_END_S * 1000);
  }
  await page.screenshot({ path: file, animations: "disabled" });
} finally {
  await browser.close();
}
