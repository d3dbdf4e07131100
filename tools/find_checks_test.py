"""What find_checks.py takes for a check, how it says so, and what the switch around it looks like."""
import unittest

import find_checks

FOUND = [
    ("Result<void> f() { GH_CHECK(g(a)); return {}; }", ["without GH_CHECK(g(a))"]),
    ("int f() { if (a) return fail(x); }", ["never a"]),
    ("int f() { if (a) b(); }", ["never a", "always a"]),
    ("int f() { if (a) { b(); return fail(x); } }", ["never a"]),
    ("int f() { if (const auto x = g(); x.y) return false; }", ["never x.y"]),
    ("int f() { if (const auto* x = g()) return x; }", ["never const auto* x = g()"]),
    ("Result<void> f() { if (a) return {}; }", ["never a", "always a"]),
    ("std::string f() { if (a) return {}; }", ["never a"]),
    ("int f() { return a ? b : c; }", ["never a", "always a"]),
    ("bool f() { return a && b; }", ["without a", "without b"]),
    ("bool f() { return a && b && c(d); }", ["without a", "without b", "without c(d)"]),
    ("bool f() { return a || b; }", ["true for a || b", "false for a || b", "without a", "without b"]),
    ("bool f() { return a(); }", ["true for a()", "false for a()"]),
    ("int f() { return a(); }", []),
    ("bool f() { return true; }", []),
    ("void f() { g([](int a) { return a == b; }); }", ["true for a == b", "false for a == b"]),
    ("void f() { const bool a = b; }", ["true for b", "false for b"]),
    ("int f() { if (a < b) return false; }", ["never a < b", "<= in a < b"]),
    ("int f() { if (a < static_cast<int>(b)) return false; }", ["never a < static_cast<int>(b)", "<= in a < static_cast<int>(b)"]),
    ("void f() { for (int i = 0; i < n; ++i) g(); }", []),
    ("void f() { g(std::max(a, b)); }", ["swap std::max(a, b)"]),
    ("void f() { g(Limits::max(), std::min<int>(a, b)); }", []),
    ("std::vector<T> f(T&& a, const std::map<A, B>& b) { return g(); }", []),
    ("consteval bool f() { return a == b; }", []),
    ("T build() && { return c; }", []),
    ('int f() { return "if (a && b)"; }  // if (a) return', []),
]

WRITTEN = [
    ("bool f() { return a && b; }",
     "bool f() { return (removable::gone(1) || (a)) && (removable::gone(2) || (b)); }"),
    ("int f() { if (a < b) return false; }",
     "int f() { if ((!removable::gone(1) && (removable::less<2>((a ), ( b))))) return false; }"),
    ("int f() { return a < b ? c : d; }",
     "int f() { return (!removable::gone(2) && ((removable::gone(3) || (removable::less<1>((a ), ( b)))))) ? c : d; }"),
    ("int f() { if (auto x = g()) return x; }", "int f() { if (auto x = g(); !removable::gone(1) && x) return x; }"),
    ("int f() { GH_CHECK(g()); }", "int f() { if (!removable::gone(1)) GH_CHECK(g()); }"),
    ("void f() { g(std::max(a, b)); }", "void f() { g(removable::max<1>(a, b)); }"),
]


class FindChecks(unittest.TestCase):
    def test_finds(self):
        for text, expected in FOUND:
            with self.subTest(text):
                self.assertEqual([check.mutation for check in find_checks.find("f.cc", text + "\n", 1)], expected)

    def test_writes_a_switch(self):
        for text, expected in WRITTEN:
            with self.subTest(text):
                self.assertEqual(find_checks.make_removable(text + "\n", find_checks.find("f.cc", text + "\n", 1)), expected + "\n")

    def test_tells_equal_checks_apart(self):
        text = "int f() {\n  if (a) return false;\n  if (a) return false;\n}\n"
        self.assertEqual([check.key() for check in find_checks.find("f.cc", text, 1)],
                         [("f.cc", "if (a) return false;", "never a"), ("f.cc", "if (a) return false;", "never a #2")])


if __name__ == "__main__":
    unittest.main()
