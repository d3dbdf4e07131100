"""Checks that rooms include only what they lean on, and build all they have. Usage: layering.py [ROOT]

The lines of gatehouse/*/CMakeLists.txt are the law:
  * every .cc of a room is in its SOURCES or TESTS, so that no test lies there unrun;
  * a file includes its own room, and public headers of the rooms in the closure of DEPENDS;
  * a public header includes public headers and the standard library, and nothing of a third party.
"""
import re
import sys
from pathlib import Path

MODULE = re.compile(r"gatehouse_module\(\s*(\w+)(.*?)\)", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"gatehouse/([\w-]+)/([^"]+)"|<([^>]+)>)', re.M)
THIRD_PARTY = re.compile(r"(boost|openssl|nlohmann|spdlog|fmt|sodium|prometheus|nghttp2|hiredis|CLI|g[tm]est)/"
                         r"|(simdjson|sodium|sqlite3|libpq-fe|crypt|utf8proc)\.h")


def read_rooms(root):
    """{room: {"DEPENDS": [...], "HEADERS": [...], ...}} as the CMake files say; a folder is one room."""
    rooms = {}
    for path in sorted(root.glob("gatehouse/*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", path.read_text())
        room = rooms.setdefault(path.parent.name, {})
        for _, arguments in MODULE.findall(text):
            pieces = re.split(r"\b(DEPENDS|LINKS|HEADERS|SOURCES|TESTS)\b", arguments)
            for key, words in zip(pieces[1::2], pieces[2::2]):
                room.setdefault(key, []).extend(words.split())
    return rooms


def closure(rooms, name):
    seen, todo = set(), [name]
    while todo:
        room = todo.pop()
        if room not in seen:
            seen.add(room)
            todo += rooms.get(room, {}).get("DEPENDS", [])
    return seen


def findings(root):
    rooms = read_rooms(root)
    public = {(name, header) for name, room in rooms.items() for header in room.get("HEADERS", [])}
    for name in rooms:
        allowed = closure(rooms, name)
        for path in sorted(p for p in (root / "gatehouse" / name).iterdir() if p.suffix in (".h", ".cc")):
            is_public = (name, path.name) in public
            if path.suffix == ".cc" and path.name not in rooms[name].get("SOURCES", []) + rooms[name].get("TESTS", []):
                yield f"{path.relative_to(root)}: nobody builds it: name it in SOURCES or TESTS of {name}"
            text = path.read_text()
            for hit in INCLUDE.finditer(text):
                room, header, angled = hit.groups()
                where = f"{path.relative_to(root)}:{text.count(chr(10), 0, hit.start(0)) + 1}: "
                if room and room not in allowed:
                    yield where + f"{name} does not lean on {room}; its DEPENDS allow {', '.join(sorted(allowed))}"
                elif room and (room, header) not in public and (is_public or room != name):
                    yield where + f"gatehouse/{room}/{header} is private: it is not in the HEADERS of {room}"
                elif angled and is_public and THIRD_PARTY.match(angled):
                    yield where + f"a public header names a third party: <{angled}>"


if __name__ == "__main__":
    faults = list(findings(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    print("\n".join(faults) or "layering: every include is allowed, every source is built")
    sys.exit(1 if faults else 0)
