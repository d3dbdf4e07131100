"""Our API with an OpenIddict server as its authority, over TLS and through a rotation: check.py API SERVER.

SERVER is the built authority.dll. One line for each row; exit code 1 when one of them does not hold.
"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import ssl
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from programs import Program, make_certificate, part

DEADLINE = 120  # seconds, for all of it
rows = {True: 0, False: 0}


def check(name, expected, seen):
    holds = expected == seen
    rows[holds] += 1
    print(f"ok      {name}" if holds else f"FAILED  {name}: expected {expected}, saw {seen}", flush=True)


def out_of_time(*_):
    raise TimeoutError(f"not done after {DEADLINE} seconds")


class Authority(Program):
    def __init__(self, work, server):
        super().__init__("authority", work, ["dotnet", server, "server.pem", "server.key"])
        self.tls = ssl.create_default_context(cafile=os.path.join(work, "ca.pem"))

    def request(self, method, path, form=None):
        connection = http.client.HTTPSConnection(self.url.netloc, context=self.tls)
        with contextlib.closing(connection):
            connection.request(method, path, urllib.parse.urlencode(form or {}),
                               {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise ConnectionError(f"{path}: {answer.status} {body}")
            return body

    def document(self, path):
        return json.loads(self.request("GET", path))

    def key_ids(self):
        return [key["kid"] for key in self.document("/.well-known/jwks")["keys"]]

    def token(self, scope):
        form = {"grant_type": "client_credentials", "client_id": "worker", "client_secret": "worker's secret", "scope": scope}
        return json.loads(self.request("POST", "/connect/token", form))["access_token"]


class Api(Program):
    def __init__(self, name, work, program, authority):
        super().__init__(name, work, [program, "--Jwt:Authority", authority, "--Jwt:Audience", "api://orders",
                                      "--Backchannel:CaFile", "ca.pem", "--Urls", "http://127.0.0.1:0", "--Test:IsHurried", "1"])

    def request(self, method, path, token=None):
        with contextlib.closing(http.client.HTTPConnection(self.url.netloc)) as connection:
            connection.request(method, path, headers={"Authorization": f"Bearer {token}"} if token else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def ask(self, token):
        return self.request("GET", "/orders", token)[0]

    def ask_past(self, status, token):
        """The first answer that is another; DEADLINE bounds the wait."""
        while (seen := self.ask(token)) == status:
            time.sleep(0.02)
        return seen

    def health(self):
        status, body = self.request("GET", "/readyz")
        report = json.loads(body)
        return status, report["status"], report["authorities"][0]["keys"]


def bent(token):
    """With another signature, which is as long."""
    return token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]


def check_tokens(authority, api):
    check("the API begins with the authority's one key", (200, "ready", 1), api.health())
    token = authority.token("orders.read orders.list")
    check("its access tokens say at+jwt and name a published key", ("at+jwt", authority.key_ids()),
          (part(token, 0)["typ"], [part(token, 0)["kid"]]))
    check("a token with the scope: 200", (200, "orders"), api.request("GET", "/orders", token))
    check("a token without it: 403", 403, api.ask(authority.token("orders.list")))
    check("for another audience: 401", 401, api.ask(authority.token("invoices.read")))
    check("for ours and another: 200", 200, api.ask(authority.token("orders.read invoices.read")))
    check("a bent signature: 401", 401, api.ask(bent(token)))


def check_rotation(authority, api):
    """The authority signs with a second key at once; later the first is taken away."""
    seen, later, last = (authority.token("orders.read") for _ in range(3))
    check("a token under the first key: 200", 200, api.ask(seen))
    authority.request("POST", "/control/add-key")
    token = authority.token("orders.read")
    check("the authority signs with a second key, and publishes both", [part(token, 0)["kid"], part(seen, 0)["kid"]],
          authority.key_ids())
    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        check("the first eight requests under the second key, all at once: 200", [200] * 8,
              list(clients.map(api.ask, [token] * 8)))
    check("the API has both keys", (200, "ready", 2), api.health())
    check("a token under the first key, seen before: 200", 200, api.ask(seen))
    check("another, not seen before: 200", 200, api.ask(later))

    authority.request("POST", "/control/drop-oldest-key")
    check("the authority publishes the second key alone", [part(token, 0)["kid"]], authority.key_ids())
    check("until the API fetches, it goes by what it has: 200", 200, api.ask(seen))
    check("the API fetches the keys: 204", 204, api.request("POST", "/refresh")[0])
    check("a token under the first key, accepted before: 401", 401, api.ask(seen))
    check("another, not seen before: 401", 401, api.ask(last))
    check("a token under the second key: 200", 200, api.ask(token))
    check("the API has the second key alone", (200, "ready", 1), api.health())


def check_outage(authority, api):
    seen, later = (authority.token("orders.read") for _ in range(2))
    check("a token: 200", 200, api.ask(seen))
    authority.request("POST", "/control/add-key")
    unknown = authority.token("orders.read")
    authority.stop()
    check("the authority is gone; a token accepted before: 200", 200, api.ask(seen))
    check("another, not seen before: 200", 200, api.ask(later))
    check("a bent signature: 401", 401, api.ask(bent(seen)))
    # The rotation had the authority asked about an unknown key, and it is not asked again within a second.
    check("a token under a key that the API has not: 503", 503, api.ask_past(401, unknown))
    check("and it says so, as it serves", (200, "degraded", 1), api.health())
    check("a token accepted before: 200", 200, api.ask(seen))


def check_slash(api):
    """OpenIddict's issuer ends in a slash. Who leaves it out in the settings is told both, and nobody gets in."""
    api.wait_until_it_listens()
    check("an API whose authority lacks the issuer's last slash is not ready: 503", 503, api.request("GET", "/readyz")[0])
    check("its log names the difference", True, "letter by letter" in api.logged())


def main(program, server):
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(DEADLINE)
    with contextlib.ExitStack() as stack:
        work = stack.enter_context(tempfile.TemporaryDirectory())
        make_certificate(work)
        authority = Authority(work, server)
        stack.callback(authority.stop)
        authority.wait_until_it_listens()
        issuer = authority.document("/.well-known/openid-configuration")["issuer"]
        without_slash = Api("without_slash", work, program, issuer.removesuffix("/"))
        stack.callback(without_slash.stop)
        api = Api("api", work, program, issuer)
        stack.callback(api.stop)
        api.wait_until_it_listens()
        check_tokens(authority, api)
        check_rotation(authority, api)
        check_slash(without_slash)
        check_outage(authority, api)
        if rows[False]:
            print(api.logged(), authority.logged(), file=sys.stderr)
    print(f"{rows[True]} passed, {rows[False]} failed")
    return 1 if rows[False] else 0


if __name__ == "__main__":
    sys.exit(main(*map(os.path.realpath, sys.argv[1:])))
