"""Checks Markdown pages: fences, links, JSON, and that commands a reader is told to type run. Usage: doc_test.py FOLDER

Every fence names its language, and one of those below, so that no block of C++ escapes the compiler under another name. Lines that
begin with "$ " in ```console blocks are run, page by page in an empty folder; what follows a command has to be in its output.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

LANGUAGES = {"cpp", "console", "js", "json", "csharp", "cmake", "sh", "http"}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
HIDDEN = re.compile(r"<!--.*?-->", re.S)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(page: pathlib.Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links(page: pathlib.Path, text: str) -> list[str]:
    faults = []
    for target, anchor in LINK.findall(HIDDEN.sub("", FENCE.sub("", text))):
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists():
            faults.append(f"the link {target} leads nowhere")
        elif anchor and anchor not in anchors(file):
            faults.append(f"{target or page.name} has no heading #{anchor}")
    return faults


def run_commands(blocks: list[str]) -> list[str]:
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.M):
            done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60)
            if done.returncode != 0:
                faults.append(f"$ {command}: exit code {done.returncode}: {done.stderr.strip()}")
            faults += [f"$ {command}: does not print: {line}" for line in expected.splitlines()
                       if line.strip() and line not in done.stdout]
    return faults


def check(page: pathlib.Path) -> list[str]:
    text = page.read_text()
    blocks = FENCE.findall(text)
    faults = check_links(page, text)
    if len(blocks) * 2 != len(re.findall(r"^\s*(?:```|~~~)", text, re.M)):
        faults.append("a fence is indented, or does not close")
    faults += [f"a fence names the language {language!r}, which is none of {', '.join(sorted(LANGUAGES))}"
               for language, _ in blocks if language not in LANGUAGES]
    for language, block in blocks:
        if language == "json":
            try:
                json.loads(block)
            except ValueError as error:
                faults.append(f"a JSON block is none: {error}")
    return faults + run_commands([block for language, block in blocks if language == "console"])


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    pages = sorted(folder.rglob("*.md"))
    faults = {page: check(page) for page in pages}
    index = (folder / "README.md").read_text()
    for page in pages:
        if page.name != "README.md" and f"]({page.relative_to(folder)})" not in index:
            faults[page].append(f"{folder}/README.md does not lead to it")
    for page, found in faults.items():
        for fault in found:
            print(f"{page}: {fault}")
    print(f"{len(pages)} pages, {sum(map(len, faults.values()))} faults")
    return any(faults.values())


if __name__ == "__main__":
    sys.exit(main())
