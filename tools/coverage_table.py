"""Prints what `llvm-cov export` says on stdin: lines and branches, room by room; of a room named, file by file; and of a
file named, each branch that no test takes.

Usage: coverage_table.py ROOT [ROOM|FILE...], such as gatehouse/jose and gatehouse/jose/jws.cc.
"""
import collections
import json
import pathlib
import sys

KINDS = ("lines", "branches")


def row(name, counts):
    cells = []
    for kind in KINDS:
        covered, count = counts[kind]
        share = f"{100 * covered / count:6.2f} %" if count else "     none"
        cells.append(f"{covered:>6} of {count:>6} {share}")
    return f"{name:<44} {cells[0]}   {cells[1]}"


def print_missed(name, path, branches):
    """A branch counts once, however many instances of it there are."""
    taken = collections.defaultdict(lambda: [0, 0])
    for line, column, _, _, when_true, when_false, *_ in branches:
        taken[line, column][0] += when_true
        taken[line, column][1] += when_false
    source = path.read_text().splitlines()
    for (line, column), counts in sorted(taken.items()):
        never = [word for word, count in zip(("true", "false"), counts) if not count]
        if never:
            print(f"    {name}:{line}:{column} never {' nor '.join(never)}: {source[line - 1].strip()}")


def main(root, wanted):
    rooms = {name for name in wanted if (root / name).is_dir()}
    files = collections.defaultdict(lambda: {kind: [0, 0] for kind in KINDS})
    totals = collections.defaultdict(lambda: {kind: [0, 0] for kind in KINDS})
    branches = {}
    for one in json.load(sys.stdin)["data"][0]["files"]:
        path = pathlib.Path(one["filename"])
        if not path.is_relative_to(root):
            continue
        name = path.relative_to(root).as_posix()
        room = name.rsplit("/", 1)[0]
        if wanted and room not in rooms and name not in wanted:
            continue
        branches[name] = one["branches"]
        for kind in KINDS:
            for into in (files[name], totals[room]):
                into[kind][0] += one["summary"][kind]["covered"]
                into[kind][1] += one["summary"][kind]["count"]
    print(f"{'':<44} {'lines':>26}   {'branches':>26}")
    for room in sorted(totals):
        for name in sorted(files) if wanted else ():
            if name.rsplit("/", 1)[0] != room:
                continue
            print(row("  " + name, files[name]))
            if name in wanted:
                print_missed(name, root / name, branches[name])
        if not wanted or room in rooms:
            print(row(room, totals[room]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), set(sys.argv[2:]))
