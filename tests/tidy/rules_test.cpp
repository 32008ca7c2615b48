#include "rules.hpp"

#include <gtest/gtest.h>

#include <string>

// The checks themselves are checked: each must find what it is for and let good code pass.
namespace reprise::tidy {
namespace {

struct line_case {
    std::string path;
    std::string line;
    bool bad;
};

TEST(rules, forbidden_arrows_are_found)
{
    for (const auto& [path, line, bad] : {
             line_case{"server/detect/a.cpp", "#include \"reprise/model/signal.hpp\"", false},
             line_case{"server/detect/a.cpp", "#include \"reprise/telemetry/rrpair.hpp\"", true},
             line_case{"server/detect/a.cpp", "#include \"reprise/store/database.hpp\"", true},
             line_case{"server/detect/a.cpp", "#include \"reprise/cellar/x.hpp\"", true},
             line_case{"server/store/a.cpp", "#include \"../http/x.hpp\"", true},
             line_case{"server/store/a.cpp", "#include <soci/soci.h>", false},
             line_case{"include/reprise/store/a.hpp", "#include <soci/soci.h>", true},
             line_case{"include/reprise/store/a.hpp", "#include \"database_row.hpp\"", true},
             line_case{"server/http/a.cpp", "#include <sqlite3.h>", true},
             line_case{"server/http/a.cpp", "#include <boost/beast/http.hpp>", true},
             line_case{"server/detect/a.cpp", "#include <boost/asio/awaitable.hpp>", true},
             line_case{"server/http/a.cpp", "#include <boost/asio/awaitable.hpp>", false},
         })
        EXPECT_EQ(!check_includes(path, line).empty(), bad) << path << ": " << line;
}

TEST(rules, coroutine_traps_are_found)
{
    for (const auto& [path, line, bad] : {
             line_case{"server/http/a.cpp", "if (co_await f())", true},
             line_case{"server/http/a.cpp", "while (!co_await f())", true},
             line_case{"server/http/a.cpp", "if (const auto x = co_await f(); x)", true},
             line_case{"server/http/a.cpp", "const auto x = co_await f();", false},
             line_case{"server/http/a.cpp", "co_await g([this] { run(); });", true},
             line_case{"server/http/a.cpp", "co_await g([] { run(); });", false},
             line_case{"server/http/a.cpp", "auto x = good ? co_await f() : 1;", true},
             line_case{"server/http/a.cpp", "thing x{co_await f(), 2};", true},
             line_case{"server/http/a.cpp", "auto x = (co_await f()) + (co_await g());", true},
             line_case{"server/http/a.cpp", "auto work = [this]() -> awaitable<void> {", true},
             line_case{"server/http/a.cpp", "asio::co_spawn(pool, f(), token);", true},
             line_case{"tests/http/a_test.cpp", "asio::co_spawn(pool, f(), token);", false},
             line_case{"server/base/task_group.cpp", "co_spawn(x, f(), asio::detached);", true},
             line_case{"server/http/a.cpp", "// if (co_await f()) is forbidden", false},
         })
        EXPECT_EQ(!check_coroutines(path, line).empty(), bad) << line;
}

TEST(rules, careless_text_is_found)
{
    const std::string long_line(121, 'x');
    for (const auto& [path, line, bad] : {
             line_case{"server/http/a.cpp", long_line, true},
             line_case{"server/http/a.cpp", "int x; ", true},
             line_case{"server/http/a.cpp", "\tint x;", true},
             line_case{"server/http/a.cpp", "// TODO later", true},
             line_case{"server/http/a.cpp", "// TODO(#12) when GCC 13 is here", false},
             line_case{"tests/http/a_test.cpp", "TEST(a, DISABLED_b)", true},
             line_case{"tests/http/a_test.cpp", "std::this_thread::sleep_for(1s);", true},
             line_case{"server/http/a.cpp", "\"SELECT * FROM runs\"", true},
             line_case{"web/src/a.ts", "node.innerHTML = text;", true},
             line_case{"web/src/a.ts", "node.textContent = text;", false},
         })
        EXPECT_EQ(!check_text(path, line).empty(), bad) << line;
}

TEST(rules, function_bodies_are_measured)
{
    const auto functions = measure_functions("void f()\n{\n    a();\n    b();\n}\n\nvoid g()\n{\n}\n");
    ASSERT_EQ(functions.size(), 2U);
    EXPECT_EQ(functions[0].line, 2U);
    EXPECT_EQ(functions[0].lines, 2U);
    EXPECT_EQ(functions[1].lines, 0U);
}

}  // namespace
}  // namespace reprise::tidy
