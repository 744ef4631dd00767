"""The page of `detente explore` in a browser: python3 tests/explore/browser.py PROGRAM [PICTURES]

Debian's chromium is driven by chromedriver; nothing but the standard library is needed. Waits are
long, so that a busy machine does not fail. Pictures are kept in a folder, if one is named.
"""

import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 240
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB, ENTER, HOME, SPACE, RIGHT = "\ue004", "\ue007", "\ue011", " ", "\ue014"


class Browser:
    """One window of chromium."""

    def __init__(self):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                port = line.split("port")[-1].strip(" .\n")
                self.base = f"http://127.0.0.1:{port}"
                break
        options = {
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1600",
                     "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"],
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        found = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.base += f"/session/{found['sessionId']}"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.read().decode()[:600]}")

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        body = {"script": script, "args": list(arguments)}
        return self.call("POST", "/execute/sync", body)

    def wait(self, what, script):
        """Waits until a script gives something."""
        for _ in range(PATIENCE * 10):
            found = self.run(script)
            if found:
                return found
            time.sleep(0.1)
        self.picture("failed")
        told = self.run("return [document.getElementById('status').textContent, "
                        "document.getElementById('problem').textContent].join(' | ')")
        sys.exit(f"{what}: not within {PATIENCE} s; the page says {told}")

    def keys(self, *keys):
        """Presses keys where the focus is."""
        steps = []
        for key in keys:
            steps += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        action = {"type": "key", "id": "keyboard", "actions": steps}
        self.call("POST", "/actions", {"actions": [action]})

    def tab_to(self, what, script):
        """Moves the focus by the Tab key alone, until a script says that it is there."""
        for _ in range(200):
            if self.run(f"const e = document.activeElement; return {script}"):
                return
            self.keys(TAB)
        sys.exit(f"{what} cannot be reached by the Tab key")

    def click(self, selector):
        found = self.call("POST", "/element", {"using": "css selector", "value": selector})
        self.call("POST", f"/element/{found[ELEMENT]}/click", {})

    def look(self, scheme, width, height=1600):
        """The colours and the width of the page."""
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        for command, values in [("setEmulatedMedia", media), ("setDeviceMetricsOverride", size)]:
            body = {"cmd": f"Emulation.{command}", "params": values}
            self.call("POST", "/goog/cdp/execute", body)

    def picture(self, name):
        if PICTURES:
            shot = self.call("GET", "/screenshot")
            (PICTURES / f"{name}.png").write_bytes(base64.b64decode(shot))

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def close(self):
        self.call("DELETE", "")
        self.driver.terminate()


def need(truth, what):
    if not truth:
        sys.exit(what)
    print(f"ok: {what}")


# Notes every change of a text, so that the order of frames is seen.
WATCH = """
window.seen = [];
for (const id of ['runs', 'claims-runs']) {
  const note = () => {
    const runs = parseInt(document.getElementById(id).textContent);
    const last = window.seen.filter((s) => s[0] === id).pop();
    if (runs && !(last && last[1] === runs)) window.seen.push([id, runs]);
  };
  new MutationObserver(note).observe(document.getElementById(id),
    { childList: true, characterData: true, subtree: true });
  note();
}
"""
DONE = "return /^4096 runs of/.test(document.getElementById('status').textContent)"
FLIPPED = ("const e = document.querySelector('[data-claim=costs_restrain].flip');"
           "return e && e.textContent")


def sliders(page):
    page.wait("first outcomes", "return document.querySelector('[data-figure=outcomes] svg')")
    page.run(WATCH)
    page.wait("all runs", DONE)
    verdict = page.run("return document.querySelector('[data-claim=costs_restrain] .verdict').textContent")
    need(verdict == "supported", "the claim is supported as the file has it")
    page.picture("light")
    page.look("dark", 1280)
    page.picture("dark")
    page.look("light", 400, 2400)
    page.picture("narrow")
    wide = page.run("return document.documentElement.scrollWidth <= 400")
    need(wide, "at 400 pixels nothing has to be scrolled sideways")
    page.look("light", 1280)
    page.run("document.getElementById('tab-results').focus(); window.seen = []")
    page.run("document.activeElement.blur()")
    page.tab_to("the slider", "e.type === 'range' && e.closest('[data-key=pledge]')")
    page.keys(HOME)
    page.wait("the claim flips", FLIPPED)
    need("was supported" in page.run(FLIPPED), "a key on a slider turns the verdict, and it is marked")
    page.keys(RIGHT, RIGHT, HOME)
    page.wait("all runs", DONE)
    for kind in ["runs", "claims-runs"]:
        order = [runs for found, runs in page.run("return window.seen") if found == kind]
        # frames that come together are shown as the last of them
        need(order[-1] == 4096, f"the last frame counts: {order}")
    need(any(found == "runs" and runs < 4096 for found, runs in page.run("return window.seen")),
         "frames are shown as they come")
    page.picture("flipped")
    arms = "return [...document.getElementById('versus').options].map((o) => o.value)"
    need(page.run(arms) == ["now", "as loaded"], "the scenario as loaded is played beside")
    page.run("document.activeElement.blur()")
    page.tab_to("the pin", "e.id === 'pin'")
    page.keys(ENTER)
    page.wait("the pin is an arm", arms.replace("return ", "return (") + ").includes('pin 1')")
    page.tab_to("the variant", "e.dataset.variant === 'no_guarantee'")
    page.keys(SPACE)
    page.wait("the variant is an arm", arms.replace("return ", "return (") + ").includes('no_guarantee')")
    page.wait("all runs", DONE)
    page.picture("arms")
    page.run("document.activeElement.blur()")
    page.tab_to("as in the file", "e.id === 'reset'")
    page.keys(ENTER)
    page.wait("as in the file", arms.replace("return ", "return (") + ").join() === 'base'")


def text(page):
    page.tab_to("the tabs", "e.getAttribute('role') === 'tab'")
    page.keys(RIGHT)
    page.tab_to("the text", "e.id === 'source'")
    page.run("const s = document.getElementById('source');"
             "const k = s.value.indexOf('commitment + 0.1'); s.setSelectionRange(k, k)")
    page.keys("x")
    mark = "const m = document.querySelector('#marks mark.error'); return m && m.textContent"
    word = page.wait("a mark", mark)
    need(word == "xcommitment", f"the mistake is underlined: {word}")
    excerpt = page.run("return document.getElementById('excerpts').textContent")
    need("^^^" in excerpt and "did you mean" in excerpt, "it has a caret and a repair")
    page.picture("mistake")
    page.keys("\ue003")
    page.wait("no mark", "return !document.querySelector('#marks mark')")
    page.run("const s = document.getElementById('source');"
             "const k = s.value.indexOf('0.9 * tension'); s.setSelectionRange(k + 2, k + 3)")
    page.keys("4")
    page.wait("what the edit changes", "return document.querySelector('#changes [data-outcome=clash]')")
    page.wait("all runs", DONE)
    difference = page.run("return document.querySelector('#changes [data-outcome=clash]').innerText")
    need("−" in difference or "-" in difference, f"paired differences: {difference!r}")
    page.picture("edit")


def keep(page, folder, program):
    page.run("document.getElementById('tab-keep').click()")
    page.run("const n = document.getElementById('save-name'); n.value = 'mine';"
             "n.form.requestSubmit()")
    page.wait("saved", "return document.getElementById('saved').textContent === 'mine.toml written'")
    check = subprocess.run([program, "check", "mine.toml"], cwd=folder, capture_output=True)
    need(check.returncode == 0 and b"mine.toml" in check.stdout, "what was saved is sound")
    page.run("document.getElementById('save-name').form.requestSubmit()")
    page.wait("refused", "return document.getElementById('saved').textContent.includes('exists')")
    page.run("document.getElementById('report-name').form.requestSubmit()")
    page.wait("a report", "return document.getElementById('reported').textContent.endsWith('written')")
    page.picture("keep")
    page.open((folder / "guarantee-report.html").as_uri())
    need(page.run("return document.querySelectorAll('svg.figure').length") > 3,
         "the report opens from disk")
    page.call("POST", "/back", {})
    page.wait("first outcomes", "return document.querySelector('[data-figure=outcomes] svg')")
    page.run("document.getElementById('tab-results').click()")
    page.run("const bars = [...document.querySelectorAll('#figures rect[data-outcome=pressure]')];"
             "const tall = (bar) => bar.getBoundingClientRect().height;"
             "bars.sort((a, b) => tall(b) - tall(a))[0].setAttribute('data-tallest', '')")
    page.click("#figures rect[data-tallest]")
    page.wait("a run", "return document.querySelector('#timeline svg') &&"
              "!document.getElementById('run').hidden")
    need(True, "a click on a bar shows a run that ends there")
    page.picture("run")


def quiet(page, host):
    wrong = [e["message"] for e in page.log("browser") if e["level"] == "SEVERE"]
    # answers that are refusals on purpose are errors to the console
    wrong = [text for text in wrong if "422" not in text]
    need(not wrong, f"no error in the console: {wrong}")
    sent = [json.loads(entry["message"])["message"] for entry in page.log("performance")]
    sent = [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]
    away = [url for url in sent if not url.startswith((host, "file://"))]
    need(sent and not away, f"no request leaves: {len(sent)} to the program, others {away}")


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="detente-browser-"))
    shutil.copy(HERE / "guarantee.toml", folder)
    served = subprocess.Popen([program, "explore", "guarantee.toml", "--no-browser"], cwd=folder,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = served.stdout.readline().strip()
    page = Browser()
    try:
        page.look("light", 1280)
        page.open(address)
        sliders(page)
        text(page)
        keep(page, folder, program)
        quiet(page, address.split("#")[0])
    finally:
        page.close()
        served.terminate()
        shutil.rmtree(folder)


PICTURES = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
if PICTURES:
    PICTURES.mkdir(parents=True, exist_ok=True)
main()
