"""A program that logs its user in as command line tools do, for inside the sandbox.

  login-client.py PAGE TOKEN ADDRESS NAME PORT [HINT]

PAGE and TOKEN are the bases of authorization-server.py. Listens on ADDRESS (0 is any PORT),
calls itself NAME in the redirect URI, opens the page with $BROWSER, and prints what came as
lines: each request, then `token` or what went wrong. Its success page is reached by a redirect
to itself and has an image.
"""
import base64
import hashlib
import http.server
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

page, token, address, name, port = sys.argv[1:6]
hint = sys.argv[6] if len(sys.argv) > 6 else ""
state = secrets.token_urlsafe(12)
verifier = secrets.token_urlsafe(48)
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
found = {}
answered = threading.Event()
finished = threading.Event()
IMAGE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    "rkJggg==")


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, kind, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        print("request", url.path, flush=True)
        if url.path == "/callback":
            if query.get("state") != state:
                print("wrong state", flush=True)
                return self.answer(400, "text/plain", b"wrong state")
            found.update(query)
            self.answer(302, "text/plain", b"", Location="/success")
            return answered.set()
        if url.path == "/success":
            return self.answer(
                200, "text/html", b"<!doctype html><title>done</title>logged in"
                b"<img src='/logo.png'>")
        if url.path == "/logo.png":
            self.answer(200, "image/png", IMAGE)
            return finished.set()
        return self.answer(404, "text/plain", b"no such page")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ":" in address else socket.AF_INET


server = Server((address, int(port)), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
redirect = f"http://{name}:{server.server_address[1]}/callback"
print("redirect", redirect, flush=True)
query = {"response_type": "code", "client_id": "made-client", "redirect_uri": redirect,
         "state": state, "code_challenge": challenge.decode(), "code_challenge_method": "S256"}
if hint:
    query["login_hint"] = hint
opened = subprocess.run(
    [os.environ["BROWSER"], f"{page}/authorize?{urllib.parse.urlencode(query)}"],
    stderr=subprocess.PIPE, text=True, check=False)
print("opened", opened.returncode, opened.stderr.strip().replace("\n", "|"), flush=True)
if opened.returncode != 0:
    sys.exit(3)
if not answered.wait(float(os.environ.get("PATIENCE", "60"))):
    print("nothing came")
    sys.exit(4)
# A browser fetches the page and its image; a user who pastes the answer does not.
finished.wait(3)
if "code" not in found:
    print("error", found.get("error"))
    sys.exit(5)
form = {"grant_type": "authorization_code", "code": found["code"], "redirect_uri": redirect,
        "client_id": "made-client", "code_verifier": verifier}
try:
    with urllib.request.urlopen(
            f"{token}/token", urllib.parse.urlencode(form).encode(), timeout=20) as answer:
        print("token", json.load(answer)["access_token"])
except urllib.error.HTTPError as error:
    print("refused", error.read().decode())
    sys.exit(6)
