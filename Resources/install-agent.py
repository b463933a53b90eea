"""Downloads one agent into a directory, as `ags update-agents` asks (docs/agents.md).

Runs in a throwaway container that can write only that directory:

  python3 -I - wheel    DIRECTORY AGE INSTALLED PACKAGE FOLDER PROGRAM
  python3 -I - releases DIRECTORY AGE INSTALLED ADDRESS

AGE is how many seconds old a release must be; INSTALLED the version that is there, or
empty. Lines on standard output: `progress DONE TOTAL`, `version V`, `unchanged V`,
`failed REASON`. Nothing of what is downloaded is executed.
"""

import base64
import datetime
import email.utils
import hashlib
import http.client
import json
import os
import platform
import re
import shutil
import stat
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib

# What anything larger than is a mistake or an attack.
LARGEST_INDEX = 64 << 20
LARGEST_DOWNLOAD = 1 << 30
LARGEST_UNPACKED = 4 << 30
MOST_ENTRIES = 200_000
TIMEOUT = 30
DEFAULT_INDEX = "https://pypi.org/simple"
BROKEN = (OSError, http.client.HTTPException)
# The user and password of the index, by its host: its files may want them too.
logins = {}


class Failure(Exception):
    pass


def say(*words):
    print(*words, flush=True)


def opened(address, accept="*/*"):
    """A response. A user and password in the address become a header."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("https", "http"):
        raise Failure(f"the address {shown(address)} is not a web address")
    host = parts.netloc.rpartition("@")[2]
    if parts.username is not None:
        pair = urllib.parse.unquote(parts.username) + ":"
        pair += urllib.parse.unquote(parts.password or "")
        logins[host] = "Basic " + base64.b64encode(pair.encode()).decode()
    request = urllib.request.Request(
        urllib.parse.urlunsplit(parts._replace(netloc=host)),
        headers={"Accept": accept, "User-Agent": "ags"})
    if host in logins:
        # Not sent on where the answer leads to another host.
        request.add_unredirected_header("Authorization", logins[host])
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        raise Failure(f"{shown(address)} answered {error.code}") from None
    except BROKEN + (ValueError,) as error:
        reason = getattr(error, "reason", error)
        raise Failure(f"{shown(address)} cannot be reached: {reason}") from None


def shown(address):
    """The address without user and password."""
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path


def body(response, limit, address):
    try:
        content = response.read(limit + 1)
    except BROKEN as error:
        raise Failure(f"{shown(address)} broke off: {error}") from None
    if len(content) > limit:
        raise Failure(f"{shown(address)} sent more than {limit >> 20} MiB")
    return content


def read_json(address, accept="application/json"):
    response = opened(address, accept)
    try:
        return json.loads(body(response, LARGEST_INDEX, address)), response.headers
    except (ValueError, RecursionError):
        raise Failure(f"{shown(address)} did not answer in JSON") from None


def download(address, file, sha256, mode=0o644):
    """Into a new file, which is removed again if its hash is another one."""
    response = opened(address)
    total = int(response.headers.get("Content-Length") or 0)
    digest, done, told = hashlib.sha256(), 0, 0
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as output:
        while True:
            try:
                chunk = response.read(1 << 20)
            except BROKEN as error:
                raise Failure(f"{shown(address)} broke off: {error}") from None
            if not chunk:
                break
            done += len(chunk)
            if done > LARGEST_DOWNLOAD:
                raise Failure(f"{shown(address)} is larger than {LARGEST_DOWNLOAD >> 20} MiB")
            digest.update(chunk)
            output.write(chunk)
            if total and done - told >= total // 50:
                told = done
                say("progress", done, total)
    if digest.hexdigest() != sha256.lower():
        os.unlink(file)
        raise Failure(f"{shown(address)} is not what its hash says: nothing of it is used")


def when(text):
    """A moment in ISO 8601, or nothing."""
    try:
        moment = datetime.datetime.fromisoformat(str(text).strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)


def is_old_enough(moment, age):
    if age == 0:
        return True
    if moment is None:
        return False
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now - moment).total_seconds() >= age


def order(version):
    """A key for final releases; nothing for all others."""
    match = re.fullmatch(r"(\d+(?:\.\d+)*)(?:\.post(\d+))?", version)
    if not match:
        return None
    return [int(part) for part in match[1].split(".")], int(match[2] or -1)


def runs_here(tag):
    """Whether a wheel's platform tag is for this machine and its C library."""
    machine = platform.machine()
    if tag in ("any", f"linux_{machine}"):
        return True
    library, version = platform.libc_ver()
    old = {"manylinux1": "2_5", "manylinux2010": "2_12", "manylinux2014": "2_17"}
    name, _, rest = tag.partition("_")
    if name in old:
        tag = f"manylinux_{old[name]}_{rest}"
    match = re.fullmatch(r"(many|musl)linux_(\d+)_(\d+)_(.+)", tag)
    if not match or match[4] != machine:
        return False
    if match[1] == "musl":
        return library != "glibc"
    if library != "glibc":
        return False
    have = re.match(r"(\d+)\.(\d+)", version)
    return have is not None and (int(match[2]), int(match[3])) <= (int(have[1]), int(have[2]))


def choose(package, files, age):
    """The newest wheel of a final release that is for this machine and old enough."""
    prefix = re.sub(r"[-_.]+", "_", package).lower()
    found, young, undated = [], 0, 0
    for file in files:
        parts = str(file.get("filename", "")).removesuffix(".whl").split("-")
        if not str(file.get("filename", "")).endswith(".whl") or len(parts) not in (5, 6):
            continue
        key = order(parts[1])
        if key is None or file.get("yanked") or parts[0].lower() != prefix:
            continue
        if not any(runs_here(tag) for tag in parts[-1].split(".")):
            continue
        moment = when(file.get("upload-time"))
        if not is_old_enough(moment, age):
            undated += moment is None
            young += moment is not None
            continue
        found.append((key, parts[1], file))
    if found:
        return max(found, key=lambda entry: entry[0])[1:]
    if undated:
        raise Failure(
            f"the index does not say when {package} was published, so its age is not known "
            "(minimum_release_age = 0 takes it anyway)")
    if young:
        raise Failure(f"every release of {package} is younger than minimum_release_age")
    raise Failure(f"the index has no wheel of {package} for this machine")


def unpack(archive, folder, directory):
    """Only what is below `folder`; nothing that is not a plain file below it."""
    total = 0
    with zipfile.ZipFile(archive) as wheel:
        entries = wheel.infolist()
        if len(entries) > MOST_ENTRIES:
            raise Failure(f"the wheel has more than {MOST_ENTRIES} entries")
        for entry in entries:
            parts = entry.filename.rstrip("/").split("/")
            kind = stat.S_IFMT(entry.external_attr >> 16)
            is_plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
            if not is_plain or "\\" in entry.filename or {"", ".", ".."} & set(parts):
                raise Failure(f"the wheel has an entry that is not a plain file: {parts[-1]!r}")
            total += entry.file_size
            if total > LARGEST_UNPACKED:
                raise Failure(f"the wheel unpacks to more than {LARGEST_UNPACKED >> 20} MiB")
        for entry in entries:
            if entry.is_dir() or not entry.filename.startswith(folder + "/"):
                continue
            target = os.path.join(directory, *entry.filename.split("/"))
            os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
            mode = 0o755 if (entry.external_attr >> 16) & 0o100 else 0o644
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with wheel.open(entry) as source, open(descriptor, "wb") as output:
                shutil.copyfileobj(source, output, 1 << 20)


def wheel(directory, age, installed, package, folder, program):
    index = os.environ.get("PIP_INDEX_URL") or DEFAULT_INDEX
    address = f"{index.rstrip('/')}/{package}/"
    listing, _ = read_json(address, "application/vnd.pypi.simple.v1+json")
    if not isinstance(listing, dict) or not isinstance(listing.get("files"), list):
        raise Failure(f"{shown(address)} is not an index of packages")
    version, file = choose(package, [f for f in listing["files"] if isinstance(f, dict)], age)
    if version == installed:
        say("unchanged", version)
        return
    hashes = file.get("hashes")
    sha256 = hashes.get("sha256") if isinstance(hashes, dict) else None
    if not isinstance(sha256, str):
        raise Failure(f"the index has no SHA-256 of {package} {version}")
    archive = os.path.join(directory, ".download")
    download(urllib.parse.urljoin(address, str(file.get("url", ""))), archive, sha256)
    try:
        unpack(archive, folder, directory)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise Failure(f"the wheel of {package} cannot be unpacked: {error}") from None
    os.unlink(archive)
    path = os.path.join(directory, program)
    if not os.path.isfile(path):
        raise Failure(f"there is no {program} in {package} {version}")
    os.chmod(path, 0o755)
    say("version", version)


def releases(directory, age, installed, address):
    """The vendor's own downloads: the newest of two channels that is old enough."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if machine is None:
        raise Failure(f"there is no release for {platform.machine()}")
    name = f"linux-{machine}" + ("" if platform.libc_ver()[0] == "glibc" else "-musl")
    for channel in ("latest", "stable"):
        response = opened(f"{address}/{channel}")
        version = body(response, 1 << 10, address).decode("utf-8", "replace").strip()
        if not re.fullmatch(r"\d+\.\d+\.\d+", version):
            raise Failure(f"{shown(address)}/{channel} names no version")
        manifest, headers = read_json(f"{address}/{version}/manifest.json")
        entry = manifest.get("platforms", {}).get(name) if isinstance(manifest, dict) else None
        if not isinstance(entry, dict) or not isinstance(entry.get("checksum"), str):
            raise Failure(f"release {version} has no download for {name}")
        moment = when(manifest.get("buildDate"))
        if moment is None and headers.get("Last-Modified"):
            moment = email.utils.parsedate_to_datetime(headers["Last-Modified"])
        if not is_old_enough(moment, age):
            continue
        if version == installed:
            say("unchanged", version)
            return
        os.makedirs(os.path.join(directory, "bin"), mode=0o755)
        binary = os.path.join(directory, "bin", "claude")
        download(f"{address}/{version}/{name}/claude", binary, entry["checksum"], 0o755)
        say("version", version)
        return
    raise Failure("the vendor's releases are younger than minimum_release_age")


def main():
    os.umask(0o022)
    kind, directory, age, installed, *rest = sys.argv[1:]
    try:
        {"wheel": wheel, "releases": releases}[kind](directory, int(age), installed, *rest)
    except Failure as failure:
        say("failed", failure)
        sys.exit(1)
    except OSError as error:
        say("failed", f"cannot write the agent's directory: {error}")
        sys.exit(1)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        say("failed", f"what was answered makes no sense: {error}")
        sys.exit(1)


main()
