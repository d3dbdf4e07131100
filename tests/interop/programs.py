"""What the checks of servers and APIs share: a certificate, and children that say where they listen."""
import base64
import json
import os
import subprocess
import urllib.parse


def make_certificate(work):
    """ca.pem, and server.pem with server.key for 127.0.0.1."""
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for arguments in (
        ["-x509", *new_key, "-subj", "/CN=test CA", "-keyout", "ca.key", "-out", "ca.pem"],
        ["-x509", *new_key, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-CA", "ca.pem",
         "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "server.key", "-out", "server.pem"],
    ):
        subprocess.run(["openssl", "req", *arguments, "-days", "1"], cwd=work, check=True, capture_output=True)


class Program:
    """A child; url is where it says that it listens, and its standard error stands in the file log."""

    def __init__(self, name, work, command, environment=None):
        self.log = os.path.join(work, name + ".log")
        clean = {variable: value for variable, value in os.environ.items() if not variable.lower().endswith("_proxy")}
        clean.update(environment or {})
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, cwd=work, env=clean, text=True, stdout=subprocess.PIPE, stderr=log)

    def wait_until_it_listens(self):
        for line in self.process.stdout:
            if line.startswith("listening on "):
                self.url = urllib.parse.urlsplit(line.split()[-1])
                return self
        raise ChildProcessError(f"{self.process.args[0]} does not start: {self.logged()}")

    def logged(self):
        with open(self.log) as log:
            return log.read()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def part(token, index):
    text = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
