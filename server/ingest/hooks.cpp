#include "reprise/ingest/hooks.hpp"

#include "hook_state.hpp"
#include "sns_message.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace reprise::ingest {
namespace {

constexpr std::size_t lines_max = 16;  // Secrets of one source.
constexpr std::size_t secret_bytes_max = 512;
constexpr std::int64_t stranger_log_ns = 60 * ns_per_s;

std::string_view trim(std::string_view text) noexcept
{
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct numbered_line {
    std::size_t number = 0;
    std::string_view text;
};

std::vector<numbered_line> split(std::string_view text)
{
    std::vector<numbered_line> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.front() != '#')
            lines.push_back({number, line});
    }
    return lines;
}

hook_error at_line(const numbered_line& line, std::string_view what)
{
    return {"line " + std::to_string(line.number) + ": " + std::string(what)};
}

std::optional<hook_error> refuse_count(const std::vector<numbered_line>& lines)
{
    if (lines.empty())
        return hook_error{"it holds no secret; nothing could be verified"};
    if (lines.size() > lines_max)
        return hook_error{"there are more than 16 secrets; remove those that are no longer in use"};
    return std::nullopt;
}

}  // namespace

void throw_exception_from_error(const hook_error& what, const boost::source_location&)
{
    throw std::logic_error("value of failed secrets taken: " + what.text);
}

boost::system::result<std::vector<std::string>, hook_error> parse_hook_secrets(
    std::string_view text, std::size_t bytes_min
)
{
    const auto lines = split(text);
    if (auto wrong = refuse_count(lines))
        return std::move(*wrong);
    std::vector<std::string> secrets;
    for (const numbered_line& line : lines) {
        if (line.text.size() < bytes_min || line.text.size() > secret_bytes_max)
            return at_line(
                line, "a secret has " + std::to_string(bytes_min) +
                          " to 512 characters, like the output of 'openssl rand -hex 32'"
            );
        secrets.emplace_back(line.text);
    }
    return secrets;
}

boost::system::result<std::vector<net::webhook_key>, hook_error> parse_hook_keys(std::string_view text)
{
    const auto lines = split(text);
    if (auto wrong = refuse_count(lines))
        return std::move(*wrong);
    std::vector<net::webhook_key> keys;
    for (const numbered_line& line : lines) {
        auto key = net::webhook_key::parse(line.text);
        if (!key)
            return at_line(
                line, "a key is whsec_ and base64 of 24 to 64 bytes (echo whsec_$(openssl rand -base64 32)), or whpk_ "
                      "and base64 of an Ed25519 public key"
            );
        keys.push_back(std::move(*key));
    }
    return keys;
}

bool is_sns_topic(std::string_view arn)
{
    return find_sns_topic(arn).has_value();
}

std::vector<std::string> sns_origins(const std::vector<std::string>& topics)
{
    std::vector<std::string> origins;
    for (const std::string& arn : topics) {
        const auto topic = find_sns_topic(arn);
        if (!topic)
            continue;
        std::string origin = "https://" + sns_host(*topic);
        if (std::find(origins.begin(), origins.end(), origin) == origins.end())
            origins.push_back(std::move(origin));
    }
    return origins;
}

std::string stored_source(hook_source source, std::string_view name)
{
    std::string stored(to_text(source));
    if (source == hook_source::generic)
        stored.append("/").append(name);
    return stored;
}

hooks::state::state(hook_settings settings_, hook_parts parts_)
    : settings(std::move(settings_)), parts(std::move(parts_)),
      box(parts.store, parts.time, parts.numbers, settings.sealing_key),
      refusals(parts.store, parts.time, parts.numbers), certificates(parts.sns, parts.sns_trust, parts.numbers),
      sns(settings.sns, certificates),
      processed(parts.numbers.add_counter(
          "reprise_hooks_processed_total", "Kept webhooks that were worked on.", "result=\"done\""
      )),
      failed(parts.numbers.add_counter(
          "reprise_hooks_processed_total", "Kept webhooks that were worked on.", "result=\"failed\""
      )),
      put_back(parts.numbers.add_counter(
          "reprise_hooks_processed_total", "Kept webhooks that were worked on.", "result=\"put_back\""
      )),
      taken_alarms(parts.numbers.add_counter("reprise_hook_alarms_total", "Alarms taken from webhooks.")),
      bodies_bytes(parts.numbers.add_gauge("reprise_hook_bodies_bytes", "Bodies kept of webhooks that are done.")),
      failed_kept(parts.numbers.add_gauge("reprise_hooks_failed", "Webhooks that could not be worked on."))
{
}

bool hooks::state::takes(hook_source source, std::string_view name) const
{
    if (source == hook_source::sns)
        return !settings.sns.topics.empty() || !settings.sns.tokens.empty();
    if (source == hook_source::generic)
        return settings.generic.contains(name);
    return settings.secrets.contains(to_text(source));
}

void hooks::state::ring()
{
    const std::lock_guard lock(bell_mutex_);
    if (bell_)
        bell_();
}

void hooks::state::set_bell(std::function<void()> bell)
{
    const std::lock_guard lock(bell_mutex_);
    bell_ = std::move(bell);
}

bool hooks::state::may_log_stranger()
{
    const std::int64_t now_ns = parts.time.steady_ns();
    std::int64_t last_ns = stranger_logged_ns_.load();
    if (last_ns != 0 && now_ns < last_ns + stranger_log_ns)
        return false;
    return stranger_logged_ns_.compare_exchange_strong(last_ns, now_ns);
}

hooks::hooks(hook_settings settings, hook_parts parts)
    : state_(std::make_unique<state>(std::move(settings), std::move(parts)))
{
}

hooks::~hooks() = default;

std::vector<std::string> hooks::list_sources() const
{
    std::vector<std::string> sources;
    for (const std::string_view text : hook_source_texts) {
        const auto source = find_hook_source(text);
        if (source != hook_source::generic && state_->takes(*source, {}))
            sources.emplace_back(text);
    }
    for (const auto& [name, keys] : state_->settings.generic)
        sources.push_back(stored_source(hook_source::generic, name));
    return sources;
}

}  // namespace reprise::ingest
