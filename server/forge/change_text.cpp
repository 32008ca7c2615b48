#include "reprise/forge/change_text.hpp"

#include "markdown.hpp"
#include "run_result.hpp"
#include "ticket_numbers.hpp"
#include "ticket_replay.hpp"

#include "reprise/forge/trackers.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace reprise::forge {
namespace {

constexpr std::size_t files_shown_max = changed_files_max;
constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t path_bytes_shown = 120;
constexpr std::size_t url_bytes_max = 500;
constexpr std::size_t escalation_bytes_max = 500;

using optional_replay = result<std::optional<run_result>>;

optional_replay read_replay(const std::string& json)
{
    if (json.empty())
        return std::optional<run_result>();
    auto read = parse_run_result(json);
    if (!read)
        return read.error();
    return std::optional<run_result>(std::move(*read));
}

bool is_address(std::string_view url)
{
    const bool is_web = url.starts_with("https://") || url.starts_with("http://");
    return is_web && url.size() <= url_bytes_max && std::all_of(url.begin(), url.end(), [](unsigned char one) {
        return one > 0x20 && one < 0x7F && one != '<' && one != '>' && one != '"' && one != '`' && one != '\\';
    });
}

std::string files_text(const std::vector<changed_file>& files)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(files.size(), files_shown_max); ++i) {
        text += "- " + code(files[i].path, path_bytes_shown);
        text += files[i].content ? " (" + grouped(files[i].content->size()) + " bytes)\n" : " (removed)\n";
    }
    return text;
}

std::string change_section(const change_source& source)
{
    const auto tests = std::count_if(source.files.begin(), source.files.end(), [](const changed_file& one) {
        return one.content && is_test_path(one.path);
    });
    const std::string base =
        source.base_branch.empty() ? "the default branch" : code(source.base_branch, name_bytes_max);
    std::string text = "\n## Change\n\n";
    text += "From " + code(source.head_branch, name_bytes_max) + " into " + base + ", " +
            grouped(source.files.size()) + (source.files.size() == 1 ? " file" : " files") + ".\n\n";
    text += files_text(source.files);
    text += "\n- Tests in it: " +
            (tests == 0 ? std::string("none") : grouped(static_cast<std::uint64_t>(tests))) + "\n";
    if (is_address(source.ticket_url))
        text += "- Ticket: <" + source.ticket_url + ">\n";
    if (source.confidence)
        text += "- Confidence: " + percent(*source.confidence) + "\n";
    if (!source.escalation.empty())
        text += "- A person must look closely: " + plain(source.escalation, escalation_bytes_max) + "\n";
    return text;
}

std::string shown_of(const std::optional<run_result>& replay)
{
    if (!replay)
        return "not replayed";
    return std::string(verdict_words(replay->verdict)) + ", " + std::to_string(replay->trials_shown) + " of " +
           std::to_string(replay->trials_done) + " trials show it";
}

// The middle of what the trials measured.
std::string median_of(const std::optional<run_result>& replay)
{
    if (!replay || replay->trials.empty())
        return "";
    std::vector<double> values;
    for (const trial_row& one : replay->trials)
        values.push_back(one.metric);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return value_text(*middle, replay->unit);
}

std::string comparison(const std::optional<run_result>& before, const std::optional<run_result>& after)
{
    const std::string metric = before ? before->metric : after ? after->metric : std::string();
    std::string text =
        "\n## Before and after\n\n| replay | before the change | with the change |\n| --- | --- | --- |\n";
    text += "| verdict | " + shown_of(before) + " | " + shown_of(after) + " |\n";
    if (!metric.empty())
        text += "| " + plain(metric, name_bytes_max) + ", median | " + median_of(before) + " | " + median_of(after) +
                " |\n";
    if (!after)
        text += "\nNothing proves yet that this change helps: it was not replayed with it.\n";
    return text;
}

}  // namespace

bool is_test_path(std::string_view path)
{
    std::string lower(path);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char one) {
        return static_cast<char>(std::tolower(one));
    });
    constexpr std::array<std::string_view, 4> folders = {"test/", "tests/", "spec/", "__tests__/"};
    const bool in_folder = std::any_of(folders.begin(), folders.end(), [&lower](std::string_view one) {
        return lower.starts_with(one) || lower.find("/" + std::string(one)) != std::string::npos;
    });
    const std::string name = lower.substr(lower.rfind('/') + 1);
    return in_folder || name.starts_with("test_") || name.find("_test.") != std::string::npos ||
           name.find(".test.") != std::string::npos || name.find(".spec.") != std::string::npos;
}

result<std::string> draft_change_body(const change_source& source)
{
    const auto before = read_replay(source.measured.result_json);
    if (!before)
        return before.error();
    const auto after = read_replay(source.after_result_json);
    if (!after)
        return after.error();
    const auto measured = draft_ticket(source.measured);
    if (!measured)
        return measured.error();
    std::string body = source.words;
    if (!body.empty() && !body.ends_with('\n'))
        body += '\n';
    body += body.empty() ? change_section(source).substr(1) : change_section(source);
    body += comparison(*before, *after);
    if (*after)
        body += replay_section("Replay with the change", **after);
    body += "\n" + measured->body;
    if (body.size() > body_bytes_max)
        return errc::too_large;
    return body;
}

}  // namespace reprise::forge
