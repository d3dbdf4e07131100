"""The shapes await_lint.py must reject, each with its reason, and those it must let pass."""
import unittest

import await_lint as lint

BAD = [
    ("auto x = co_await f(P{.name = s});", lint.BRACE),
    ("auto x = co_await f({.name = s});", lint.BRACE),
    ("auto x = co_await f({});", lint.BRACE),
    ('auto x = co_await f({"a", "b"});', lint.BRACE),
    ("auto x = co_await f(\n    a,\n    P{.name = s});", lint.BRACE),
    ("auto x = co_await f([s = std::move(s)] { return s; });", lint.BRACE),
    ("co_await f(g(P{1, 2}));", lint.BRACE),
    ("co_await f(std::array<std::string, 2>{a, b});", lint.BRACE),
    ("co_return co_await f(P{.name = s});", lint.BRACE),
    ("GH_CO_TRY(auto x, co_await f(P{.name = s}));", lint.BRACE),
    ("co_await f(P(s));", lint.TEMPORARY),
    ("co_await f(a, tokens::Descriptor(s));", lint.TEMPORARY),
    ("co_await f(Box<int>(s));", lint.TEMPORARY),
    ("if (co_await f()) co_return 1;", lint.CONDITION),
    ("if (auto x = co_await f(); x) co_return 1;", lint.CONDITION),
    ("while (co_await f()) g();", lint.CONDITION),
    ("switch (co_await f()) { default: break; }", lint.CONDITION),
    ("for (; co_await f();) g();", lint.CONDITION),
    ("for (auto& x : co_await f()) g(x);", lint.CONDITION),
    ("if (!co_await f()) co_return;", lint.CONDITION),
    ("if (a && (co_await f())) co_return;", lint.NESTED),
    ("g(co_await f());", lint.NESTED),
    ("co_await f(co_await g());", lint.NESTED),
    ("EXPECT_EQ(co_await f(), 1);", lint.NESTED),
    ("co_return Result(co_await f());", lint.NESTED),
    ("auto x = (co_await f()).value();", lint.NESTED),
    ("auto x = a + co_await f();", lint.NESTED),
    ("auto x = a ? b : co_await f();", lint.NESTED),
    ("auto x = !co_await f();", lint.NESTED),
    ("auto x = co_await f() + 1;", lint.NESTED),
    ("auto x = co_await f() ? 1 : 2;", lint.NESTED),
    ("auto x = co_await f() == y;", lint.NESTED),
    ("auto x = co_await f() || y;", lint.NESTED),
    ("x += co_await f();", lint.NESTED),
    ("P x{co_await f()};", lint.NESTED),
    ("P x{.a = co_await f(), .b = 1};", lint.NESTED),
    ("auto y = x[co_await f()];", lint.NESTED),
    ("GH_CO_TRY(auto x, a + co_await f());", lint.NESTED),
    ("Task<> f(int x, P p = {});", lint.DEFAULT),
    ("Task<Result<int>> Store::find(std::string id, int limit = 10) { co_return 1; }", lint.DEFAULT),
    ("Task<> f(int x = g(1, 2)) { co_await h(x); }", lint.DEFAULT),
    ("auto job = [](int n = 1) -> Task<> { co_await f(n); };", lint.DEFAULT),
    ("auto f(int n = 1) -> gatehouse::Task<int>;", lint.DEFAULT),
    ("asio::awaitable<void> f(int n = 1);", lint.DEFAULT),
    ("[s]() -> Task<> { co_await f(s); }();", lint.CALLED),
    ("auto t = [s](int n) mutable -> Task<int> { co_return n; }(1);", lint.CALLED),
    ("start([&]() -> Task<> { co_await f(); }());", lint.CALLED),
]

GOOD = [
    "co_await f();",
    "auto x = co_await f(a, b);",
    "const auto& [a, b] = co_await f();",
    "Task<int> x = co_await f();",
    "std::map<int, std::vector<int>> x = co_await f();",
    "x = co_await f(std::move(p));",
    "this->value_ = co_await std::move(task);",
    "values[i] = co_await f();",
    "(void)co_await f();",
    "co_return co_await f(x);",
    "if (!token) co_return co_await refuse(context, std::move(token).error(), text);",
    "if (a == b) co_await f(); else co_await g();",
    "for (const auto& x : xs) co_await f(x);",
    "for (int i = 0; i < 3; ++i) co_await f(i);",
    "switch (x) { case Kind::a: co_await f(); break; default: co_await g(); }",
    "while (next) { auto x = co_await f(); next = x.more; }",
    "try { co_await f(); } catch (...) { thrown = std::current_exception(); }",
    "P p{.name = s}; co_await f(std::move(p));",
    "auto job = [&] { return 1; }; auto x = co_await run_blocking(pool, job);",
    "auto job = [&]() -> Task<> { co_await f(); co_return; }; co_await job();",
    "start([&]() -> Task<> { co_await f(); }, done);",
    "GH_CO_TRY(auto x, co_await f(a));",
    "GH_CO_TRY((const auto [a, b]), co_await f(a));",
    "GH_CO_CHECK(co_await f(a));",
    "co_await (service.*how)(context, scheme);",
    "co_await context.store().save(a.b, c->d, Clock::now());",
    "co_await run_blocking<int>(pool, job);",
    "auto x = co_await f(a + b, c == d);",
    "const auto x = [&] { return 1; }();",
    'log("co_await f(P{})");  // if (co_await f())',
    "auto text = R\"(if (co_await f()) { g(co_await h()); })\";",
    "#define GH_CO(e) if (co_await e) { \\\n  g(co_await e); }",
    "auto operator co_await() && noexcept { return Awaiter{handle_}; }",
    "Task<> f(int x, P p);",
    "void f(int x = 1);",
    "std::function<Task<int>(int)> hook = {};",
    "Task<> f(std::function<bool(int)> test) { co_await g(test); }",
    "int million = 1'000'000; co_await f('x', '\\'');",
    "[[maybe_unused]] auto x = co_await f();",
]


class AwaitLint(unittest.TestCase):
    def test_rejects_bad_shapes(self):
        for shape, why in BAD:
            with self.subTest(shape):
                self.assertIn(why, [reason for _, reason in lint.findings("Task<> t() {\n" + shape + "\n}\n")])

    def test_lets_good_shapes_pass(self):
        for shape in GOOD:
            with self.subTest(shape):
                self.assertEqual(lint.findings("Task<> t() {\n" + shape + "\n}\n"), [])

    def test_names_the_line(self):
        self.assertEqual(lint.findings("Task<> t() {\n  // a\n  g(co_await f());\n}\n"), [(3, lint.NESTED)])


if __name__ == "__main__":
    unittest.main()
