"""Headless Chromium, driven over its debugging pipe.

  browser.py REPORT SECONDS URL…

Shows each URL in one browser, one after the other, each in a tab that stays open, and waits
until its title is "done" or the time is up. REPORT, written at the end, is a JSON list of what
each page was then: its url, title, text, images by width, cookies, and `window.report` if it
has one. Anything kept in the browser's profile is gone afterwards.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

LOOK = """({url: location.href, title: document.title, text: document.body?.innerText,
  images: [...document.images].map(image => image.naturalWidth), cookies: document.cookie,
  report: window.report})"""


class Browser:
    def __init__(self, profile):
        there, self.out = os.pipe()
        self.input, here = os.pipe()
        arguments = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                     "--no-first-run", "--disable-background-networking", "--no-proxy-server",
                     "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                     "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        # The pipe is descriptors 3 and 4 of the browser, whatever they are here.
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" 3<&{there} 4>&{here}', "sh", *arguments],
            pass_fds=(there, here), stdin=subprocess.DEVNULL)
        os.close(there)
        os.close(here)
        self.buffer = b""
        self.number = 0

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.buffer:
                part = os.read(self.input, 1 << 16)
                if not part:
                    raise SystemExit("the browser is gone")
                self.buffer += part
            line, _, self.buffer = self.buffer.partition(b"\0")
            answer = json.loads(line)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def look(self, session):
        try:
            answer = self.call("Runtime.evaluate", session, expression=LOOK, returnByValue=True)
            return answer["result"].get("value") or {}
        except RuntimeError:
            # Between two pages there is nothing to look at.
            return {}

    def show(self, url, deadline):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable", session)
        failure = self.call("Page.navigate", session, url=url).get("errorText")
        page = self.look(session)
        while page.get("title") != "done" and time.monotonic() < deadline:
            time.sleep(0.05)
            page = self.look(session)
        # Images come after the title.
        while 0 in page.get("images", []) and time.monotonic() < deadline:
            time.sleep(0.05)
            page = self.look(session)
        return {**page, "failure": failure}


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
with tempfile.TemporaryDirectory(
        dir=os.path.dirname(os.path.abspath(sys.argv[1])), ignore_cleanup_errors=True) as folder:
    browser = Browser(folder)
    try:
        end = time.monotonic() + float(sys.argv[2])
        pages = [browser.show(url, end) for url in sys.argv[3:]]
        with open(sys.argv[1] + ".new", "w", encoding="utf-8") as file:
            json.dump(pages, file)
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        browser.call("Browser.close")
        browser.process.wait(10)
    finally:
        browser.process.kill()
        browser.process.wait()
