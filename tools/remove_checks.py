"""Removes every check of validation and authorization, one at a time, and counts how many a test notices.

Usage: remove_checks.py [--only GLOB] [--list] [--jobs N]

All of them are compiled into one copy of the tree under build/checks, each behind a switch; so a removal costs a run of
the tests and no build. What counts as a check stands in find_checks.py. A removal that changes nothing a caller can see
is listed in tests/checks/equivalent.toml with its reason; an entry whose line is gone, or that a test notices, fails.
What was noticed is kept in build/checks/state.json: an unchanged tree is not run again, and in a changed one the test
that noticed the last time is asked first. Exit code 0 when every removal was noticed, 1 when not.
"""
import argparse
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import find_checks

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build/checks"
TREE, BUILD, STATE = WORK / "tree", WORK / "build", WORK / "state.json"
EQUIVALENT = ROOT / "tests/checks/equivalent.toml"
COPIED = ["CMakeLists.txt", "cmake", "gatehouse", "tests/application", "tests/golden", "tests/support", "tests/vectors"]
ROOMS = ["claims", "jose", "tokens", "authentication", "authorization"]
ASKED = ["--gtest_fail_fast", "--gtest_filter=-OutOfMemory.*"]  # what runs out of memory takes minutes, and asks no check
PROGRAMS = {room + "_test": ASKED for room in ROOMS} | {
    "application_test": ASKED,
    "golden_runner": [f"{TREE}/tests/golden", "--floor", f"{TREE}/tests/golden/floor.json"],
    "corpus_runner": [f"{TREE}/tests/vectors", "--floor", f"{TREE}/tests/vectors/floor.json"],
}
SPEAKING = {"gatehouse/tokens/explain.cc", "gatehouse/tokens/fixes.cc"}  # what they say decides nothing
MEMORY = 4 << 30  # a removed cap must not take the machine down


def stop(message):
    sys.exit(f"remove_checks: {message}")


def say(message):
    print(message, flush=True)


# --- the copy -------------------------------------------------------------------------------------------------------

def originals():
    """{path in the tree: octets} of everything that is built and run."""
    found = {}
    for name in COPIED:
        for path in [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(ROOT))] = path.read_bytes()
    return found


def find_all(files):
    """{file: its checks}, numbered so that a change in one file leaves the numbers of others alone."""
    sources = [file for room in ROOMS for file in files
               if file.startswith(f"gatehouse/{room}/") and file.endswith(".cc") and not file.endswith("_test.cc")
               and file not in SPEAKING]
    return {file: find_checks.find(file, files[file].decode(), 1000 * (i + 1)) for i, file in enumerate(sources)}


def write_tree(files, checks, uncompilable):
    files = files | {"removable.h": (ROOT / "tools/removable.h").read_bytes()}
    for file, octets in files.items():
        if file in checks:
            kept = [check for check in checks[file] if check.key() not in uncompilable]
            switched = find_checks.make_removable(octets.decode(), kept)
            octets = f'#include "removable.h"\n#line 1\n{switched}'.encode()
        path = TREE / file
        if not path.exists() or path.read_bytes() != octets:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(octets)
    for path in TREE.rglob("*"):
        if path.is_file() and str(path.relative_to(TREE)) not in files:
            path.unlink()


def build(files, checks, uncompilable, jobs):
    """Builds the copy; checks that do not compile behind a switch are added to `uncompilable` and left as they are."""
    configure = ["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DGATEHOUSE_INSTALL=OFF",
                 "-DCMAKE_CXX_COMPILER=clang++-19",
                 "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld-19", "-DGATEHOUSE_BENCH=OFF", "-DGATEHOUSE_TESTS=ON",
                 "-DCMAKE_CXX_FLAGS=-O0 -g0 -w -ferror-limit=0 -D_GLIBCXX_ASSERTIONS"]
    while True:
        write_tree(files, checks, uncompilable)
        made = subprocess.run(configure, capture_output=True, text=True)
        if made.returncode == 0:
            made = subprocess.run(["ninja", "-C", BUILD, "-j", str(jobs), "-k", "0", *PROGRAMS], capture_output=True, text=True)
        if made.returncode == 0:
            return
        wrong = {(file, int(line)) for file, line in
                 re.findall(rf"^\S*?{TREE.name}/(\S+?):(\d+):\d+: error:", made.stdout, re.M)}
        known = len(uncompilable)
        for file, line in wrong:
            text = files[file].decode()
            for check in checks.get(file, []):
                ends = {text.count("\n", 0, at) + 1 for edit in check.edits for at in edit[:2]}
                if line in ends:
                    uncompilable.add(check.key())
        if len(uncompilable) == known:
            stop("the copy does not build\n" + made.stdout[-4000:] + made.stderr[-4000:])


# --- the tests ------------------------------------------------------------------------------------------------------

def limit(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(program, arguments, seconds, number=0, reached=""):
    """(whether it passed, what it said). It has so many seconds of processor time, and many more by the clock: on a busy
    machine a slow test has not noticed anything."""
    environment = os.environ | {"GATEHOUSE_REMOVED": str(number), "GTEST_COLOR": "no", "NO_COLOR": "1"}
    if reached:
        environment["GATEHOUSE_REACHED"] = str(reached)
    try:
        done = subprocess.run([BUILD / "bin" / program, *arguments], env=environment, preexec_fn=lambda: limit(int(seconds)),
                              timeout=30 * seconds,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode == 0, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as stuck:
        return False, (stuck.stdout or b"").decode(errors="replace")


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Tests:
    """The programs as they pass with nothing removed, quickest first, and the checks that each of them reaches; of unit
    tests the suites one by one, so that a removal is shown to those alone that come across it."""

    def __init__(self):
        self.seconds, self.reached, self.suites, self.known_failures = {}, {}, {}, set()
        for program, arguments in PROGRAMS.items():
            begin = processor_time()
            self.reached[program], output = self.reach(program, arguments)
            self.seconds[program] = processor_time() - begin
            self.known_failures |= set(re.findall(r"^FAILED (\S+)$", output, re.M))
            if program.endswith("_test"):
                _, listed = run(program, ["--gtest_list_tests"], 60)
                self.suites[program] = {suite: self.reach(program, [f"--gtest_filter={suite}*"])[0]
                                        for suite in re.findall(r"^(\S+\.)", listed, re.M) if suite != "OutOfMemory."}
        self.order = sorted(PROGRAMS, key=self.seconds.get)

    @staticmethod
    def reach(program, arguments):
        path = WORK / f"reached.{program}"
        passed, output = run(program, arguments, 600, reached=path)
        if not passed:
            stop(f"{program} {arguments[-1]} fails with nothing removed\n{output[-4000:]}")
        return set(map(int, path.read_text().split())), output

    def arguments(self, program, check):
        if program not in self.suites:
            return PROGRAMS[program]
        reaching = [f"{suite}*" for suite, reached in self.suites[program].items() if check.number in reached]
        return ["--gtest_fail_fast", "--gtest_filter=" + ":".join(reaching)]

    def first_failure(self, program, output):
        """Arguments that run nothing but the test that failed; none when that cannot be told."""
        if program.endswith("_test"):
            failed = re.findall(r"^\[  FAILED  \] ([\w/.]+)", output, re.M) or re.findall(r"^\[ RUN      \] (\S+)", output, re.M)[-1:]
            return [f"--gtest_filter={failed[0]}"] if failed else []
        failed = [case for case in re.findall(r"^FAILED (\S+)$", output, re.M) if case not in self.known_failures]
        return [PROGRAMS[program][0], "--only", failed[0]] if failed else []

    def notice(self, check, hint):
        """[program, arguments] of the test that notices the removal, or None."""
        if hint and hint[1] and hint[0] in PROGRAMS and not run(*hint, self.timeout(hint[0]), check.number)[0]:
            return hint
        own = check.file.split("/")[1] + "_test"
        for program in sorted(self.order, key=lambda name: name != own):
            if check.number in self.reached[program]:
                passed, output = run(program, self.arguments(program, check), self.timeout(program), check.number)
                if not passed:
                    return [program, self.first_failure(program, output)]
        return None

    def timeout(self, program):
        return 20 + 10 * self.seconds[program]


# --- the score ------------------------------------------------------------------------------------------------------

def read_equivalents(checks):
    entries = tomllib.loads(EQUIVALENT.read_text()).get("equivalent", []) if EQUIVALENT.exists() else []
    known = {check.key() for of_file in checks.values() for check in of_file}
    listed, faults = {}, []
    for entry in entries:
        for mutation in entry["mutations"]:
            key = (entry["file"], entry["line"], mutation)
            if key not in known:
                faults.append(f"lists a check that is not there: {key[0]}: {key[2]}\n  {key[1]}")
            if not entry["reason"].strip():
                faults.append(f"gives no reason for {key[0]}: {key[2]}")
            listed[key] = entry["reason"]
    if faults:
        stop("\n".join(f"{EQUIVALENT.name} {fault}" for fault in faults))
    return listed


def digest(files):
    sha = hashlib.sha256()
    tools = {name: (ROOT / "tools" / name).read_bytes() for name in ("find_checks.py", "removable.h", "remove_checks.py")}
    for name, octets in sorted((files | tools).items()):
        sha.update(f"{name} {len(octets)} ".encode() + octets)
    return sha.hexdigest()


class Score:
    def __init__(self, chosen, listed, state, tree):
        self.chosen, self.listed, self.state, self.tree = chosen, listed, state, tree
        self.lock, self.done, self.begin = threading.Lock(), 0, time.monotonic()
        self.noticed, self.survivors, self.equivalent, self.wrong = 0, [], 0, []

    def settle(self, check, test):
        with self.lock:
            self.done += 1
            self.state["seen"]["\t".join(check.key())] = [self.tree, test]
            if check.key() in self.listed:
                self.equivalent += test is None
                if test:
                    self.wrong.append(check)
                    say(f"NOTICED {place(check)}: {check.mutation}\n  listed as equivalent, and {test[0]} {' '.join(test[1])} fails")
            elif test:
                self.noticed += 1
            else:
                self.survivors.append(check)
                say(f"SURVIVED {place(check)}: {check.mutation}\n  {check.line}")
            if self.done % 25 == 0:
                self.save()
                say(f"[{self.done}/{len(self.chosen)}] {self.noticed} noticed, {len(self.survivors)} not, "
                    f"{time.monotonic() - self.begin:.0f} s")

    def save(self):
        STATE.write_text(json.dumps(self.state))


def place(check):
    return f"{check.file.removeprefix('gatehouse/')}:{check.at}"


def judge(score, tests, jobs):
    def one(check):
        tree, test = score.state["seen"].get("\t".join(check.key()), [None, None])
        score.settle(check, test if tree == score.tree else tests.notice(check, test))

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        try:
            list(pool.map(one, score.chosen))
        finally:
            pool.shutdown(cancel_futures=True)
            score.save()


def conclude(score, uncompilable):
    count = score.noticed + len(score.survivors)
    for room in ROOMS:
        of_room = [check for check in score.chosen if check.file.startswith(f"gatehouse/{room}/") and check.key() not in score.listed]
        lost = sum(check.file.startswith(f"gatehouse/{room}/") for check in score.survivors)
        if of_room:
            say(f"{room}: {len(of_room)} checks removed, {len(of_room) - lost} noticed")
    percent = 100 * score.noticed / count if count else 100
    shown = "100" if score.noticed == count else f"{min(percent, 99.9):.1f}"
    say(f"{count} checks removed, {score.noticed} noticed ({shown} %), {score.equivalent} equivalent, "
        f"{uncompilable} did not compile")
    return 1 if score.survivors or score.wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="*", metavar="GLOB", help="of ROOM/FILE:LINE, such as 'tokens/*' or 'jose/jws.cc*'")
    parser.add_argument("--list", action="store_true", help="print the checks and remove none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()

    files = originals()
    checks = find_all(files)
    wanted = [check for of_file in checks.values() for check in of_file if fnmatch.fnmatch(place(check), asked.only)]
    if not wanted:
        stop(f"no check is at {asked.only}")
    if asked.list:
        for check in wanted:
            say(f"{place(check)}: {check.mutation}")
        return 0

    listed = read_equivalents(checks)
    WORK.mkdir(parents=True, exist_ok=True)
    tree = digest(files)
    state = json.loads(STATE.read_text()) if STATE.exists() else {"seen": {}}
    uncompilable = set(map(tuple, state.get("uncompilable", []))) if state.get("tree") == tree else set()
    say(f"{len(wanted)} checks; building the copy in which each can be removed")
    build(files, checks, uncompilable, asked.jobs)
    state |= {"tree": tree, "uncompilable": sorted(uncompilable)}
    chosen = [check for check in wanted if check.key() not in uncompilable]
    score = Score(chosen, listed, state, tree)
    judge(score, Tests(), asked.jobs)
    return conclude(score, len(wanted) - len(chosen))


if __name__ == "__main__":
    sys.exit(main())
