"""Writes the C++ blocks of a Markdown file, as one program each. Usage: readme_program.py FILE.md FOLDER"""
import pathlib
import re
import sys

source, folder = map(pathlib.Path, sys.argv[1:])
blocks = re.findall(r"^```cpp\n(.*?)^```$", source.read_text(), re.S | re.M)
if not blocks:
    sys.exit(f"{source} has no C++ block")
for number, block in enumerate(blocks, 1):
    file = folder / f"{source.stem.lower()}_{number}.cc"
    if not file.exists() or file.read_text() != block:
        file.write_text(block)
