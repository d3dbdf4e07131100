"""APIs with our issuer as their authority, over TLS, under load and through rotations of its keys:
check.py ISSUER API [--dotnet API_DLL] [--node MODULES].

API is ours. One line for each row; exit code 1 when one of them does not hold.
"""
import argparse
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse

here = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(here))
from programs import Program, make_certificate, part

DEADLINE = 240  # seconds, for all of it
SECRET = "worker's secret"
AUDIENCE = "api://orders"
COOLDOWN = 31  # seconds after it has fetched a key set in which jose does not ask again, and ours neither
SETTLING = 3  # seconds of load on either side of a rotation
THREADS = 3  # that load each API
rows = {True: 0, False: 0}


def check(name, holds, seen):
    rows[holds] += 1
    print(f"ok      {name} ({seen})" if holds else f"FAILED  {name}: {seen}", flush=True)


def out_of_time(*_):
    raise TimeoutError(f"not done after {DEADLINE} seconds")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Issuer(Program):
    def __init__(self, work, program):
        self.name = f"https://127.0.0.1:{free_port()}"
        super().__init__("issuer", work, [program, "--Issuer", self.name, "--Urls", self.name, "--Tls:CertificateFile",
                                          "server.pem", "--Tls:KeyFile", "server.key"], {"WORKER_SECRET": SECRET})
        self.tls = ssl.create_default_context(cafile=os.path.join(work, "ca.pem"))

    def request(self, method, path, form=None):
        connection = http.client.HTTPSConnection(urllib.parse.urlsplit(self.name).netloc, context=self.tls)
        with contextlib.closing(connection):
            connection.request(method, path, urllib.parse.urlencode(form or {}),
                               {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def token(self):
        status, body = self.request("POST", "/connect/token", {
            "grant_type": "client_credentials", "client_id": "worker", "client_secret": SECRET, "scope": "orders.read"})
        if status != 200:
            raise ConnectionError(f"no token: {status} {body}")
        return json.loads(body)["access_token"]

    def rotate(self):
        """As soon as the announced key has been announced for long enough; its kid."""
        while True:
            status, body = self.request("POST", "/control/rotate")
            if status == 200:
                return body
            time.sleep(0.1)


class Load:
    """Threads that show each API the newest token there is, and count the answers by the key that signed it."""

    def __init__(self, issuer, apis):
        self.issuer, self.apis = issuer, apis
        self.token = issuer.token()
        self.answers = {api: {} for api in apis}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.renew)]
        self.threads += [threading.Thread(target=self.ask, args=(api,)) for api in apis for _ in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def renew(self):
        while not self.stopping.is_set():
            self.token = self.issuer.token()
            time.sleep(0.02)

    def ask(self, api):
        connection = http.client.HTTPConnection(api.url.netloc)
        while not self.stopping.is_set():
            token = self.token
            connection.request("GET", "/orders", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            with self.lock:
                counts = self.answers[api].setdefault(part(token, 0)["kid"], {})
                counts[answer.status] = counts.get(answer.status, 0) + 1
            time.sleep(0.002)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self.answers


def through(issuer, apis, rotations, not_before):
    """Loads the APIs while the keys rotate so often; the first time not before that instant. A key set that was
    fetched has the next key too: of three rotations in a row one brings a key that has to be asked for."""
    load = Load(issuer, apis)
    try:
        time.sleep(max(SETTLING, not_before - time.monotonic()))
        kids = [issuer.rotate() for _ in range(rotations)]
        time.sleep(SETTLING)
    finally:
        answers = load.stop()
    for api in apis:
        by_key = answers[api]
        name = f"{api.name}: {'two rotations more' if rotations > 1 else 'a rotation'}, every answer 200, under each key"
        holds = all(set(counts) == {200} for counts in by_key.values()) and all(kid in by_key for kid in kids)
        check(name, holds and len(by_key) == rotations + 1, ", ".join(
            f"{status}: {count}" for counts in by_key.values() for status, count in counts.items()))


def apis_of(work, issuer, arguments):
    def start(name, command, environment=None):
        api = Program(name, work, command, environment)
        api.name = name
        return api.wait_until_it_listens()

    yield start("gatehouse", [arguments.api, "--Jwt:Authority", issuer.name, "--Jwt:Audience", AUDIENCE,
                              "--Backchannel:CaFile", "ca.pem", "--Urls", "http://127.0.0.1:0"])
    ca = os.path.join(work, "ca.pem")
    if arguments.node:
        yield start("jose", [shutil.which("node"), os.path.join(here, "api.mjs"), arguments.node, issuer.name, AUDIENCE],
                    {"NODE_EXTRA_CA_CERTS": ca})
    if arguments.dotnet:
        yield start("aspnetcore", [shutil.which("dotnet"), arguments.dotnet, issuer.name, AUDIENCE], {"SSL_CERT_FILE": ca})


def main():
    parser = argparse.ArgumentParser()
    for positional in ("issuer", "api"):
        parser.add_argument(positional, type=os.path.realpath)
    for option in ("--dotnet", "--node"):
        parser.add_argument(option, type=os.path.realpath)
    arguments = parser.parse_args()
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(DEADLINE)
    with contextlib.ExitStack() as stack:
        work = stack.enter_context(tempfile.TemporaryDirectory())
        make_certificate(work)
        issuer = Issuer(work, arguments.issuer)
        stack.callback(issuer.stop)
        issuer.wait_until_it_listens()
        apis = []
        for api in apis_of(work, issuer, arguments):
            stack.callback(api.stop)
            apis.append(api)
        begun = time.monotonic()
        through(issuer, apis, 1, begun)
        # The second key after that is one that nobody has seen yet. ASP.NET Core answers 401 until it has.
        followers = [api for api in apis if api.name != "aspnetcore"]
        through(issuer, followers, 2, begun + COOLDOWN)
        if rows[False]:
            for program in (issuer, *apis):
                print(program.logged()[-2000:], file=sys.stderr)
    print(f"{rows[True]} passed, {rows[False]} failed")
    return 1 if rows[False] else 0


if __name__ == "__main__":
    sys.exit(main())
