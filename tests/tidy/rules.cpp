#include "rules.hpp"

#include <array>
#include <map>
#include <regex>
#include <set>

namespace reprise::tidy {
namespace {

constexpr std::size_t line_columns_max = 120;

// Floors of the house; an include may only go to a lower number or stay in its room.
const std::map<std::string_view, int> floors = {
    {"base", 0},     {"model", 1},   {"telemetry", 2}, {"detect", 2},  {"lifecycle", 2}, {"net", 3},
    {"store", 4},    {"archive", 4}, {"sandbox", 4},   {"live", 4},    {"pipeline", 5},  {"replay", 5},
    {"agents", 5},   {"forge", 5},   {"runs", 6},      {"ingest", 7},  {"http", 7},      {"rpc", 7},
    {"app", 8},      {"synth", 8},
};

struct owner {
    std::string_view prefix;
    std::set<std::string_view> rooms;
};

// Who may see which library. Boost beyond Beast is common ground (see docs/adr).
const std::array owners = {
    owner{"spdlog/", {"base"}},
    owner{"fmt/", {"base"}},
    owner{"openssl/", {"base", "net", "rpc"}},
    owner{"boost/beast", {"net"}},
    owner{"nghttp2/", {"net", "rpc"}},
    owner{"grpc", {}},
    owner{"google/protobuf", {}},
    owner{"opentelemetry/", {}},
    owner{"soci/", {"store"}},
    owner{"sqlite3", {"store"}},
    owner{"archive", {"archive"}},
    owner{"sodium", {"http"}},
    owner{"zlib", {"telemetry"}},
    owner{"xxhash", {"base"}},
    owner{"xxh_x86dispatch", {"base"}},
    owner{"gcrypt", {"base"}},
    owner{"yaml-cpp/", {"app"}},
    owner{"CLI/", {"app", "synth"}},
};

// Rooms that compute and never do I/O.
const std::set<std::string_view> pure_rooms = {"model", "telemetry", "detect", "lifecycle"};

std::string_view trimmed(std::string_view line)
{
    const auto first = line.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

// Comments and the text of string literals say nothing about code.
std::string code_of(std::string_view line)
{
    std::string code;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quoted && line[i] == '\\') {
            ++i;
            continue;
        }
        if (line[i] == '"')
            quoted = !quoted;
        if (!quoted && line.substr(i, 2) == "//")
            break;
        if (!quoted || line[i] == '"')
            code += line[i];
    }
    return code;
}

bool is_test(std::string_view path)
{
    return path.starts_with("tests/");
}

bool matches(const std::string& text, const std::regex& pattern)
{
    return std::regex_search(text, pattern);
}

void check_arrow(std::string_view from, std::string_view to, std::size_t line, std::vector<finding>& found)
{
    if (from == to)
        return;
    const auto from_floor = floors.find(from);
    const auto to_floor = floors.find(to);
    if (from_floor == floors.end() || to_floor == floors.end()) {
        found.push_back({line, "a room the house does not know: " + std::string(from) + " -> " + std::string(to)});
        return;
    }
    if (to_floor->second >= from_floor->second)
        found.push_back({line, std::string(from) + " may not see " + std::string(to) + ": arrows go down only"});
}

void check_third_party(std::string_view room, std::string_view path, std::string_view header, std::size_t line,
                       std::vector<finding>& found)
{
    for (const owner& one : owners) {
        if (!header.starts_with(one.prefix))
            continue;
        if (!one.rooms.contains(room))
            found.push_back({line, "<" + std::string(header) + "> belongs to another room"});
        else if (path.starts_with("include/"))
            found.push_back({line, "<" + std::string(header) + "> in a public header"});
    }
    if (pure_rooms.contains(room) && header.starts_with("boost/asio"))
        found.push_back({line, std::string(room) + " is pure: no <" + std::string(header) + ">"});
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

std::string_view room_of(std::string_view path)
{
    for (const std::string_view prefix : {"server/", "include/reprise/"}) {
        if (!path.starts_with(prefix))
            continue;
        const std::string_view rest = path.substr(prefix.size());
        const auto slash = rest.find('/');
        return slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
    }
    return {};
}

std::vector<finding> check_includes(std::string_view path, std::string_view text)
{
    std::vector<finding> found;
    const std::string_view room = room_of(path);
    if (room.empty())
        return found;
    const auto lines = split_lines(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i].starts_with("#include "))
            continue;
        const std::string_view target = lines[i].substr(9);
        const std::string_view header = target.substr(1, target.find_first_of("\">", 1) - 1);
        if (target.starts_with('<'))
            check_third_party(room, path, header, i + 1, found);
        else if (header.starts_with("reprise/"))
            check_arrow(room, header.substr(8, header.find('/', 8) - 8), i + 1, found);
        else if (header.find("..") != std::string_view::npos)
            found.push_back({i + 1, "a private header of another room: " + std::string(header)});
        else if (path.starts_with("include/"))
            found.push_back({i + 1, "a public header that needs a private one: " + std::string(header)});
    }
    return found;
}

std::vector<finding> check_coroutines(std::string_view path, std::string_view text)
{
    static const std::regex in_condition(R"((^|[^\w])(if|while|switch)\s*\(([^;]*)co_await)");
    static const std::regex with_capture(R"(co_await.*\[[^\]]*[\w=&][^\]]*\]\s*(\(|\{|mutable))");
    static const std::regex in_choice(R"(\?[^:]*co_await|co_await[^;]*\?[^:]*:)");
    static const std::regex in_braces(R"(\{[^{}();]*co_await)");
    static const std::regex twice(R"(co_await.*co_await)");
    static const std::regex lambda_coroutine(R"(\]\s*\([^)]*\)\s*(mutable\s*)?->\s*(boost::)?(asio::)?awaitable)");
    static const std::regex detached(R"(asio::detached|[(,]\s*detached\s*\))");
    static const std::regex spawn(R"(\bco_spawn\s*\()");

    std::vector<finding> found;
    const auto lines = split_lines(text);
    const bool may_spawn = is_test(path) || path.starts_with("bench/") || room_of(path) == "base" ||
                           room_of(path) == "app";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string code = code_of(lines[i]);
        if (code.find("co_") == std::string::npos && code.find("awaitable") == std::string::npos &&
            code.find("detached") == std::string::npos)
            continue;  // Regular expressions are slow.
        const auto report = [&](bool bad, std::string_view what) {
            if (bad)
                found.push_back({i + 1, std::string(what)});
        };
        report(matches(code, in_condition), "co_await in a condition: await into a named local first (GCC 12)");
        report(matches(code, with_capture), "a capturing lambda beside co_await: name it first (GCC 12)");
        report(matches(code, in_choice), "co_await beside ?: : use if/else (GCC 12)");
        report(matches(code, in_braces), "co_await in a braced initialiser: await into a local first (GCC 12)");
        report(matches(code, twice), "one co_await per statement (GCC 12)");
        report(matches(code, lambda_coroutine), "a coroutine is a named function: a lambda's captures die with it");
        report(matches(code, detached), "nothing is detached: spawn on a task_group");
        report(matches(code, spawn) && !may_spawn, "co_spawn only in base and app");
    }
    return found;
}

std::vector<finding> check_text(std::string_view path, std::string_view text)
{
    static const std::regex unfinished(R"(\b(TODO|FIXME|XXX|HACK)\b)");
    static const std::regex with_issue(R"(\bTODO\(#\d+\))");
    static const std::regex test_off(R"(DISABLED_|GTEST_SKIP|\.skip\(|\.only\(|EXPECT_TRUE\(true\)|\bSUCCEED\(\))");
    static const std::regex sleeps(R"(sleep_for|sleep_until|\busleep\(|[^\w]sleep\()");
    static const std::regex select_all(R"(SELECT \*)");
    static const std::regex inner_html(R"(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|\beval\()");

    std::vector<finding> found;
    const bool is_code = path.ends_with(".cpp") || path.ends_with(".hpp");
    const auto lines = split_lines(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string line(lines[i]);
        const auto report = [&](bool bad, std::string_view what) {
            if (bad)
                found.push_back({i + 1, std::string(what)});
        };
        report(is_code && line.size() > line_columns_max, "longer than 120 columns");
        report(line.find('\t') != std::string::npos && !path.ends_with("Makefile"), "a tab");
        report(!line.empty() && line.back() == ' ' && !path.ends_with(".md"), "trailing space");
        report(matches(line, unfinished) && !matches(line, with_issue), "unfinished work without an issue number");
        report(is_test(path) && matches(line, test_off), "a test that is off or asserts nothing");
        report(is_test(path) && is_code && matches(line, sleeps), "a test that sleeps");
        report(is_code && !is_test(path) && matches(line, select_all), "name the columns");
        report(path.starts_with("web/src/") && matches(line, inner_html), "text reaches the page as text only");
    }
    return found;
}

std::vector<function_length> measure_functions(std::string_view text)
{
    std::vector<function_length> functions;
    const auto lines = split_lines(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view brace = trimmed(lines[i]);
        if (brace != "{" || lines[i].size() > 9)
            continue;
        const std::string indent(lines[i].substr(0, lines[i].size() - 1));
        for (std::size_t end = i + 1; end < lines.size(); ++end) {
            if (lines[end].starts_with(indent + "}")) {
                functions.push_back({i + 1, end - i - 1});
                break;
            }
        }
    }
    return functions;
}

}  // namespace reprise::tidy
