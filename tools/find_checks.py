"""Finds the checks of a C++ source as the house formats it, and writes a copy in which each can be switched off.

What counts as a check, and how it is removed:
  * `GH_CHECK(x);`                        is skipped
  * the condition of an `if` or a `?:`    never holds; and, where it does not lead to a refusal, always holds
  * a conjunct of `&&`                    always holds
  * a disjunct of `||`                    never holds
  * `return x;` of a predicate, `bool x =`  is true, is false
  * `<`, `<=`, `>`, `>=` outside loops    takes the boundary in, or leaves it out
  * `std::max`, `std::min`                are swapped
"""
import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*)
  | (?P<text>R"(?P<mark>[^(]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\])*"|(?<![\w])'(?:\\.|[^'\\])+')
  | (?P<word>\w[\w']*)
  | (?P<sign><=>|->\*|\.\.\.|<<=|>>=|&&|\|\||==|!=|<=|>=|->|::|<<|\+\+|--|[-+*/%&|^]=|.)""", re.X | re.S | re.M)

OPEN, CLOSE = "([{", ")]}"
END = {";", ",", "?", ":", "=", "return", "co_return", "co_await", "throw", "|=", "&=", "+=", "-="}
COMPARED = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}
BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
EQUALITY = {"==", "!=", *COMPARED, "<=>"}
REFUSAL = re.compile(r"(co_)?return (co_await refuse\(|(std::)?unexpected|fail\(|false;|nullptr;|std::nullopt;|"
                     r"invalid\(|wrong\(|refused\(|from_the_future\(|Verdict::un)|throw ")


@dataclass
class Check:
    file: str       # as in the tree
    line: str       # the text of the line it begins on
    mutation: str   # what is done to it
    at: int         # number of that line: for people, no key
    number: int = 0
    edits: list = field(default_factory=list)  # (begin, end, before, after) around text, (begin, end, instead)

    def key(self):
        return (self.file, self.line, self.mutation)


class Source:
    def __init__(self, file, text):
        self.file, self.text, self.checks = file, text, []
        self.tokens, self.spans, self.partner, self.outer = [], [], {}, []
        opened = []
        for found in TOKEN.finditer(text):
            if found.lastgroup == "skip" or found["skip"]:
                continue
            token = found[0]
            if token in CLOSE and opened:
                begin = opened.pop()
                self.partner[begin], self.partner[len(self.tokens)] = len(self.tokens), begin
            self.outer.append(opened[-1] if opened else -1)
            if token in OPEN:
                opened.append(len(self.tokens))
            self.tokens.append(token)
            self.spans.append(found.span())

    # --- the shape of the text ---

    def part(self, first, last):
        """The text of tokens first..last, on one line."""
        return re.sub(r"\s+", " ", self.text[self.spans[first][0]:self.spans[last][1]])

    def ends_at(self, i, ends):
        return self.tokens[i] in ends and (self.tokens[i] not in COMPARED or self.is_binary(i))

    def leftmost(self, i, ends):
        while i > 0 and not self.ends_at(i - 1, ends) and self.tokens[i - 1] not in OPEN:
            i -= 1
            if self.tokens[i] in CLOSE:
                if self.tokens[i] == "}" and self.spans[i][1] != self.spans[i + 1][0]:
                    return i + 1
                i = self.partner[i]
        return i

    def rightmost(self, i, ends):
        while not self.ends_at(i + 1, ends) and self.tokens[i + 1] not in CLOSE:
            i += 1
            if self.tokens[i] in OPEN:
                i = self.partner[i]
        return i

    def is_binary(self, i):
        """Of `<` and `&&`: the house writes blanks around operators, and none inside types."""
        begin, end = self.spans[i]
        return self.text[begin - 1].isspace() and self.text[end].isspace() and self.tokens[i + 1] not in "{="

    def is_in_loop_head(self, i):
        outer = self.outer[i]
        return outer > 0 and self.tokens[outer] == "(" and self.tokens[outer - 1] in ("for", "while")

    def among(self, first, last, wanted):
        """Whether one of `wanted` stands between, outside all brackets."""
        while first <= last:
            if self.ends_at(first, wanted):
                return True
            first = self.partner[first] + 1 if self.tokens[first] in OPEN else first + 1
        return False

    def result_of(self, i):
        """What the function around token i returns, as written; "lambda" where a lambda leaves it open."""
        body = self.outer[i]
        while body >= 0:
            before = body - 1
            if self.tokens[body] == "{":
                while self.tokens[before] in ("noexcept", "const", "mutable", "override"):
                    before -= 1
                if self.tokens[before] == "]":
                    return "lambda"
                arrow = self.leftmost(before, {"->", ";", "}"})
                if self.tokens[arrow - 1] == "->":
                    return self.part(arrow, before)
                if self.tokens[before] == ")":
                    name = self.partner[before] - 1
                    if self.tokens[name] == "]":
                        return "lambda"
                    if self.tokens[name] not in ("if", "for", "while", "switch", "catch", "constexpr"):
                        return self.part(self.leftmost(name, {";", "}", ":"}), name)
            body = self.outer[body]
        return ""

    # --- the checks in it ---

    def add(self, first, mutation, *edits):
        if self.result_of(first).startswith("consteval"):  # the compiler runs it, and stops
            return
        begin = self.spans[first][0]
        line = self.text[self.text.rfind("\n", 0, begin) + 1:self.text.find("\n", begin)].strip()
        self.checks.append(Check(self.file, line, mutation, self.text.count("\n", 0, begin) + 1, edits=list(edits)))

    def around(self, first, last, before, after):
        return (self.spans[first][0], self.spans[last][1], before, after)

    def hold(self, first, last, always, what):
        """The expression first..last always (or never) holds."""
        before = "(removable::gone(@) || (" if always else "(!removable::gone(@) && ("
        self.add(first, what, self.around(first, last, before, "))"))

    def find(self):
        for i, token in enumerate(self.tokens):
            if token == "GH_CHECK":
                self.add(i, f"without {self.part(i, self.partner[i + 1])}",
                         self.around(i, i, "if (!removable::gone(@)) ", ""))
            elif token == "if" and self.tokens[i + 1] == "(":
                self.find_if(i + 1)
            elif token == "?":
                self.both(self.leftmost(i, END), i - 1)
            elif token in ("&&", "||") and self.is_binary(i):
                self.find_operands(i)
            elif token in COMPARED and self.is_binary(i) and not self.is_in_loop_head(i):
                self.find_boundary(i)
            elif token == "return" or token == "bool" and self.tokens[i + 2] == "=":
                self.find_predicate(i)
            elif token in ("max", "min") and self.tokens[i - 2:i] == ["std", "::"] and self.tokens[i + 1] == "(":
                self.add(i - 2, f"swap {self.part(i - 2, self.partner[i + 1])}",
                         (self.spans[i - 2][0], self.spans[i][1], f"removable::{token}<@>"))
        return self.checks

    def both(self, first, last):
        for always in (False, True):
            self.hold(first, last, always, f"{'always' if always else 'never'} {self.part(first, last)}")

    def find_if(self, opening):
        closing = self.partner[opening]
        first = opening + 1
        for i in range(first, closing):
            if self.tokens[i] == ";" and self.outer[i] == opening:
                first = i + 1
        what = self.part(first, closing - 1)
        if self.among(first, closing - 1, {"="}):  # if (T x = y): a declaration
            name = next(i for i in range(first, closing) if self.tokens[i] == "=") - 1
            self.add(first, f"never {what}", self.around(first, closing - 1, "", f"; !removable::gone(@) && {self.tokens[name]}"))
            return
        self.hold(first, closing - 1, False, f"never {what}")
        if not self.refuses(closing + 1):
            self.hold(first, closing - 1, True, f"always {what}")

    def refuses(self, body):
        """Whether the statement that begins at `body` says no."""
        last = self.rightmost(body, {";"}) if self.tokens[body] != "{" else self.partner[body]
        said = self.part(body, last) + ";"
        empty = said.startswith("return {};") and self.result_of(body).split(" ")[0] != "Result<void>"
        return empty or bool(REFUSAL.search(said))

    def find_operands(self, i):
        token = self.tokens[i]
        ends = END | ({"&&", "||"} if token == "&&" else {"||"})
        operands = [(self.leftmost(i, ends), i - 1), (i + 1, self.rightmost(i, ends))]
        if self.tokens[operands[0][0] - 1] == token:  # of a chain, what is left was the right of the one before
            operands.pop(0)
        for first, last in operands:
            self.hold(first, last, token == "&&", f"without {self.part(first, last)}")

    def find_boundary(self, i):
        ends = END | {"&&", "||"} | EQUALITY
        first, last, token = self.leftmost(i, ends), self.rightmost(i, ends), self.tokens[i]
        self.add(first, f"{BOUNDARY[token]} in {self.part(first, last)}",
                 self.around(first, last, f"removable::{COMPARED[token]}<@>((", "))"), (*self.spans[i], "), ("))

    def find_predicate(self, i):
        if self.tokens[i] == "bool":
            i += 2
        elif self.tokens[i + 1] == ";":
            return
        first, last = i + 1, self.rightmost(i, {";"})
        if first == last and self.tokens[first] in ("true", "false") or self.among(first, last, {"?", "&&"}):
            return
        if self.tokens[i] == "return":
            result = self.result_of(i)
            looks_so = self.tokens[first] == "!" or self.among(first, last, {"||", *EQUALITY}) or "_of(" in self.part(first, last)
            if not re.search(r"\bbool\b", result) and not (result == "lambda" and looks_so):
                return
        for always in (True, False):
            self.hold(first, last, always, f"{'true' if always else 'false'} for {self.part(first, last)}")


def find(file, text, numbers_from):
    """The checks of a file, numbered; two that nothing tells apart are told apart by an ordinal."""
    checks, seen = Source(file, text).find(), {}
    for i, check in enumerate(checks):
        seen[check.key()] = seen.get(check.key(), 0) + 1
        if seen[check.key()] > 1:
            check.mutation += f" #{seen[check.key()]}"
        check.number = numbers_from + i
    return checks


def make_removable(text, checks):
    """The text with a switch around every check; lines stay where they are."""
    before, after, instead = {}, {}, {}
    wraps = []
    for check in checks:
        for edit in check.edits:
            edit = [part.replace("@", str(check.number)) if isinstance(part, str) else part for part in edit]
            if len(edit) == 3:
                instead[edit[0]] = (edit[1], edit[2])
            else:
                wraps.append((edit[0], -edit[1], len(check.edits), *edit[2:]))  # what splits its text stands innermost
    for begin, end, _, opening, closing in sorted(wraps, key=lambda wrap: wrap[:3]):
        end = -end
        before[begin] = before.get(begin, "") + opening
        after[end] = closing + after.get(end, "")
    made, at = [], 0
    for position in sorted({0, len(text), *before, *after, *instead, *(end for end, _ in instead.values())}):
        if position > at:
            made.append(text[at:position])
        elif position < at:
            continue
        made.append(after.get(position, "") + before.get(position, ""))
        at = position
        if position in instead:
            at = instead[position][0]
            made.append(instead[position][1])
    return "".join(made)
