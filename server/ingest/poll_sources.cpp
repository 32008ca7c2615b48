#include "reprise/ingest/log_poller.hpp"

#include "reprise/store/polling.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace reprise::ingest {
namespace {

namespace json = boost::json;

constexpr int depth_max = 8;
constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t query_bytes_max = 4096;
constexpr std::uint64_t min_occurrences_max = 1'000'000;
constexpr std::array<std::string_view, 3> class_names = {"client_4xx", "server_5xx", "unhandled_exception"};
constexpr std::array<std::string_view, 9> member_names = {
    "name", "kind", "url", "query", "classes", "min_occurrences", "token_file", "tenant", "networks",
};

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& names, std::string_view text)
{
    return std::find(names.begin(), names.end(), text) != names.end();
}

// What is wrong with the entry; empty when nothing is.
using fault = std::string;

fault read_text(const json::object& from, std::string_view name, std::string& into)
{
    const json::value* value = from.if_contains(name);
    if (value == nullptr)
        return {};
    if (!value->is_string())
        return std::string(name) + " must be text";
    into = std::string(value->get_string());
    return {};
}

fault read_list(const json::object& from, std::string_view name, std::vector<std::string>& into)
{
    const json::value* value = from.if_contains(name);
    if (value == nullptr)
        return {};
    if (!value->is_array())
        return std::string(name) + " must be a list of texts";
    for (const json::value& item : value->get_array()) {
        if (!item.is_string())
            return std::string(name) + " must be a list of texts";
        into.emplace_back(item.get_string());
    }
    return {};
}

fault read_minimum(const json::object& from, std::uint64_t& into)
{
    const json::value* value = from.if_contains("min_occurrences");
    if (value == nullptr)
        return {};
    error_code not_whole;
    const auto number = value->is_number() ? value->to_number<std::uint64_t>(not_whole) : 0;
    if (not_whole || number < 1 || number > min_occurrences_max)
        return "min_occurrences must be a whole number from 1 to 1000000";
    into = number;
    return {};
}

fault read_members(const json::object& from, poll_source_text& into, std::string& kind, std::string& url)
{
    for (const auto& [name, value] : from) {
        if (!is_one_of(member_names, name))
            return "has no member \"" + std::string(name) + "\"";
    }
    poll_config& config = into.config;
    struct text_member {
        std::string_view name;
        std::string& into;
    };
    for (const text_member& one : {
             text_member{"name", config.name}, text_member{"kind", kind}, text_member{"url", url},
             text_member{"query", config.query}, text_member{"tenant", config.tenant},
             text_member{"token_file", into.token_file}}) {
        if (auto wrong = read_text(from, one.name, one.into); !wrong.empty())
            return wrong;
    }
    if (auto wrong = read_list(from, "classes", config.classes); !wrong.empty())
        return wrong;
    if (auto wrong = read_list(from, "networks", into.networks); !wrong.empty())
        return wrong;
    return read_minimum(from, config.min_occurrences);
}

fault read_source(const json::value& entry, poll_source_text& into)
{
    if (!entry.is_object())
        return "must be an object";
    std::string kind = "loki";
    std::string url;
    if (auto wrong = read_members(entry.get_object(), into, kind, url); !wrong.empty())
        return wrong;
    poll_config& config = into.config;
    const bool plain = std::all_of(config.name.begin(), config.name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
    if (config.name.empty() || config.name.size() > name_bytes_max || !plain)
        return "needs a name of lower-case letters, digits, '-', '_' and '.', at most 64";
    if (kind != "loki")
        return "kind must be loki";
    if (config.query.empty() || config.query.size() > query_bytes_max)
        return "needs a query of at most 4096 bytes";
    for (const std::string& one : config.classes) {
        if (!is_one_of(class_names, one))
            return "classes may be client_4xx, server_5xx and unhandled_exception";
    }
    const auto base = net::parse_url(url);
    if (!base)
        return "needs a url such as http://loki.internal:3100";
    config.base = *base;
    return {};
}

}  // namespace

result<std::vector<poll_source_text>> parse_poll_sources(std::string_view text, std::string& problem)
{
    json::parse_options options;
    options.max_depth = depth_max;
    error_code failed;
    const json::value parsed = json::parse(text, failed, {}, options);
    if (failed || !parsed.is_array() || parsed.get_array().size() > store::poll_sources_max) {
        problem = "it must hold a JSON list of at most 64 sources";
        return errc::invalid_argument;
    }
    std::vector<poll_source_text> sources;
    for (const json::value& entry : parsed.get_array()) {
        poll_source_text source;
        auto wrong = read_source(entry, source);
        const bool twice = std::any_of(sources.begin(), sources.end(), [&source](const poll_source_text& other) {
            return other.config.name == source.config.name;
        });
        if (wrong.empty() && twice)
            wrong = "has the name of another: " + source.config.name;
        if (!wrong.empty()) {
            problem = "source " + std::to_string(sources.size() + 1) + " " + wrong;
            return errc::invalid_argument;
        }
        sources.push_back(std::move(source));
    }
    return sources;
}

}  // namespace reprise::ingest
