#pragma once

#include "reprise/forge/effect.hpp"
#include "reprise/net/client.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// One request to a tracker's API and what its end means. Pure.
namespace reprise::forge {

namespace json = boost::json;

constexpr std::chrono::seconds retry_after_min{1};
constexpr std::chrono::seconds retry_after_max{3600};
constexpr std::chrono::seconds limited_without_time{60};  // A limit that does not say how long it lasts.

struct api_request {
    std::string method = "GET";
    std::string path;                     // Below the base, encoded, with its query: "/repos/a/b/issues?page=2".
    std::optional<json::value> body;
    std::string authorization;            // The header's value; never part of a text.
    bool changes = false;                 // People see it: without an answer, nobody knows whether it was done.
    std::vector<int> expected;            // Statuses beyond 2xx that the caller deals with.
    std::string needs;                    // What the credentials must be allowed: "Issues: read and write on a/b".

    api_request() = default;
    api_request(std::string method_, std::string path_, std::string needs_)
        : method(std::move(method_)), path(std::move(path_)), needs(std::move(needs_))
    {
    }
};

struct api_answer {
    int status = 0;
    net::header_list headers;
    json::value body;                     // Null when there is none, or none that is JSON.
    std::string what;                     // "POST /repos/a/b/issues at https://api.github.com"
    std::string needs;
    bool changes = false;
};

using api_result = boost::system::result<api_answer, effect_failure>;

effect_failure refused(std::string text, int status = 0);
effect_failure put_off(std::string text, std::optional<std::chrono::seconds> retry_after = {}, int status = 0);
effect_failure nobody_knows(std::string text, int status = 0);

// What the answer of a request, or the lack of one, means. `origin` stands in texts.
api_result judge(
    const api_request& request, std::string_view origin, const result<net::client_response>& answer,
    std::int64_t now_ns
);

// An expected status that turned out to be a refusal after all; `way_out` ends the sentence.
effect_failure refused_answer(const api_answer& answer, std::string_view way_out);

// A good answer without what it must say: as if there had been none.
effect_failure odd_answer(const api_answer& answer, std::string_view missing);

// What a tracker says is wrong, in its own words: one clean line, "" when it says nothing.
std::string words_of(const json::value& body);

// By Retry-After, X-RateLimit-Reset and their kin.
std::optional<std::chrono::seconds> find_retry_after(const net::header_list& headers, std::int64_t now_ns);

}  // namespace reprise::forge
