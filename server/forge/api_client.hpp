#pragma once

#include "api_failure.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/forge/trackers.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace reprise::forge {

using found_effect = boost::system::result<std::optional<published_effect>, effect_failure>;

// Sends requests to one API: below its base and nowhere else, once each, within the named limits. Safe from any
// strand; outlives its calls.
class api_client {
public:
    // `tracker` is its label in metrics: "github".
    api_client(api_place place, std::string_view tracker, const clock& time, metrics& numbers);

    // Headers of every request, with those that all share: Accept, Content-Type, User-Agent.
    void add_header(std::string name, std::string value);

    boost::asio::awaitable<api_result> send(api_request wanted);

    const std::string& origin() const noexcept { return origin_; }
    std::int64_t now_ns() const noexcept { return time_.now_ns(); }

private:
    const api_place place_;
    const std::string origin_;
    const std::string root_;  // The base's path without a slash at its end.
    const clock& time_;
    net::header_list headers_;
    net::http_client client_;
    counter& requests_;
};

// Reading what came. Empty, nothing or null when it is not there or of another kind.
std::string text_at(const json::value& from, std::string_view name);
const json::value* find_at(const json::value& from, std::string_view name);
std::string text_in(const json::value& from, std::string_view first, std::string_view second);
std::optional<std::int64_t> number_at(const json::value& from, std::string_view name);
const json::array& list_of(const json::value& from);

// A link that a page may show; empty when it is none.
std::string link_at(const json::value& from, std::string_view name);

// Percent-encoded for a path or a query; with `keep_slash`, '/' stays.
std::string encoded(std::string_view text, bool keep_slash = false);

}  // namespace reprise::forge
