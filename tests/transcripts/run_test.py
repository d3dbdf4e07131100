"""Transcripts that have to hold, and others that must not. Usage: run_test.py"""
import subprocess
import sys
import tempfile
from pathlib import Path

RUN = Path(__file__).with_name("run.py")
CASES = [
    (True, "what is printed", "$ echo one; echo two >&2\none\ntwo\n"),
    (True, "a line with something in it", "$ echo at 12:30, ok\nat ⟦…⟧, ok\n"),
    (True, "any lines", "$ seq 9\n1\n…\n9\n"),
    (True, "a status", "$ (exit 3)\n[rc 3]\n"),
    (True, "the status within a pipeline", "$ (exit 2) | cat\n[rc 2]\n"),
    (True, "a variable of the command before", "$ A=b\n$ echo $A\nb\n"),
    (True, "layout", "# why\n\n$ echo 1\n1\n\n# more\n$ echo\n"),
    (False, "another line", "$ echo one\ntwo\n"),
    (False, "one line too many", "$ seq 2\n1\n"),
    (False, "one line too few", "$ seq 2\n1\n2\n3\n"),
    (False, "a status that is not said", "$ (exit 3)\n"),
    (False, "a status that is not there", "$ true\n[rc 1]\n"),
    (False, "what is not on the line", "$ echo abc\na⟦…⟧d\n"),
    (False, "an end before the end", "$ exit 0\n$ echo 1\n1\n"),
    (False, "nothing at all", "words\n"),
]

wrong = 0
with tempfile.TemporaryDirectory() as folder:
    for holds, name, text in CASES:
        transcript = Path(folder, "case.txt")
        transcript.write_text(text)
        ran = subprocess.run([sys.executable, "-B", RUN, transcript], capture_output=True, text=True, check=False)
        if (ran.returncode == 0) != holds:
            wrong += 1
            print(f"FAILED {name}: {'should hold' if holds else 'should not hold'}\n{ran.stdout}{ran.stderr}")
print(f"{len(CASES) - wrong} passed, {wrong} failed")
sys.exit(1 if wrong else 0)
