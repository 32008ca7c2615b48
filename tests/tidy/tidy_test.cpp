#include "rules.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace reprise::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t function_lines_max = 70;
constexpr std::size_t file_lines_max = 500;

const fs::path root = REPRISE_SOURCE_DIR;

std::string read(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool is_ours(const fs::path& path)
{
    static const std::set<std::string> kinds = {".cpp", ".hpp", ".ts",  ".tsx", ".mjs", ".css",
                                                ".sql", ".sh",  ".txt", ".cmake", ".proto"};
    const std::string name = path.filename().string();
    return kinds.contains(path.extension().string()) && name != "package-lock.json";
}

// Every source file we wrote, by its path from the root.
const std::map<std::string, std::string>& sources()
{
    static const auto files = [] {
        std::map<std::string, std::string> read_files;
        for (const char* top : {"server", "include", "tests", "bench", "web", "examples", "scripts", "cmake",
                                "migrations", "proto"}) {
            if (!fs::exists(root / top))
                continue;
            for (auto it = fs::recursive_directory_iterator(root / top); it != fs::recursive_directory_iterator(); ++it) {
                const std::string name = it->path().filename().string();
                if (it->is_directory() && (name == "node_modules" || name == "dist" || name == "build"))
                    it.disable_recursion_pending();
                else if (it->is_regular_file() && is_ours(it->path()))
                    read_files[fs::relative(it->path(), root).generic_string()] = read(it->path());
            }
        }
        return read_files;
    }();
    return files;
}

template <class Check>
std::string report(Check check)
{
    std::ostringstream out;
    for (const auto& [path, text] : sources()) {
        // The rules' own test holds examples of everything that is forbidden.
        if (path.starts_with("tests/tidy/"))
            continue;
        for (const finding& found : check(path, text))
            out << path << ":" << found.line << ": " << found.what << "\n";
    }
    return out.str();
}

// Sizes that are over the limit today and may only shrink: "path lines" per row.
std::map<std::string, std::size_t> ratchet()
{
    std::map<std::string, std::size_t> rows;
    std::ifstream file(root / "tests/tidy/ratchet.txt");
    std::string path;
    std::size_t lines = 0;
    while (file >> path >> lines)
        rows[path] = lines;
    return rows;
}

bool is_code(const std::string& path)
{
    return path.ends_with(".cpp") || path.ends_with(".hpp") || path.ends_with(".ts") || path.ends_with(".tsx");
}

// Whether a CMakeLists.txt beside or above it, up to its top folder, names the file by its stem: lists may make the
// ending themselves.
bool is_listed(const fs::path& source)
{
    for (fs::path folder = source.parent_path(); !folder.empty(); folder = folder.parent_path()) {
        const auto list = sources().find((folder / "CMakeLists.txt").generic_string());
        if (list != sources().end() && list->second.find(source.stem().string()) != std::string::npos)
            return true;
    }
    return false;
}

TEST(tidy, the_tree_was_found)
{
    EXPECT_TRUE(sources().contains("server/base/task_group.cpp"));
    EXPECT_GT(sources().size(), 30U);
}

TEST(tidy, arrows_go_down_and_libraries_stay_in_their_room)
{
    EXPECT_EQ(report(check_includes), "");
}

TEST(tidy, every_source_is_in_a_build_list)
{
    std::string forgotten;
    for (const auto& [path, text] : sources()) {
        if (path.ends_with(".cpp") && !is_listed(path))
            forgotten += path + "\n";
    }
    EXPECT_EQ(forgotten, "") << "what is not listed is not built, and a test of it never runs";
}

TEST(tidy, no_coroutine_trap)
{
    EXPECT_EQ(report(check_coroutines), "");
}

TEST(tidy, no_careless_text)
{
    EXPECT_EQ(report(check_text), "");
}

TEST(tidy, functions_and_files_stay_small)
{
    const auto allowed = ratchet();
    std::ostringstream out;
    for (const auto& [path, text] : sources()) {
        if (!is_code(path))
            continue;
        const std::size_t lines = split_lines(text).size();
        const auto old = allowed.find(path);
        const std::size_t limit = old != allowed.end() ? old->second : file_lines_max;
        if (lines > limit)
            out << path << ": " << lines << " lines, limit " << limit << "\n";
        if (!path.ends_with(".cpp") && !path.ends_with(".hpp"))
            continue;
        for (const function_length& function : measure_functions(text)) {
            if (function.lines > function_lines_max)
                out << path << ":" << function.line << ": a function of " << function.lines << " lines\n";
        }
    }
    EXPECT_EQ(out.str(), "");
}

TEST(tidy, the_ratchet_names_only_files_that_need_it)
{
    std::ostringstream out;
    for (const auto& [path, lines] : ratchet()) {
        const auto found = sources().find(path);
        if (found == sources().end() || split_lines(found->second).size() <= file_lines_max)
            out << path << " needs no entry in tests/tidy/ratchet.txt any more\n";
    }
    EXPECT_EQ(out.str(), "");
}

TEST(tidy, headers_say_what_they_are_for)
{
    std::ostringstream out;
    for (const auto& [path, text] : sources()) {
        if (path.starts_with("include/") && text.find("//") == std::string::npos)
            out << path << " has no comment\n";
        if (path.ends_with(".hpp") && text.find("#pragma once") == std::string::npos)
            out << path << " has no #pragma once\n";
    }
    EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace reprise::tidy
