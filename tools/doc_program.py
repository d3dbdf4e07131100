"""Writes the C++ of a Markdown page as one source file: what its readers see is what the compiler sees.

A page's program is its ```cpp blocks in order, with the parts between them that would only bore a reader: comments
that begin with "<!-- cpp". `#include` lines go to the top. A block shadows no name in a reader's program: those it does
here are of the parts around it, and are no fault. Usage: doc_program.py [--namespace NAME] PAGE.md FILE.cc
"""
import argparse
import pathlib
import re

PART = re.compile(r"^```cpp\n(?P<shown>.*?)^```$|^<!-- cpp\n(?P<hidden>.*?)^-->$", re.S | re.M)


def program(page: pathlib.Path, namespace: str | None) -> str:
    text = page.read_text()
    includes, body = [], []
    shown = 0
    for part in PART.finditer(text):
        shown += part["shown"] is not None
        code = part["shown"] if part["shown"] is not None else part["hidden"]
        line = text.count("\n", 0, part.start()) + 2
        body.append(f'#line {line} "{page}"')
        for row in code.splitlines():
            is_include = row.startswith("#include")
            if is_include:
                includes.append(row)
            body.append("" if is_include else row)
    written = len(re.findall(r"^\s*(?:```|~~~)\s*(?:cpp|c\+\+|cc|cxx)(?!\w)", text, re.I | re.M))
    if shown == 0 or shown != written:
        raise SystemExit(f"{page}: {shown} of {written} C++ blocks can be compiled; each must begin with ```cpp in the "
                         "first column and end with ``` there")
    inside = [f"namespace {namespace} {{", *body, "}"] if namespace else body
    return "\n".join([*dict.fromkeys(includes), '#pragma GCC diagnostic ignored "-Wshadow"', *inside, ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace")
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    arguments = parser.parse_args()
    source = program(arguments.page, arguments.namespace)
    if not arguments.file.exists() or arguments.file.read_text() != source:
        arguments.file.write_text(source)
