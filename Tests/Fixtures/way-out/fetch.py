"""What another program of the same machine can do, and a user on another one.

  fetch.py get URL…        prints the status and the first words of each answer, or `failed`
  fetch.py consent URL     says yes on the login page of authorization-server.py and prints
                           where the browser is sent
  fetch.py many URL COUNT  COUNT requests at once over connections of their own: how many were
                           answered with 200
  fetch.py large URL       a head that does not end, up to 1 GB
  fetch.py slow URL        a head of a byte a second, until it is given up
"""
import concurrent.futures
import http.client
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)


def address(url):
    """Where a browser connects to: any name below localhost is this machine."""
    parts = urllib.parse.urlsplit(url)
    host = "127.0.0.1" if parts.hostname.endswith("localhost") else parts.hostname
    return host, parts


def fetch(url, data=None):
    host, parts = address(url)
    target = parts._replace(netloc=f"[{host}]:{parts.port}" if ":" in host
                            else f"{host}:{parts.port}").geturl()
    request = urllib.request.Request(target, data, {"Host": parts.netloc})
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def get(*urls):
    for url in urls:
        try:
            status, body, _ = fetch(url)
            print(status, body[:60].decode(errors="replace").replace("\n", " "))
        except (OSError, http.client.HTTPException):
            print("failed")


def consent(url):
    parts = urllib.parse.urlsplit(url)
    form = urllib.parse.urlencode({"query": parts.query}).encode()
    print(fetch(parts._replace(path="/consent", query="").geturl(), form)[2]["Location"])


def many(url, count):
    def one(_):
        try:
            return fetch(url)[0]
        except (OSError, http.client.HTTPException):
            return 0
    with concurrent.futures.ThreadPoolExecutor(int(count)) as pool:
        print(sum(status == 200 for status in pool.map(one, range(int(count)))))


def open_head(url):
    host, parts = address(url)
    connection = http.client.HTTPConnection(host, parts.port, timeout=20)
    connection.connect()
    connection.sock.sendall(b"GET /callback HTTP/1.1\r\nX-Head: ")
    return connection


def last_words(connection):
    try:
        return connection.sock.recv(100).split(b"\r\n")[0].decode()
    except OSError:
        return ""


def large(url):
    connection, sent = open_head(url), 0
    try:
        while sent < 1 << 30:
            connection.sock.sendall(b"x" * (1 << 20))
            sent += 1 << 20
    except OSError:
        pass
    print("large", "all taken" if sent >= 1 << 30 else "given up", last_words(connection))


def slow(url):
    connection, began = open_head(url), time.monotonic()
    try:
        while time.monotonic() - began < 60:
            connection.sock.sendall(b"x")
            time.sleep(1)
    except OSError:
        print("slow given up")
        return
    print("slow never given up")


globals()[sys.argv[1]](*sys.argv[2:])
