import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
const A = "http://127.0.0.1:8323";
const browser = await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"]});
const page = await browser.newPage({viewport:{width:1720,height:1300},timezoneId:"Europe/Paris"});
page.on("pageerror", e => console.log("PAGEERROR", e.message));
page.on("console", m => { if (m.type()==="error") console.log("CONSOLE", m.text().slice(0,300)); });
await page.goto(A); await page.waitForURL(/headroom-demo/,{timeout:60000});
await page.locator("hui-tile-card").first().waitFor();
await page.screenshot({path:"/tmp/walk/p0.png"});
for (const n of [1,2,3,4]) { await page.goto(`${A}/headroom-demo/${n}`); await sleep(6000); await page.screenshot({path:`/tmp/walk/p${n}.png`}); }
const states = await page.evaluate(() => Object.values(document.querySelector("home-assistant").hass.states).map(s=>[s.entity_id,s.state]));
const fs = await import("node:fs"); fs.writeFileSync("/tmp/walk/states.json", JSON.stringify(states));
await browser.close();
