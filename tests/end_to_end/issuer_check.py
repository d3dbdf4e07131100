"""An issuer (`gatehouse serve`) and an API behind it (`payments`), over TLS, walked through as users, clients and
operators would. Usage: issuer_check.py GATEHOUSE PAYMENTS. One line a step; exit code 0 when all of them hold.

Nothing sleeps for a fixed time: what has to become true is asked for again until it is, for half a minute at most.
"""
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

PASSWORD = "a violin under seven umbrellas"
PATIENCE = 30


class Check:
    """Counts what holds and what does not, and remembers every secret that was seen."""

    def __init__(self):
        self.steps = self.failed = 0
        self.secrets = {PASSWORD}

    def that(self, name, wanted, seen):
        self.steps += 1
        if wanted == seen:
            print(f"ok      {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}: expected {wanted!r}, saw {seen!r}", flush=True)

    def until(self, name, wanted, ask):
        end = time.monotonic() + PATIENCE
        seen = ask()
        while seen != wanted and time.monotonic() < end:
            seen = ask()
        self.that(name, wanted, seen)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def make_certificates(folder):
    """A CA of this run, and a certificate of 127.0.0.1 by it."""
    run = lambda *words: subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=check",
        "-addext", "basicConstraints=critical,CA:TRUE")
    run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
    (folder / "server.cnf").write_text("subjectAltName=IP:127.0.0.1\n")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "server.cnf", "-out", "server.pem")


class Server:
    """One of ours, started; its output is kept for the search for secrets."""

    def __init__(self, folder, name, command, environment):
        self.log = folder / f"{name}.log"
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self.log.open("wb"), stderr=subprocess.STDOUT)
        end = time.monotonic() + PATIENCE
        while "listening on" not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{name} did not start:\n{self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=PATIENCE)


class Client:
    """Asks over TLS, believing only the CA of this run."""

    def __init__(self, folder):
        self.trust = ssl.create_default_context(cafile=folder / "ca.pem")

    def send(self, method, url, body=None, token=None, as_json=False):
        """(status, headers, body), the body read when it is JSON."""
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(parts.netloc, context=self.trust, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if as_json:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        elif body is not None:
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urlencode(body)
        connection.request(method, parts.path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        is_json = "json" in (response.getheader("Content-Type") or "")
        return response.status, response.headers, json.loads(text) if is_json and text else text


class Flow:
    """What is done to the two servers, each step by whom it is of."""

    def __init__(self, check, client, issuer, api, gatehouse, folder, environment):
        self.check, self.client, self.issuer, self.api = check, client, issuer, api
        self.gatehouse, self.folder, self.environment = gatehouse, folder, environment
        self.api_secret = ""

    def operate(self, *words, text=""):
        """(exit code, standard output) of the command line."""
        ran = subprocess.run([self.gatehouse, *words, "--socket", self.folder / "admin.sock"], input=text,
                             capture_output=True, text=True, env=self.environment, check=False)
        return ran.returncode, ran.stdout.strip()

    def set_up(self):
        code, _ = self.operate("client", "add", "shop", "--public", "--first-party", "--grant", "refresh_token",
                               "--scope", "payments.read", "--scope", "payments.write", "--audience", self.api)
        self.check.that("an operator adds a client for the app", 0, code)
        code, self.api_secret = self.operate("client", "add", "payments", "--grant", "client_credentials", "--scope",
                                             "gatehouse.feed", "--audience", self.api, "--introspect")
        self.check.secrets.add(self.api_secret)
        self.check.that("and one for the API, whose secret is shown once", True,
                        code == 0 and self.api_secret.startswith("gcs_"))
        code, _ = self.operate("user", "add", "ada@example.com", "--role", "Customer", text=PASSWORD)
        self.check.that("and a user", 0, code)

    def log_in(self):
        status, _, body = self.client.send("POST", f"{self.issuer}/login", as_json=True,
                                           body={"email": "ada@example.com", "password": PASSWORD})
        if status != 200:
            sys.exit(f"no login: {status} {body}")
        self.check.secrets |= {body["accessToken"], body["refreshToken"]}
        return body["accessToken"], body["refreshToken"]

    def refresh(self, token):
        status, headers, body = self.client.send(
            "POST", f"{self.issuer}/connect/token",
            {"grant_type": "refresh_token", "client_id": "shop", "refresh_token": token})
        if status == 200:
            self.check.secrets |= {body["access_token"], body["refresh_token"]}
        return status, headers.get("Gatehouse-Refresh"), body

    def introspect(self, token):
        _, _, body = self.client.send("POST", f"{self.issuer}/connect/introspect",
                                      {"token": token, "client_id": "payments", "client_secret": self.api_secret})
        return body.get("active")

    def pay(self, token):
        return self.client.send("POST", f"{self.api}/payments", token=token)[0]

    def balance(self, token):
        return self.client.send("GET", f"{self.api}/balance", token=token)[0]

    def where(self, token):
        """How the two endpoints and introspection see a token."""
        return self.balance(token), self.pay(token), self.introspect(token)

    def refresh_and_replay(self):
        check = self.check
        access, first = self.log_in()
        check.until("a login's access token is good everywhere", (200, 200, True), lambda: self.where(access))
        status, how, body = self.refresh(first)
        check.that("a refresh gives new tokens", (200, "rotated"), (status, how))
        second, newer = body["refresh_token"], body["access_token"]
        status, how, body = self.refresh(first)
        check.that("the old refresh token gives the same successor within grace", (200, "retry", second),
                   (status, how, body.get("refresh_token")))
        check.that("both access tokens are good", [(200, 200, True)] * 2, [self.where(access), self.where(newer)])

        def replay():
            status, _, body = self.refresh(first)
            return status, body.get("error"), body.get("gh_reason"), body.get("reauth_required")

        check.until("after grace it is a replay", (400, "invalid_grant", "replay", True), replay)
        status, _, body = self.refresh(second)
        check.that("which ends the session: the newest is refused too", (400, "revoked"),
                   (status, body.get("gh_reason")))
        check.until("its access tokens are refused where that is demanded, and good elsewhere until they expire",
                    [(200, 401, False)] * 2, lambda: [self.where(access), self.where(newer)])

    def rotate(self):
        check = self.check
        before, refresh_token = self.log_in()
        keys = lambda: {key["kid"] for key in self.client.send("GET", f"{self.issuer}/.well-known/jwks.json")[2]["keys"]}
        announced = keys()
        check.until("the announced key is rotated to, once every reader has had it", 0,
                    lambda: self.operate("key", "rotate")[0])
        after, _ = self.log_in()
        # `token show` asks no issuer, and has no --socket.
        kid = lambda token: json.loads(subprocess.run([self.gatehouse, "token", "show"], input=token, text=True,
                                                      capture_output=True, check=True).stdout)["header"]["kid"]
        check.that("new tokens are signed by another key, which was published before", (True, True),
                   (kid(before) != kid(after), kid(after) in announced))
        check.that("both are published", True, {kid(before), kid(after)} <= keys())
        check.that("tokens of both are good everywhere", [(200, 200, True)] * 2,
                   [self.where(before), self.where(after)])
        status, how, _ = self.refresh(refresh_token)
        check.that("a session from before goes on", (200, "rotated"), (status, how))

    def log_out(self):
        check = self.check
        access, refresh_token = self.log_in()
        other, _ = self.log_in()
        status, _, _ = self.client.send("POST", f"{self.issuer}/logout", as_json=True,
                                        body={"refreshToken": refresh_token})
        check.that("a logout", 204, status)
        status, _, body = self.refresh(refresh_token)
        check.that("ends the session", (400, "revoked"), (status, body.get("gh_reason")))
        check.until("and its tokens, where that is demanded", (200, 401, False), lambda: self.where(access))
        check.that("and nobody else's", (200, 200, True), self.where(other))

    def operate_on_users(self):
        check = self.check
        access, refresh_token = self.log_in()
        check.that("an operator signs a user out", 0, self.operate("user", "logout", "ada@example.com")[0])
        check.that("whose sessions end", 400, self.refresh(refresh_token)[0])
        check.until("with their tokens, where that is demanded", (200, 401, False), lambda: self.where(access))
        code, token = self.operate("token", "create", "--client", "shop", "--user", "ada@example.com", "--scope",
                                   "payments.read payments.write", "--ca-file", str(self.folder / "ca.pem"), "--check",
                                   f"{self.api}/balance")
        check.secrets.add(token)
        check.that("a token for trying is proven at the API before it is shown", (0, 200), (code, self.balance(token)))
        code, shown = self.operate("token", "create", "--client", "shop", "--user", "ada@example.com", "--scope",
                                   "payments.write", "--ca-file", str(self.folder / "ca.pem"), "--check",
                                   f"{self.api}/balance")
        check.that("and one that the API refuses is not shown", (1, ""), (code, shown))
        check.that("the audit log is whole", 0, self.operate("audit", "verify")[0])


def search_for_secrets(check, folder):
    """In the database, its log of writes and what the servers said."""
    files = [path for path in folder.iterdir() if path.name.startswith("issuer.db") or path.suffix == ".log"]
    octets = {path.name: path.read_bytes() for path in files}
    found = sorted({name for name, text in octets.items() for secret in check.secrets if secret.encode() in text})
    check.that(f"{len(check.secrets)} secrets of this run are in none of {len(files)} files", [], found)
    # Half of one would be a leak as well.
    ends = {secret[-24:] for secret in check.secrets if len(secret) >= 32}
    found = sorted({name for name, text in octets.items() for end in ends if end.encode() in text})
    check.that("nor is the end of one", [], found)


def main():
    gatehouse, payments = (str(Path(word).resolve()) for word in sys.argv[1:])
    check = Check()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificates(folder)
        (folder / "wrapping.key").write_text(os.urandom(32).hex())
        (folder / "wrapping.key").chmod(0o600)
        check.secrets.add((folder / "wrapping.key").read_text())
        issuer, api = (f"https://127.0.0.1:{free_port()}" for _ in range(2))
        tls = {"CertificateFile": "server.pem", "KeyFile": "server.key"}
        (folder / "gatehouse.json").write_text(json.dumps({
            "Urls": issuer, "Tls": tls,
            "Issuer": {"Url": issuer, "Store": str(folder / "issuer.db"), "WrappingKeys": ["file:wrapping.key"],
                       "AdminSocket": str(folder / "admin.sock"), "DefaultClient": "shop",
                       "Sessions": {"Grace": "1s", "GraceMaxUses": 1000},
                       # As short as the inequalities of the key ring allow.
                       "Keys": {"Announce": "10s", "Active": "1h", "Retain": "2h", "Poll": "1s", "MaxAge": "1s",
                                "Refresh": "1s", "ClockSkew": "1s"}}}))
        environment = {"PATH": "/usr/bin:/bin", "HOME": name, "XDG_STATE_HOME": str(folder / "state")}
        for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE"):
            if variable in os.environ:
                environment[variable] = os.environ[variable]
        server = Server(folder, "issuer", [gatehouse, "serve"], environment)
        flow = Flow(check, Client(folder), issuer, api, gatehouse, folder, environment)
        flow.set_up()
        shop = Server(folder, "payments", [payments, f"--Jwt:Authority={issuer}", f"--Jwt:Audience={api}",
                                           f"--Urls={api}", "--Tls:CertificateFile=server.pem",
                                           "--Tls:KeyFile=server.key", f"--Backchannel:CaFile={folder / 'ca.pem'}"],
                      environment | {"Payments__ClientId": "payments", "Payments__ClientSecret": flow.api_secret})
        flow.refresh_and_replay()
        flow.rotate()
        flow.log_out()
        flow.operate_on_users()
        check.that("both servers stop when they are told to", [0, 0], [shop.stop(), server.stop()])
        search_for_secrets(check, folder)
    print(f"{check.steps - check.failed} of {check.steps} steps hold")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
