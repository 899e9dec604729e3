// Runs Lighthouse on pages: node lighthouse.mjs BROWSER ADDRESS… Each line of standard output is one result, as JSON.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const [chromePath, ...addresses] = process.argv.slice(2);
const onlyCategories = ["performance", "accessibility", "best-practices", "seo"];
const desktop = {
  extends: "lighthouse:default",
  settings: {
    formFactor: "desktop",
    screenEmulation: { mobile: false, width: 1350, height: 940, deviceScaleFactor: 1, disabled: false },
    throttling: { rttMs: 40, throughputKbps: 10_240, cpuSlowdownMultiplier: 1 },
  },
};
const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"] });
try {
  for (const address of addresses) {
    for (const [form, config] of [["mobile", undefined], ["desktop", desktop]]) {
      const options = { port: chrome.port, output: "json", logLevel: "error", onlyCategories };
      const { lhr: { audits, categories } } = await lighthouse(address, options, config);
      const scores = Object.values(categories).map(({ id, score }) => [id, Math.round(100 * score)]);
      const failed = onlyCategories.slice(1).flatMap((id) => categories[id].auditRefs).map((ref) => audits[ref.id])
        .filter(({ score, scoreDisplayMode }) => score !== null && score < 1 && scoreDisplayMode !== "informative");
      console.log(JSON.stringify({
        address, form, ...Object.fromEntries(scores),
        requests: audits["network-requests"].details.items.filter(({ url }) => !url.startsWith("data:")).length,
        kb: audits["total-byte-weight"].numericValue / 1024,
        shift: audits["cumulative-layout-shift"].numericValue,
        blocked: audits["total-blocking-time"].numericValue,
        painted: audits["largest-contentful-paint"].numericValue,
        failed: failed.map(({ id, details }) => [id, details?.items?.[0]?.node?.snippet ?? ""]),
      }));
    }
  }
} finally {
  await chrome.kill();
}
