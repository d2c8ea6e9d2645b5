// Takes screenshots of a running demo: node screenshot.mjs ADDRESS FOLDER [SECONDS TO SETTLE]
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

const [address, folder, settle = "0"] = process.argv.slice(2);
const STARTUP_MS = 180_000;
const KETTLE_BEFORE_END_S = 45;
const PLAN_SETTLES_MS = 45_000;

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

// What people set on the second page: a car by the sun, one at once, and two with a goal.
const WISHES = [
  ["select", "select_option", { option: "sun_hybrid" }, "select.garage_1_connector_1_follow_the_sun"],
  ["switch", "turn_on", {}, "switch.garage_3_connector_1_force_charge"],
  ["number", "set_value", { value: 12 }, "number.garage_2_connector_1_target_energy"],
  ["switch", "turn_on", {}, "switch.garage_2_connector_1_plan_charging"],
  ["number", "set_value", { value: 8 }, "number.yard_1_connector_1_target_energy"],
  ["switch", "turn_on", {}, "switch.yard_1_connector_1_plan_charging"],
];

async function wish(page) {
  for (const [domain, action, data, entity] of WISHES) {
    await page.evaluate(
      ([domain, action, data, entity_id]) =>
        document
          .querySelector("home-assistant")
          .hass.callService(domain, action, data, { entity_id }),
      [domain, action, data, entity],
    );
  }
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
  const page = await browser.newPage({
    viewport: { width: 1720, height: 1300 },
    timezoneId: "Europe/Paris", // of the demo's site
  });
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
  await page.screenshot({ path: `${folder}/demo.png`, animations: "disabled" });
  await wish(page);
  await page.goto(`${address}/headroom-demo/1`);
  await page.locator("hui-tile-card").first().waitFor();
  await sleep(PLAN_SETTLES_MS);
  await page.screenshot({ path: `${folder}/when-and-why.png`, animations: "disabled" });
} finally {
  await browser.close();
}
