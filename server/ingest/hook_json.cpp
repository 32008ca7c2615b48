#include "hook_json.hpp"

#include "reprise/base/time_text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <unordered_set>
#include <utility>
#include <vector>

namespace json = boost::json;

namespace reprise::ingest {
namespace {

constexpr std::size_t key_shown_bytes_max = 64;

// Hears of each key; refuses one that its object has already.
class key_watch {
public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    std::string repeated;  // The key that stood twice.

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&)
    {
        open_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, error_code&)
    {
        open_.pop_back();
        return true;
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t, error_code&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, error_code&)
    {
        key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code& ec)
    {
        key_.append(part.data(), part.size());
        const auto [at, fresh] = open_.back().insert(std::exchange(key_, {}));
        if (fresh)
            return true;
        repeated = *at;
        ec = reprise::errc::invalid_argument;
        return false;
    }
    bool on_string_part(json::string_view, std::size_t, error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, error_code&) { return true; }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, error_code&) { return true; }
    bool on_double(double, json::string_view, error_code&) { return true; }
    bool on_bool(bool, error_code&) { return true; }
    bool on_null(error_code&) { return true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

private:
    std::vector<std::unordered_set<std::string>> open_;
    std::string key_;
};

json::parse_options strict()
{
    json::parse_options options;
    options.max_depth = hook_json_depth_max;
    return options;
}

struct named_severity {
    std::string_view word;
    model::severity severity;
};

constexpr std::array severities = {
    named_severity{"critical", model::severity::critical}, named_severity{"fatal", model::severity::critical},
    named_severity{"page", model::severity::critical},     named_severity{"emergency", model::severity::critical},
    named_severity{"p0", model::severity::critical},       named_severity{"p1", model::severity::critical},
    named_severity{"high", model::severity::high},         named_severity{"error", model::severity::high},
    named_severity{"major", model::severity::high},        named_severity{"p2", model::severity::high},
    named_severity{"medium", model::severity::medium},     named_severity{"warning", model::severity::medium},
    named_severity{"warn", model::severity::medium},       named_severity{"moderate", model::severity::medium},
    named_severity{"p3", model::severity::medium},         named_severity{"low", model::severity::low},
    named_severity{"minor", model::severity::low},         named_severity{"info", model::severity::low},
    named_severity{"debug", model::severity::low},         named_severity{"none", model::severity::low},
    named_severity{"p4", model::severity::low},            named_severity{"p5", model::severity::low},
};

const json::object no_object;
const json::array no_array;

}  // namespace

void throw_exception_from_error(const hook_fault& what, const boost::source_location&)
{
    throw std::logic_error("content of a delivery that cannot be read: " + what.reason);
}

std::optional<std::string> find_json_fault(std::string_view text)
{
    json::basic_parser<key_watch> parser(strict());
    error_code ec;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
    const std::string place = " at byte " + std::to_string(read);
    if (!parser.handler().repeated.empty() || ec == reprise::errc::invalid_argument)
        return "The key \"" + parser.handler().repeated.substr(0, key_shown_bytes_max) +
               "\" stands twice in one object" + place + ".";
    if (ec)
        return "The body is no JSON" + place + ": " + ec.message() + ".";
    if (read < text.size())
        return "Something follows the JSON" + place + ".";
    return std::nullopt;
}

boost::system::result<json::object, hook_fault> parse_hook_object(std::string_view body)
{
    error_code ec;
    json::value parsed = json::parse(body, ec, {}, strict());
    if (ec)
        return hook_fault{"the body is no JSON: " + ec.message()};
    if (!parsed.is_object())
        return hook_fault{"the body is no JSON object"};
    return std::move(parsed.get_object());
}

std::string_view text_of(const json::object& from, std::string_view name) noexcept
{
    const json::value* const found = from.if_contains(name);
    if (found == nullptr || !found->is_string())
        return {};
    const json::string& text = found->get_string();
    return {text.data(), text.size()};
}

std::string id_of(const json::object& from, std::string_view name)
{
    const json::value* const found = from.if_contains(name);
    if (found == nullptr)
        return {};
    if (found->is_int64())
        return std::to_string(found->get_int64());
    if (found->is_uint64())
        return std::to_string(found->get_uint64());
    return std::string(text_of(from, name));
}

std::int64_t number_of(const json::object& from, std::string_view name, std::int64_t otherwise) noexcept
{
    const json::value* const found = from.if_contains(name);
    return found != nullptr && found->is_int64() ? found->get_int64() : otherwise;
}

bool flag_of(const json::object& from, std::string_view name) noexcept
{
    const json::value* const found = from.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

const json::object* find_object(const json::object& from, std::string_view name) noexcept
{
    const json::value* const found = from.if_contains(name);
    return found == nullptr ? nullptr : found->if_object();
}

const json::array* find_array(const json::object& from, std::string_view name) noexcept
{
    const json::value* const found = from.if_contains(name);
    return found == nullptr ? nullptr : found->if_array();
}

const json::object& object_of(const json::object& from, std::string_view name) noexcept
{
    const json::object* const found = find_object(from, name);
    return found == nullptr ? no_object : *found;
}

const json::array& array_of(const json::object& from, std::string_view name) noexcept
{
    const json::array* const found = find_array(from, name);
    return found == nullptr ? no_array : *found;
}

std::int64_t time_of(std::string_view text)
{
    constexpr std::size_t offset_chars = 5;  // "+0000"
    std::string written(text);
    const std::size_t size = written.size();
    const bool is_short_offset =
        size > offset_chars && (written[size - offset_chars] == '+' || written[size - offset_chars] == '-') &&
        std::all_of(written.end() - 4, written.end(), [](char c) { return c >= '0' && c <= '9'; });
    // A date alone ends in "-11-21", which is no offset: times have a colon.
    if (is_short_offset && written.find(':') != std::string::npos)
        written.insert(size - 2, ":");
    const auto parsed = parse_rfc3339(written);
    return parsed && *parsed > 0 ? *parsed : 0;
}

std::string link_of(std::string_view text)
{
    const auto is_plain = [](char c) { return c > 0x20 && c != 0x7f; };
    if (!text.starts_with("https://") || !std::all_of(text.begin(), text.end(), is_plain))
        return {};
    return std::string(text);
}

std::optional<model::severity> severity_of(std::string_view word)
{
    std::string lower(word.substr(0, 16));
    for (char& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const named_severity& one : severities) {
        if (one.word == lower)
            return one.severity;
    }
    return std::nullopt;
}

void add_label(model::alarm& to, std::string_view name, std::string_view value)
{
    if (!name.empty() && !value.empty() && to.labels.size() < model::alarm_labels_max)
        to.labels.emplace_back(name, value);
}

void add_labels(model::alarm& to, const json::object& from)
{
    for (const auto& [name, value] : from)
        add_label(to, name, id_of(from, name));
}

model::alarm alarm_from(const hook_body& hook)
{
    model::alarm made;
    made.source = hook.source;
    made.received_ns = hook.received_ns;
    made.service = "unknown";
    return made;
}

}  // namespace reprise::ingest
