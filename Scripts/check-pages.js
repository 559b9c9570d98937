// Uses pages in a headless browser as a user would, by day and by night, and takes a picture of each.
// Usage: node check-pages.js BROWSER FOLDER USE NAME… — FOLDER/NAME.html are the pages, USE the script that uses one. Its
// value is the list of what failed. The browser is driven through its pipe (--remote-debugging-pipe), so nothing depends
// on how fast the machine is: each step waits for the one before.
"use strict";
const { spawn } = require("child_process");
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("fs");
const { tmpdir } = require("os");
const { join } = require("path");
const { pathToFileURL } = require("url");

const [program, folder, use, ...names] = process.argv.slice(2);
const seconds = 120;  // For one page.

class Browser {
  constructor(program, profile) {
    this.process = spawn(program, [
      "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking",
      "--disable-component-update", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe", `--user-data-dir=${profile}`,
    ], { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
    this.log = "";
    this.waiting = new Map();
    this.listeners = [];
    this.process.stderr.on("data", data => { this.log += data; });
    this.process.on("exit", code => this.fail(new Error(`the browser ended with status ${code}: ${this.log.slice(-2000)}`)));
    this.process.on("error", error => this.fail(error));
    this.process.stdio[3].on("error", error => this.fail(error));
    let rest = "";
    this.process.stdio[4].setEncoding("utf8").on("data", data => {
      const messages = (rest + data).split("\0");
      rest = messages.pop();
      for (const message of messages) this.receive(JSON.parse(message));
    });
  }
  fail(error) {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
  receive({ id, method, params, result, error }) {
    if (id === undefined) return this.listeners.forEach(listener => listener(method, params));
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) reject(new Error(error.message)); else resolve(result);
  }
  send(method, params = {}, sessionId) {
    const id = this.sent = (this.sent || 0) + 1;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    });
  }
}

// What is wrong with one page in one theme.
async function failures(browser, name, theme) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const found = [];
  const size = height => send("Emulation.setDeviceMetricsOverride", { width: 1400, height, deviceScaleFactor: 1, mobile: false });
  let loaded;
  const load = new Promise(resolve => { loaded = resolve; });
  browser.listeners = [(method, params) => {
    if (method === "Page.loadEventFired") loaded();
    if (method === "Runtime.exceptionThrown") {
      found.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    }
    if (method === "Log.entryAdded" && params.entry.level === "error") found.push(params.entry.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "assert"].includes(params.type)) {
      found.push(params.args.map(argument => argument.value ?? argument.description).join(" "));
    }
  }];
  for (const domain of ["Page", "Runtime", "Log"]) await send(`${domain}.enable`);
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }] });
  await size(1000);
  await send("Page.navigate", { url: pathToFileURL(join(folder, `${name}.html`)).href });
  await load;
  const used = await send("Runtime.evaluate", { expression: readFileSync(use, "utf8"), awaitPromise: true, returnByValue: true });
  if (used.exceptionDetails) found.push(used.exceptionDetails.exception?.description ?? used.exceptionDetails.text);
  else found.push(...used.result.value);
  await size(1800);
  const { data } = await send("Page.captureScreenshot", { format: "png" });
  writeFileSync(join(folder, `${name}-${theme}.png`), Buffer.from(data, "base64"));
  await browser.send("Target.closeTarget", { targetId });
  return found;
}

async function main() {
  const profile = mkdtempSync(join(tmpdir(), "check-pages-"));
  const browser = new Browser(program, profile);
  let status = 0;
  try {
    for (const theme of ["light", "dark"]) {
      for (const name of names) {
        let timer;
        const late = new Promise((_, reject) => {
          timer = setTimeout(() => reject(new Error(`no end after ${seconds} s`)), 1000 * seconds);
        });
        const found = await Promise.race([failures(browser, name, theme), late]).catch(error => [error.message]);
        clearTimeout(timer);
        for (const what of found) console.error(`check-pages: ${name}, ${theme}: ${what}`);
        if (found.length > 0) status = 1;
      }
    }
  } finally {
    browser.process.removeAllListeners("exit");
    const ended = new Promise(resolve => browser.process.once("exit", resolve));
    if (browser.process.kill("SIGKILL")) await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
  return status;
}

main().then(status => process.exit(status), error => { console.error(`check-pages: ${error.message}`); process.exit(1); });
