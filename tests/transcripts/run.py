"""Runs a transcript and compares what it shows. Usage: run.py [--path FOLDER]... TRANSCRIPT.txt

Lines that start with `$ ` are run, in one bash that stands in a fresh folder with the files of the folder TRANSCRIPT/.
The lines below have to be what was printed, standard error among it: `⟦…⟧` matches anything on its line, `…` alone any
number of lines. `[rc N]` says the exit status (the last failing one of a pipeline); without it, it has to be 0. Empty
lines before the next command, and lines that start with `#` before a command, are nothing but layout.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STATUS = re.compile(r"\[rc (\d+)\]")


def read(text):
    """[(command, expected lines, status)] in order."""
    steps = []
    for line in text.splitlines():
        if line.startswith("$ "):
            steps.append([line[2:], [], 0])
        elif steps and (status := STATUS.fullmatch(line)):
            steps[-1][2] = int(status.group(1))
        elif steps and not line.startswith("#"):
            steps[-1][1].append(line)
    for step in steps:
        while step[1] and not step[1][-1]:
            step[1].pop()
    return steps


def matches(wanted, got):
    if not wanted:
        return not got
    if wanted[0] == "…":
        return any(matches(wanted[1:], got[skip:]) for skip in range(len(got) + 1))
    pattern = ".*".join(re.escape(part) for part in re.split("⟦…⟧", wanted[0]))
    return bool(got) and re.fullmatch(pattern, got[0]) is not None and matches(wanted[1:], got[1:])


def run(steps, fixtures, path):
    """[(printed lines, status)] of the commands, and what went wrong with all of them."""
    mark = "\x1e"
    script = "set -o pipefail\n" + "".join(f"{command}\nprintf '\\n{mark}%d\\n' $?\n" for command, _, _ in steps)
    with tempfile.TemporaryDirectory() as folder:
        if fixtures.is_dir():
            shutil.copytree(fixtures, folder, dirs_exist_ok=True)
        environment = {"PATH": ":".join([*path, "/usr/bin", "/bin"]), "HOME": folder, "XDG_CONFIG_HOME": folder,
                       "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        ran = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    pieces = re.split(f"\n{mark}(\\d+)\n", ran.stdout.decode(errors="replace"))
    printed = [piece.rstrip("\n").split("\n") if piece.strip("\n") else [] for piece in pieces[:-1:2]]
    return list(zip(printed, map(int, pieces[1::2])))


def main():
    parser = argparse.ArgumentParser(description="runs a transcript")
    parser.add_argument("--path", action="append", default=[])
    parser.add_argument("transcript", type=Path)
    options = parser.parse_args()
    steps = read(options.transcript.read_text())
    results = run(steps, options.transcript.with_suffix(""), options.path)
    failed = 0
    for index, (command, wanted, status) in enumerate(steps):
        got, got_status = results[index] if index < len(results) else (["(not reached)"], None)
        if matches(wanted, got) and status == got_status:
            continue
        failed += 1
        print(f"FAILED $ {command}\n--- wanted [rc {status}]", *wanted, f"--- got [rc {got_status}]", *got, sep="\n")
    print(f"{options.transcript.name}: {len(steps) - failed} commands as written, {failed} not")
    return 1 if failed or not steps else 0


if __name__ == "__main__":
    sys.exit(main())
