"""An OAuth 2 authorization server for public clients with PKCE (RFC 6749, RFC 7636).

  authorization-server.py ADDRESS FOLDER

The page of the login is served on the loopback interface, for the user's browser; the token
endpoint on ADDRESS, for a client in the sandbox. The bases of both go into FOLDER/server as
lines, and what happened into FOLDER/server.log.

The login page submits itself, as a user would who is logged in already. `login_hint` says how
the user behaves: "nobody" never answers, "refuses" sends an error back; with "wrong-state" and
"wrong-path" the server sends the browser somewhere else.
"""
import base64
import hashlib
import html
import http.server
import json
import os
import secrets
import sys
import threading
import urllib.parse

codes = {}
lock = threading.Lock()


def log(*words):
    with lock, open(os.path.join(sys.argv[2], "server.log"), "a", encoding="utf-8") as file:
        print(*words, file=file)


def redirect(query):
    """Where the user's answer sends the browser."""
    hint = query.get("login_hint", "")
    answer = {"state": query["state"]} if "state" in query else {}
    if hint == "refuses":
        answer["error"] = "access_denied"
    else:
        answer["code"] = secrets.token_urlsafe(16)
        codes[answer["code"]] = query
    target = urllib.parse.urlsplit(query["redirect_uri"])
    if hint == "wrong-state":
        answer["state"] = "guessed"
    if hint == "wrong-path":
        target = target._replace(path="/elsewhere")
    return urllib.parse.urlunsplit(target._replace(query=urllib.parse.urlencode(answer)))


def redeem(form):
    """The answer to a request for a token: status and body."""
    query = codes.pop(form.get("code"), None)
    if query is None:
        return 400, {"error": "invalid_grant", "error_description": "no such code"}
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != query.get("code_challenge"):
        return 400, {"error": "invalid_grant", "error_description": "wrong verifier"}
    for name in ("redirect_uri", "client_id"):
        if form.get(name) != query[name]:
            return 400, {"error": "invalid_grant", "error_description": f"another {name}"}
    return 200, {"access_token": "made-token", "token_type": "Bearer", "expires_in": 3600,
                 "scope": query.get("scope", "")}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, kind, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path != "/authorize" or query.get("code_challenge_method") != "S256":
            return self.answer(404, "text/plain", b"no such page")
        log("authorize", query["redirect_uri"], query.get("state", "-"))
        script = "" if query.get("login_hint") == "nobody" else (
            "<script>document.forms[0].submit()</script>")
        page = (f"<!doctype html><title>login</title><form method=post action='/consent'>"
                f"<input name=query value='{html.escape(url.query)}'></form>{script}")
        return self.answer(200, "text/html", page.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body))
        if self.path == "/consent":
            target = redirect(dict(urllib.parse.parse_qsl(form["query"])))
            log("consent", urllib.parse.urlsplit(target)._replace(query="").geturl())
            return self.answer(303, "text/plain", b"", Location=target)
        if self.path == "/token":
            status, answer = redeem(form)
            log("token", status, answer.get("error_description", ""))
            return self.answer(status, "application/json", json.dumps(answer).encode())
        return self.answer(404, "text/plain", b"no such page")

    def log_message(self, *_):
        pass


def serve(address):
    server = http.server.ThreadingHTTPServer((address, 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    return f"http://{address}:{server.server_address[1]}"


bases = [serve("127.0.0.1"), serve(sys.argv[1])]
name = os.path.join(sys.argv[2], "server")
with open(name + ".new", "w", encoding="utf-8") as file:
    print(*bases, sep="\n", file=file)
os.rename(name + ".new", name)
