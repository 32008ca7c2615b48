#include "reprise/forge/ticket.hpp"

#include "markdown.hpp"
#include "run_result.hpp"
#include "ticket_numbers.hpp"
#include "ticket_replay.hpp"

#include "reprise/base/time_text.hpp"

#include <algorithm>
#include <cctype>

namespace reprise::forge {
namespace {

// Escaping can make a text five times as long; together these stay below body_bytes_max.
constexpr std::size_t explanation_bytes_max = 1'000;
constexpr std::size_t sentence_bytes_max = 500;
constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t number_name_bytes_max = 64;
constexpr std::size_t reasons_max = 8;
constexpr std::size_t alarms_max = 2;
constexpr std::size_t alarm_bytes_max = 1'500;

std::string heading(std::string_view text)
{
    return "\n## " + std::string(text) + "\n\n";
}

std::string row(const std::string& name, const std::string& observed, const std::string& normal)
{
    return "| " + name + " | " + observed + " | " + normal + " |\n";
}

std::string observed_text(const model::signal& signal)
{
    std::string text = value_text(signal.observed, signal.unit);
    if (signal.unit == "ratio" && signal.observed_n > 0)
        return text + " (" + grouped(signal.observed_k) + " of " + grouped(signal.observed_n) + ")";
    return text + " (" + grouped(signal.observed_n) + " observed)";
}

std::string normal_text(const model::signal& signal)
{
    if (signal.baseline_n == 0)
        return "not known yet";
    std::string text = value_text(signal.baseline, signal.unit);
    if (signal.unit == "ratio")
        text += " (" + grouped(signal.baseline_k) + " of " + grouped(signal.baseline_n);
    else
        text += " (" + grouped(signal.baseline_n) + " observed";
    return text + ", " + grouped(signal.baseline_windows) + " windows)";
}

std::string symptom(const ticket_source& source)
{
    const model::signal& signal = source.signal;
    std::string text = heading("Symptom");
    const std::string& sentence = signal.explanation.empty() ? source.incident.title : signal.explanation;
    text += plain(sentence, explanation_bytes_max) + "\n\n";
    text += "- Service: " + code(source.incident.service, name_bytes_max) + "\n";
    if (!signal.operation.route.empty() || !signal.operation.method.empty())
        text += "- Operation: " + code(model::operation_name(signal.operation.view()), name_bytes_max) + ", "
            + std::string(model::to_text(signal.operation.kind)) + "\n";
    if (!signal.message.empty())
        text += "- Message: " + code(signal.message, quote_bytes_max) + "\n";
    text += "- Severity: " + std::string(model::to_text(source.incident.severity)) + "; seen "
        + grouped(source.incident.occurrences) + (source.incident.occurrences == 1 ? " time" : " times") + ", first "
        + format_rfc3339(source.incident.first_seen_ns) + ", last " + format_rfc3339(source.incident.last_seen_ns)
        + "\n";
    return text;
}

// What people told us, when nothing or not only traffic did.
std::string alarms_text(const std::vector<model::alarm>& alarms)
{
    if (alarms.empty())
        return {};
    std::string text = heading("Alarms");
    for (std::size_t i = 0; i < std::min(alarms.size(), alarms_max); ++i) {
        const model::alarm& alarm = alarms[i];
        const std::int64_t at_ns = alarm.occurred_ns > 0 ? alarm.occurred_ns : alarm.received_ns;
        text += "- " + format_rfc3339(at_ns) + ", from " + code(alarm.source, name_bytes_max) + ": ";
        text += plain(alarm.title.empty() ? alarm.error_type : alarm.title, sentence_bytes_max);
        if (!alarm.route.empty())
            text += " (" + code(alarm.route, name_bytes_max) + ")";
        text += "\n";
        if (!alarm.description.empty())
            text += "\n" + fenced("text", alarm.description, alarm_bytes_max) + "\n";
    }
    if (alarms.size() > alarms_max)
        text += "\nThe newest " + std::to_string(alarms_max) + " of those at hand.\n";
    return text;
}

std::string measurements(const model::signal& signal)
{
    if (signal.id.empty())
        return {};
    std::string text = heading("Numbers");
    text += "Window " + format_rfc3339(signal.window_start_ns) + " to " + format_rfc3339(signal.window_end_ns);
    text += ".\n\n";
    text += row("measurement", "observed", "normal") + row("---", "---", "---");
    text += row(plain(signal.metric, name_bytes_max), observed_text(signal), normal_text(signal));
    std::size_t rows = 0;
    for (const auto& [name, value] : signal.numbers) {
        if (++rows > numbers_max)
            break;
        text += row(plain(in_words(name), number_name_bytes_max), number_text(value), "");
    }
    text += "\nDecided by: " + plain(signal.rule, sentence_bytes_max);
    if (signal.p_value)
        text += " (p " + p_text(*signal.p_value) + ")";
    text += ".\n";
    if (!signal.sensitivity.empty())
        text += plain(signal.sensitivity, sentence_bytes_max) + "\n";
    return text;
}

std::string reproducer(const std::string& curl)
{
    if (curl.empty())
        return {};
    return heading("Reproducer")
        + "Redacted values stay redacted; put your own in their place.\n\n" + fenced("sh", curl, curl_bytes_max);
}

std::string evidence_text(const std::optional<model::evidence>& evidence)
{
    if (!evidence)
        return heading("Evidence") + "No evidence bundle was archived.\n";
    std::string text = heading("Evidence");
    text += "- Bundle: " + code(evidence->path, sentence_bytes_max) + " (" + grouped(evidence->bytes) + " bytes)\n";
    text += "- SHA-256: " + code(evidence->sha256, name_bytes_max) + "\n";
    text += "- " + grouped(evidence->failing) + " failing and " + grouped(evidence->control) + " good exchanges";
    if (evidence->cut > 0)
        text += "; " + grouped(evidence->cut) + " more were left out by limits";
    return text + ". Secrets and personal data are redacted.\n";
}

std::string risk_text(const ticket_source& source)
{
    std::string text = heading("Risk");
    text += "Releasing this was rated **" + std::string(model::to_text(source.risk)) + "**.\n";
    if (!source.risk_reasons.empty())
        text += "\n";
    for (std::size_t i = 0; i < std::min(source.risk_reasons.size(), reasons_max); ++i)
        text += "- " + plain(source.risk_reasons[i], sentence_bytes_max) + "\n";
    return text;
}

// Our own address from the configuration; anything that could leave a Markdown link is not one.
bool is_linkable(std::string_view url)
{
    const bool is_web = url.starts_with("http://") || url.starts_with("https://");
    return is_web && std::all_of(url.begin(), url.end(), [](unsigned char one) {
        constexpr std::string_view others = ":/.-_~[]%";
        return std::isalnum(one) != 0 || others.find(static_cast<char>(one)) != std::string_view::npos;
    });
}

std::string links(const ticket_source& source)
{
    std::string base = source.public_url;
    while (base.ends_with('/'))
        base.pop_back();
    std::string text = heading("Where this comes from");
    text += "Incident " + code(source.incident.id, name_bytes_max) + ", generation "
        + std::to_string(source.incident.generation);
    if (!source.run_id.empty())
        text += ", run " + code(source.run_id, name_bytes_max);
    text += ".\n";
    if (!is_linkable(base))
        return text;
    text += "\n- <" + base + "/incidents/" + clean_line(source.incident.id, name_bytes_max) + ">\n";
    if (!source.run_id.empty())
        text += "- <" + base + "/runs/" + clean_line(source.run_id, name_bytes_max) + ">\n";
    return text;
}

}  // namespace

result<ticket> draft_ticket(const ticket_source& source)
{
    std::string replay;
    if (source.result_json.empty()) {
        replay = heading("Replay") + "This was not replayed: nothing proves that it happens again.\n";
    } else {
        const auto read = parse_run_result(source.result_json);
        if (!read)
            return read.error();
        replay = replay_section("Replay", *read);
    }
    ticket draft;
    draft.title = clean_line(source.incident.title, title_bytes_max - 32);
    if (draft.title.empty())
        draft.title = "Regression in " + clean_line(source.incident.service, name_bytes_max / 2);
    draft.body = symptom(source).substr(1) + alarms_text(source.alarms) + measurements(source.signal)
        + replay + reproducer(source.curl)
        + evidence_text(source.evidence) + risk_text(source) + links(source);
    if (draft.body.size() > body_bytes_max)
        return errc::too_large;
    return draft;
}

std::string ticket_key(std::string_view incident_id, std::int64_t generation)
{
    return std::string(incident_id) + "-g" + std::to_string(generation);
}

}  // namespace reprise::forge
