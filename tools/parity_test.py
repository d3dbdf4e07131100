"""Holds docs/parity.md against what it speaks of. Usage: parity_test.py PROJECT_FOLDER

Globs of golden cases have to match a case, the table of deviations has to be tests/golden/deviations.json, and the structs of options
must have no member that the page does not name. Each fault says which line to add or to change.
"""
import json
import pathlib
import re
import sys

OPTIONS = {"gatehouse/tokens/validation_parameters.h": "TokenValidationParameters",
           "gatehouse/authentication/jwt_bearer_options.h": "JwtBearerOptions",
           "gatehouse/authentication/jwt_bearer_events.h": "JwtBearerEvents",
           "gatehouse/authentication/scheme.h": "SchemeForwarding"}


def pattern(glob: str) -> re.Pattern:
    """As tests/support/glob.h: `*` any characters, `?` one, `{a,b}` either."""
    parts = re.split(r"(\*|\?|\{[^}]*\})", glob)
    meaning = {"*": ".*", "?": "."}
    either = lambda part: "(" + "|".join(map(re.escape, part[1:-1].split(","))) + ")"
    return re.compile("".join(meaning.get(part) or (either(part) if part.startswith("{") else re.escape(part))
                              for part in parts))


def golden_ids(folder: pathlib.Path) -> list[str]:
    return [json.loads(line)["id"] for file in sorted(folder.glob("cases-*.jsonl")) for line in file.open()]


def members(header: str, struct: str) -> list[str]:
    """Names of the data members of a plain struct, whatever their types."""
    body = re.search(rf"^struct {struct} {{\n(.*?)^}};", header, re.S | re.M)[1]
    body = re.sub(r"//.*", "", body)
    body = re.sub(r"^  [^;{}]*\)(?: const)?(?: noexcept)? {(?:[^\n]*}|.*?^  })$", "", body, flags=re.S | re.M)  # functions
    statements = [re.sub(r"\s+", " ", one).strip() for one in body.split(";")]
    fields = [re.sub(r" = .*$", "", one) for one in statements if one]
    return [re.search(r"(\w+)$", one)[1] for one in fields if not one.endswith(("const", ")"))]


def check_globs(page: str, ids: list[str]) -> list[str]:
    areas = "|".join(sorted({one.split("/")[0] for one in ids}))
    globs = re.findall(rf"`((?:{areas})/[^`]+)`", page)
    return [f"`{glob}` matches no case of tests/golden; correct it or take it out" for glob in dict.fromkeys(globs)
            if not any(pattern(glob).fullmatch(one) for one in ids)]


def check_deviations(page: str, deviations: list[dict]) -> list[str]:
    section = re.search(r"^## Deviations\n(.*?)(?=^## |\Z)", page, re.S | re.M)[1]
    listed = [row for row in section.splitlines() if row.startswith("| `")]
    due = [f"| `{one['id']}` | {one['class']} | {one['reason']} |" for one in deviations]
    return ([f"add to the table of deviations:\n  {row}" for row in due if row not in listed]
            + [f"tests/golden/deviations.json does not say so; take it out:\n  {row}" for row in listed if row not in due])


def check_members(page: str, root: pathlib.Path) -> list[str]:
    faults = []
    for header, struct in OPTIONS.items():
        for member in members((root / header).read_text(), struct):
            if not re.search(rf"`(?:\w+\.)?{member}`", page):
                faults.append(f"{struct} has a member that no row names; add to its table, with the recorded cases that hold it:\n"
                              f"  | ORIGINAL | `{member}` | CASES | DIFFERENCE |")
    return faults


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    page = (root / "docs/parity.md").read_text()
    golden = root / "tests/golden"
    faults = (check_globs(page, golden_ids(golden))
              + check_deviations(page, json.loads((golden / "deviations.json").read_text()))
              + check_members(page, root))
    for fault in faults:
        print(f"docs/parity.md: {fault}")
    print(f"{len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
