"""Rejects the coroutine shapes that g++ 12 miscompiles. Usage: await_lint.py FILE_OR_DIRECTORY...

An await is a line of its own and its arguments are names; a coroutine has no default arguments and is not called
where it is written. Each shape below crashed or freed twice under g++ 12.2, so this holds for both compilers.
"""
import re
import sys
from pathlib import Path

BRACE = "name the struct, list or lambda on a line before the await"
TEMPORARY = "name the object on a line before the await: its arguments are names"
CONDITION = "name the awaited value, then test it"
NESTED = "name the awaited value, then use it: an await is a statement of its own"
DEFAULT = "no default arguments on a coroutine"
CALLED = "name the coroutine lambda, keep it alive, and call it then"

# Comments, string and character literals (a digit separator is none), and preprocessor lines.
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
                   r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:\\\n|[^\n])*", re.S | re.M)
OPENERS, CLOSERS = "([{", ")]}"
CONTROL = re.compile(r"(?:\[\[[\w:]+\]\]|(?:else|do)\b|(?:case\b[^;]*?|default|\w+)\s*:(?!:))\s*")
HEAD = re.compile(r"\b(?:if|for|while|switch)\b\s*(?:constexpr\s*)?(?=\()")
# What may stand before the await in its statement: nothing, co_return, a cast to void, or `declaration =`.
LEAD = re.compile(r"(?:co_return|\(void\)|[\w:<>,\s&*.\[\]()-]*[\w\])>]\s*(?<![=!<>+*/%|&^-])=)?\s*")
OPERATOR = re.compile(r"\?|&&|\|\||[=!<>]=|\s[-+*/%<>|&^]\s")
CAMEL_CALL = re.compile(r"\b[A-Z]\w*(?:<[^;()]*>)?\s*\(")
RETURNS_TASK = re.compile(r"\b(?:Task|awaitable)\s*<")
COROUTINE = re.compile(r"\bco_(?:await|return|yield)\b")


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def match_brackets(text):
    """Position of each bracket to that of its partner, and each position's innermost open bracket."""
    partner, inside, stack = {}, [], []
    for at, char in enumerate(text):
        if char in CLOSERS and stack:
            opener = stack.pop()
            partner[opener], partner[at] = at, opener
        inside.append(stack[-1] if stack else -1)
        if char in OPENERS:
            stack.append(at)
    return partner, inside


def walk(text, at, step, stops, partner):
    """The first of `stops`, or an unmatched bracket, from `at` on; what is bracketed is skipped."""
    while 0 <= at < len(text):
        if text[at] in stops:
            return at
        if text[at] in (OPENERS if step > 0 else CLOSERS) and at in partner:
            at = partner[at]
        elif text[at] in OPENERS + CLOSERS:
            return at
        at += step
    return at


def flatten(text):
    """`text` with everything inside its brackets blanked, so that only its own level is seen."""
    depth, level = 0, []
    for char in text:
        depth -= char in CLOSERS
        level.append(char if depth <= 0 else " ")
        depth += char in OPENERS
    return "".join(level)


def strip_control(lead, offset, partner):
    """`lead` without `if (…)`, `else`, `case x:` and the like in front of the statement proper."""
    while True:
        lead_start = len(lead) - len(lead.lstrip())
        head, control = HEAD.match(lead, lead_start), CONTROL.match(lead, lead_start)
        if head and offset + head.end() in partner:
            cut = partner[offset + head.end()] - offset + 1
        elif control:
            cut = control.end()
        else:
            return lead[lead_start:]
        lead, offset = lead[cut:], offset + cut


def judge_await(text, at, partner, inside):
    """The fault of the await at `at`, or nothing."""
    opener = inside[at]
    end = walk(text, at, 1, ";", partner)
    rest = text[at:end]
    word = re.search(r"(\w+)\s*$", text[:opener]) if opener >= 0 and text[opener] == "(" else None
    if word and word[1] in ("if", "while", "switch", "for"):
        return CONDITION
    macro = bool(word and word[1].startswith("GH_CO_"))
    if opener >= 0 and text[opener] in "([" and not macro:
        return NESTED
    if "{" in rest:
        return BRACE
    if "(" in rest and CAMEL_CALL.search(rest, rest.index("(") + 1):
        return TEMPORARY
    if not macro and text[end:end + 1] != ";":  # closed before the statement ended: a braced initialiser
        return NESTED
    start = max(opener, walk(text, at - 1, -1, ";{}" if not macro else "(", partner))
    lead = strip_control(text[start + 1:at], start + 1, partner)
    if macro:
        return None if "," not in lead or lead.rstrip().endswith(",") else NESTED
    if not LEAD.fullmatch(lead) or OPERATOR.search(flatten(rest)):
        return NESTED
    return None


def parameter_lists(text, partner):
    """Where the parameters of each function or lambda that returns a task begin."""
    for hit in RETURNS_TASK.finditer(text):
        depth, at = 1, hit.end()
        while at < len(text) and depth:
            depth += {"<": 1, ">": -1}.get(text[at], 0) if text[at - 1] != "-" else 0
            at += 1
        named = re.compile(r"\s+[\w:]+\s*(?=\()").match(text, at)
        if named:
            yield named.end()
        trailing = re.search(r"\)[\s\w]*->\s*[\w:]*$", text[:hit.start()])
        if trailing and trailing.start() in partner:
            yield partner[trailing.start()]


def is_lambda_body(text, opener, partner):
    """The lambda's text from its introducer to its body's end, or nothing."""
    hit = re.search(r"(\)|\])\s*(?:mutable|noexcept|\s)*(?:->[^;{}()]*)?$", text[:opener])
    at = hit.start() if hit else -1
    if at >= 0 and text[at] == ")" and at in partner:
        at = len(text[:partner[at]].rstrip()) - 1
    return text[partner[at]:partner[opener]] if at in partner and text[at] == "]" else None


def findings(text):
    """(line, what to do) for each bad shape of a source text."""
    text = NOISE.sub(blank, text)
    partner, inside = match_brackets(text)
    found = []
    for hit in re.finditer(r"(?<!operator )\bco_await\b", text):
        fault = judge_await(text, hit.start(), partner, inside)
        if fault:
            found.append((hit.start(), fault))
    for opener in parameter_lists(text, partner):
        parameters = flatten(text[opener + 1:partner.get(opener, opener)])
        if re.search(r"(?<![=!<>])=(?!=)", parameters):
            found.append((opener, DEFAULT))
    for hit in re.finditer(r"\}\s*\(", text):
        if hit.start() in partner:
            written = is_lambda_body(text, partner[hit.start()], partner)
            if written and (COROUTINE.search(written) or RETURNS_TASK.search(written)):
                found.append((hit.start(), CALLED))
    return sorted({(text.count("\n", 0, at) + 1, why) for at, why in found})


def sources(arguments):
    for path in map(Path, arguments):
        yield from [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix in (".h", ".cc"))


if __name__ == "__main__":
    faults = [f"{path}:{line}: {why}" for path in sources(sys.argv[1:]) for line, why in findings(path.read_text())]
    print("\n".join(faults) or "await_lint: no bad shape")
    sys.exit(1 if faults else 0)
