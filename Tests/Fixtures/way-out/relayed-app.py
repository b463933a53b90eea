"""A web app of the sandbox.

  relayed-app.py PORT NAME

Its page, below any base path, uses only root-absolute addresses. It loads a script, a style
and an image, echoes over a WebSocket (RFC 6455), counts server-sent events, downloads and
uploads 200 MB, echoes over 100 WebSockets at once, and leaves a cookie and an item of NAME;
`window.report` is what came of each. Then its title is "done".

  /connections   how many connections this app has seen
  /bytes?N       N bytes
"""
import base64
import hashlib
import http.server
import json
import sys
import threading
import urllib.parse

name = sys.argv[2]
BLOCK = bytes(range(256)) * 256
PAGE = f"""<!doctype html><title>{name}</title><link rel=stylesheet href=/style.css>
<h1>{name}</h1><img src=/logo.png><script src=/app.js></script>"""
SCRIPT = """
const size = 200 << 20;
function echo(text) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/echo`);
    socket.onopen = () => socket.send(text);
    socket.onmessage = event => { socket.close(); resolve(event.data); };
    socket.onerror = () => reject(new Error("no WebSocket"));
  });
}
function events() {
  return new Promise((resolve, reject) => {
    const source = new EventSource("/events"), seen = [];
    source.onmessage = event => {
      if (seen.push(event.data) == 5) { source.close(); resolve(seen.join()); }
    };
    source.onerror = () => reject(new Error("no events"));
  });
}
async function download() {
  let count = 0;
  for await (const part of (await fetch(`/bytes?${size}`)).body) count += part.length;
  return count;
}
async function upload() {
  const part = new Uint8Array(1 << 20).fill(7);
  const body = new Blob(Array(size >> 20).fill(part));
  return (await fetch("/upload", {method: "POST", body})).text();
}
async function parallel() {
  const texts = await Promise.all([...Array(100).keys()].map(n => echo(`number ${n}`)));
  return new Set(texts).size;
}
async function reused() {
  const before = +await (await fetch("/connections")).text();
  for (let n = 0; n < 20; n++) await (await fetch("/bytes?10")).arrayBuffer();
  return +await (await fetch("/connections")).text() - before;
}
(async () => {
  const seen = {cookies: document.cookie, item: localStorage.getItem("app")};
  document.cookie = "app=NAME; path=/";
  localStorage.setItem("app", "NAME");
  const report = {seen, style: getComputedStyle(document.querySelector("h1")).color};
  const steps = location.hash == "#short" ? {echo: () => echo("hello")}
    : {echo: () => echo("hello"), events, download, upload, parallel, reused};
  for (const [step, run] of Object.entries(steps)) {
    try { report[step] = await run(); } catch (error) { report[step] = `${error}`; }
  }
  window.report = report;
  document.title = "done";
})();
""".replace("NAME", name)
IMAGE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    "rkJggg==")
FILES = {"/style.css": ("text/css", b"h1 { color: rgb(1, 2, 3) }"),
         "/app.js": ("text/javascript", SCRIPT.encode()), "/logo.png": ("image/png", IMAGE)}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, kind, body, length=None):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/connections":
            self.answer("text/plain", str(self.server.connections).encode())
        elif url.path == "/bytes":
            left = int(url.query)
            self.answer("application/octet-stream", b"", left)
            while left:
                left -= self.wfile.write(BLOCK[:left])
        elif url.path == "/events":
            self.events()
        elif url.path == "/echo":
            self.echo()
        else:
            self.answer(*FILES.get(url.path, ("text/html", PAGE.encode())))

    def do_POST(self):
        left = int(self.headers["Content-Length"])
        count = 0
        while count < left:
            part = self.rfile.read1(min(left - count, 1 << 16))
            if not part:
                break
            count += part.count(7)
        self.answer("text/plain", str(count).encode())

    def events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(100):
            self.wfile.write(f"data: {number}\n\n".encode())
            self.server.pause.wait(0.02)

    def echo(self):
        """Sends each message back; the browser's are short and never in parts."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header(
            "Sec-WebSocket-Accept",
            base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        while True:
            head = self.rfile.read(2)
            if len(head) < 2:
                return
            length = head[1] & 127
            mask = self.rfile.read(4)
            body = bytes(
                byte ^ mask[index % 4] for index, byte in enumerate(self.rfile.read(length)))
            # A message, or the closing one, as it came.
            self.wfile.write(bytes([head[0], length]) + body)
            if head[0] & 15 == 8:
                return

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    connections = 0
    pause = threading.Event()
    request_queue_size = 200

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        pass


print(json.dumps({"app": name, "port": int(sys.argv[1])}), flush=True)
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
