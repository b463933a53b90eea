"""What an agent may try on the sockets of its sandbox. Prints one line for each attempt.

  hostile.py COMMAND [ARGUMENT…]

  replace                what could be changed in /run/ags, which is nothing
  approve                every request that approvals.sock would take, on the sockets there are
  garbage                lines that are no requests
  flood NAME COUNT       COUNT connections to NAME.sock that say nothing: how many were let in
  line NAME BYTES        a line of BYTES bytes
  slow NAME              a byte a second
  half NAME COUNT        connections that end their own side at once
  forward PORT…          streams to ports of the host
  deaf NAME              asks and never reads, 1000 times over one connection
  agent                  every kind of request to the ssh agent: which are not refused
"""
import glob
import json
import os
import resource
import socket
import struct
import sys
import time

FOLDER = "/run/ags"


def connect(name, patience=20):
    connection = socket.socket(socket.AF_UNIX)
    # With a time limit it would not wait for its turn to be accepted.
    connection.connect(f"{FOLDER}/{name}.sock")
    connection.settimeout(patience)
    return connection


def read_all(connection):
    """What comes until the other side closes; "…" at the end if it does not."""
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
    except ConnectionError:
        pass
    except TimeoutError:
        answer += "…".encode()
    return answer.decode().strip().replace("\n", "|")


def ask(name, line, patience=20):
    with connect(name, patience) as connection:
        try:
            connection.sendall(line + b"\n")
        except ConnectionError:
            pass
        return read_all(connection)


def code(answer):
    """The code of an error, else the answer itself."""
    try:
        return json.loads(answer.split("|")[-1])["error"]["code"]
    except (KeyError, TypeError, ValueError):
        return answer or "closed"


def frame(**members):
    return json.dumps({"v": 1, **members}).encode()


def replace():
    for path in sorted(glob.glob(f"{FOLDER}/*.sock")):
        attempts = {
            "unlink": lambda: os.unlink(path), "rename": lambda: os.rename(path, path + "x"),
            "replace": lambda: os.rename("/tmp/own.sock", path),
            "bind": lambda: socket.socket(socket.AF_UNIX).bind(f"{FOLDER}/other.sock"),
            "chmod": lambda: os.chmod(path, 0o777), "link": lambda: os.symlink("/tmp", path + "y")}
        own = socket.socket(socket.AF_UNIX)
        own.bind("/tmp/own.sock")
        for attempt, run in attempts.items():
            try:
                run()
                print("could", attempt, path)
            except OSError:
                pass
        os.unlink("/tmp/own.sock")
    for folder, _, names in os.walk("/", onerror=lambda _: None):
        if "approvals.sock" in names and not folder.startswith("/proc"):
            print("found", folder)
    print("sockets", *sorted(os.path.basename(path) for path in glob.glob(f"{FOLDER}/*.sock")))


def approve():
    for name in ("open", "relay"):
        for members in ({"type": "list"}, {"type": "watch"},
                        {"type": "answer", "id": "1", "decision": "allow"},
                        {"type": "callback", "url": "http://localhost:9999/callback?code=x"},
                        {"type": "ask", "question": {}}):
            print(name, members["type"], code(ask(name, frame(**members))))


def garbage():
    lines = [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"v":2,"type":"control"}', b'{"v":1}',
             b'{"v":1,"type":"open"}', b'{"v":1,"type":"open","url":7}', b"[" * 100_000,
             b'{"v":1,"type":"open","url":"http://e.example","url":"http://f.example"}',
             b'{"v":1,"type":"register","port":0,"base":""}',
             b'{"v":1,"type":"register","port":65536,"base":""}',
             b'{"v":1,"type":"stream","id":"guessed"}', b"GET / HTTP/1.1\r"]
    for name in ("open", "relay"):
        for line in lines:
            answer = code(ask(name, line))
            if answer == "closed" or "…" in answer or "{" in answer:
                print("odd", name, line[:40], answer[:200])
    print("told")


def still_open(connections):
    """Those that the other side has not closed; reading one says so."""
    kept = []
    for connection in connections:
        try:
            connection.recv(4096)
            connection.close()
        except BlockingIOError:
            kept.append(connection)
        except ConnectionError:
            connection.close()
    return kept


def flood(name, count):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    held = []
    for _ in range(int(count)):
        connection = connect(name)
        connection.setblocking(False)
        held.append(connection)
        if len(held) >= 500:
            held = still_open(held)
    time.sleep(1)
    print("held", len(still_open(held)), flush=True)


def line(name, size):
    sent = 0
    block = b"x" * (1 << 20)
    with connect(name) as connection:
        try:
            connection.sendall(b'{"v":1,"type":"open","url":"')
            while sent < int(size):
                connection.sendall(block)
                sent += len(block)
        except (ConnectionError, TimeoutError):
            pass
        print("line", code(read_all(connection)), "all taken" if sent >= int(size) else "given up")


def slow(name):
    with connect(name) as connection:
        began = time.monotonic()
        try:
            while time.monotonic() - began < 40:
                connection.sendall(b" ")
                time.sleep(1)
        except ConnectionError:
            pass
        print("slow", code(read_all(connection)))


def half(name, count):
    connections = [connect(name) for _ in range(int(count))]
    for connection in connections:
        connection.shutdown(socket.SHUT_WR)
    left = [answer for answer in map(read_all, connections) if "…" in answer]
    print("half", len(left), "left")


def forward(*ports):
    for port in ports:
        print("forward", port, code(ask("relay", frame(type="forward", port=int(port)))))


def deaf(name):
    request = frame(type="audit", event="guard-refusal", text="x" * 1000) + b"\n"
    with connect(name, 5) as connection:
        try:
            for _ in range(1000):
                connection.sendall(request)
        except (ConnectionError, TimeoutError):
            pass
    print("deaf")


def agent():
    for kind in range(256):
        with connect("ssh", 5) as connection:
            # A request for the list has nothing but its kind.
            rest = b"" if kind == 11 else struct.pack(">I", 4) + b"none" + bytes(8)
            body = bytes([kind]) + rest
            connection.sendall(struct.pack(">I", len(body)) + body)
            try:
                answer = connection.recv(5)
            except ConnectionError:
                answer = b""
        # 5 is the protocol's failure; a connection that is closed says the same.
        if answer and answer[4] != 5:
            print("answered", kind, "by", answer[4])
    for head in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x00\x10\x00\x00\x0b"):
        with connect("ssh", 15) as connection:
            connection.sendall(head)
            connection.shutdown(socket.SHUT_WR)
            if read_all(connection).endswith("…"):
                print("left open", head)
    print("agent told")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
