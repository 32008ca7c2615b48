#include "ticket_replay.hpp"

#include "markdown.hpp"
#include "ticket_numbers.hpp"

namespace reprise::forge {

std::string_view verdict_words(model::verdict verdict)
{
    switch (verdict) {
    case model::verdict::reproduced: return "Reproduced";
    case model::verdict::not_reproduced: return "Not reproduced";
    case model::verdict::flaky: return "Flaky";
    case model::verdict::inconclusive: return "Inconclusive";
    }
    return "Inconclusive";
}

namespace {

constexpr std::size_t sentence_bytes_max = 500;
constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t number_name_bytes_max = 64;

std::string trial_table(const run_result& replay)
{
    if (replay.trials.empty())
        return {};
    const bool has_last_good = !replay.last_good_target.empty();
    std::string text = "| trial | shows it | " + plain(replay.metric, name_bytes_max) + " | control | "
        + (has_last_good ? "last good | p |\n" : "p |\n");
    text += has_last_good ? "| --- | --- | --- | --- | --- | --- |\n" : "| --- | --- | --- | --- | --- |\n";
    for (const trial_row& one : replay.trials) {
        text += "| " + std::to_string(one.number) + " | " + (one.shows ? "yes" : "no") + " | "
            + value_text(one.metric, replay.unit) + " (n " + std::to_string(one.n) + ") | "
            + value_text(one.control, replay.unit) + " (n " + std::to_string(one.control_n) + ") | "
            + (has_last_good ? value_text(one.last_good, replay.unit) + " (n " + std::to_string(one.last_good_n)
                                   + ") | " : std::string())
            + p_text(one.p_value) + " |\n";
    }
    if (replay.trials_done > replay.trials.size())
        text += "\nThe first " + std::to_string(replay.trials.size()) + " of " + std::to_string(replay.trials_done)
            + " trials.\n";
    return text;
}

}  // namespace

std::string replay_section(std::string_view title, const run_result& replay)
{
    const bool has_last_good = !replay.last_good_target.empty();
    std::string text = "\n## " + std::string(title) + "\n\n";
    text += "**" + std::string(verdict_words(replay.verdict)) + "**: " + std::to_string(replay.trials_shown) + " of "
        + std::to_string(replay.trials_done) + " trials show it (" + std::to_string(replay.trials_planned)
        + " planned). " + plain(replay.reason, sentence_bytes_max) + "\n\n";
    text += trial_table(replay);
    text += "\nMethod: the captured inbound requests were sent to " + code(replay.target, name_bytes_max)
        + ", failing and control requests in turn"
        + (has_last_good ? ", and the failing ones to the last-good target "
                               + code(replay.last_good_target, name_bytes_max) : std::string())
        + "; " + std::to_string(replay.requests_sent) + " of "
        + std::to_string(replay.requests_planned) + " sent, " + std::to_string(replay.requests_answered)
        + " answered. A trial shows the problem when its measure passes " + value_text(replay.gate, replay.unit)
        + " (normal: " + value_text(replay.baseline, replay.unit) + ") and differs from "
        + (has_last_good ? "the same requests against the last-good target.\n" : "the control.\n");
    if (!replay.methodology_hash.empty())
        text += "Method hash: " + code(replay.methodology_hash, name_bytes_max) + "\n";
    for (const auto& [name, value] : replay.numbers)
        text += "- " + plain(in_words(name), number_name_bytes_max) + ": " + number_text(value) + "\n";
    return text;
}

}  // namespace reprise::forge
