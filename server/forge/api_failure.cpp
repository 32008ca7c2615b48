#include "api_failure.hpp"

#include "markdown.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace reprise::forge {
namespace {

constexpr std::size_t words_bytes_max = 400;
constexpr std::size_t words_max = 6;

effect_failure make_failure(
    decltype(effect_failure::kind) kind, std::string text, std::optional<std::chrono::seconds> retry_after, int status
)
{
    effect_failure made;
    made.kind = kind;
    made.text = std::move(text);
    made.retry_after = retry_after;
    made.status = status;
    return made;
}

bool is_one_of(const error_code& error, std::initializer_list<net::errc> codes)
{
    return std::any_of(codes.begin(), codes.end(), [&error](net::errc one) {
        return error == net::make_error_code(one);
    });
}

// No answer came. What was certainly not sent can be sent again; what may have been sent cannot.
effect_failure judge_silence(const api_request& request, const std::string& what, const error_code& error)
{
    using net::errc;
    std::string text = what + ": " + error.message();
    if (is_one_of(error, {errc::target_refused, errc::address_refused}))
        return refused(text + "; is it in a private network? name that in forge.networks");
    if (is_one_of(error, {errc::tls_failed, errc::tls_untrusted, errc::tls_expired, errc::tls_wrong_host}))
        return refused(text + "; correct the certificate, or name who signed it in forge.ca_file");
    if (is_one_of(error, {errc::bad_url, errc::scheme_refused}))
        return refused(text + "; correct the address");
    const bool unsent = is_one_of(
        error, {errc::resolve_failed, errc::connect_failed, errc::resolve_timed_out, errc::connect_timed_out}
    );
    if (unsent || !request.changes)
        return put_off(std::move(text));
    return nobody_knows(text + "; it may have been done all the same, which the next look tells");
}

bool is_good(int status) noexcept
{
    return status >= 200 && status < 300;
}

void add_words(std::string& out, std::size_t& count, const json::value& value)
{
    if (count >= words_max)
        return;
    if (const json::string* text = value.if_string(); text != nullptr && !text->empty()) {
        if (!out.empty())
            out += "; ";
        out += clean_line(*text, words_bytes_max);
        ++count;
    } else if (const json::array* list = value.if_array()) {
        for (const json::value& one : *list)
            add_words(out, count, one);
    } else if (const json::object* object = value.if_object()) {
        // GitHub's and Linear's errors are objects with a message, Jira's are field: text.
        if (const json::value* message = object->if_contains("message"))
            return add_words(out, count, *message);
        for (const auto& [name, one] : *object) {
            if (one.is_string() || one.is_array())
                add_words(out, count, one);
        }
    }
}

bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// 403 is a lack of permission, or GitHub's way to say "too often".
bool is_limit(int status, const net::header_list& headers, std::string_view words)
{
    if (status == 429)
        return true;
    if (status != 403)
        return false;
    return net::find_header(headers, "x-ratelimit-remaining") == "0" ||
           !net::find_header(headers, "retry-after").empty() || holds(words, "secondary rate limit") ||
           holds(words, "abuse detection");
}

std::string status_sentence(const std::string& what, int status, std::string_view words)
{
    std::string text = what + ": status " + std::to_string(status);
    if (!words.empty())
        text.append(", \"").append(words).append("\"");
    return text;
}

std::string way_out_of(int status, const std::string& needs)
{
    const std::string permission = needs.empty() ? std::string() : ": it needs " + needs;
    if (status == 401)
        return "; the credentials are wrong or expired: renew them";
    if (status == 403)
        return "; the credentials may not do this" + permission;
    if (status == 404 || status == 410)
        return "; it does not exist, or the credentials may not see it" + permission;
    if (status >= 300 && status < 400)
        return "; redirects are not followed: name the address or the project by what it is called now";
    if (status == 413)
        return "; the text is too long for it";
    return "; it does not accept this request";
}

effect_failure judge_status(
    const api_request& request, const std::string& what, const net::client_response& answer, const json::value& body,
    std::int64_t now_ns
)
{
    const int status = answer.status;
    const std::string words = words_of(body);
    std::string text = status_sentence(what, status, words);
    const auto wait = find_retry_after(answer.headers, now_ns);
    if (is_limit(status, answer.headers, words))
        return put_off(text + "; asked too often", wait.value_or(limited_without_time), status);
    if (status == 408 || status == 425 || status >= 500) {
        if (request.changes)
            return nobody_knows(text + "; it may have been done all the same, which the next look tells", status);
        return put_off(std::move(text), wait, status);
    }
    return refused(text + way_out_of(status, request.needs), status);
}

std::optional<std::int64_t> find_number(const net::header_list& headers, std::string_view name)
{
    const std::string_view text = net::find_header(headers, name);
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

std::chrono::seconds clamped(std::int64_t wait_s)
{
    const auto longest = static_cast<std::int64_t>(retry_after_max.count());
    return std::chrono::seconds(std::clamp<std::int64_t>(wait_s, retry_after_min.count(), longest));
}

}  // namespace

effect_failure refused(std::string text, int status)
{
    return make_failure(effect_failure::kind::refused, std::move(text), std::nullopt, status);
}

effect_failure put_off(std::string text, std::optional<std::chrono::seconds> retry_after, int status)
{
    return make_failure(effect_failure::kind::later, std::move(text), retry_after, status);
}

effect_failure nobody_knows(std::string text, int status)
{
    return make_failure(effect_failure::kind::unknown, std::move(text), std::nullopt, status);
}

std::string words_of(const json::value& body)
{
    std::string out;
    std::size_t count = 0;
    const json::object* object = body.if_object();
    if (object == nullptr)
        return out;
    for (const std::string_view name :
         {"message", "error", "error_description", "errorMessages", "errors"}) {
        if (const json::value* found = object->if_contains(name))
            add_words(out, count, *found);
    }
    return out;
}

std::optional<std::chrono::seconds> find_retry_after(const net::header_list& headers, std::int64_t now_ns)
{
    if (const auto wait = find_number(headers, "retry-after"))
        return clamped(*wait);
    constexpr std::array names = {"x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-requests-reset"};
    for (const char* name : names) {
        const std::string_view text = net::find_header(headers, name);
        if (const auto at = find_number(headers, name)) {
            // Seconds since 1970, or milliseconds (Linear).
            const std::int64_t at_s = *at > 100'000'000'000 ? *at / 1'000 : *at;
            return clamped(at_s - now_ns / ns_per_s);
        }
        if (const auto at = parse_rfc3339(text))  // Jira.
            return clamped((*at - now_ns) / ns_per_s);
    }
    return std::nullopt;
}

api_result judge(
    const api_request& request, std::string_view origin, const result<net::client_response>& answer,
    std::int64_t now_ns
)
{
    const std::string path = request.path.substr(0, request.path.find('?'));
    const std::string what = request.method + " " + (path.empty() ? "/" : path) + " at " + std::string(origin);
    if (!answer)
        return judge_silence(request, what, answer.error());

    api_answer made;
    made.status = answer->status;
    made.headers = answer->headers;
    made.what = what;
    made.needs = request.needs;
    made.changes = request.changes;
    json::error_code failed;
    if (!answer->body.empty())
        made.body = json::parse(answer->body, failed);
    if (failed)
        made.body = nullptr;
    const bool wanted = is_good(answer->status) || std::find(request.expected.begin(), request.expected.end(),
                                                             answer->status) != request.expected.end();
    if (!wanted)
        return judge_status(request, what, *answer, made.body, now_ns);
    if (is_good(answer->status) && failed)
        return odd_answer(made, "JSON");
    return made;
}

effect_failure refused_answer(const api_answer& answer, std::string_view way_out)
{
    std::string text = status_sentence(answer.what, answer.status, words_of(answer.body));
    if (way_out.empty())
        text += way_out_of(answer.status, answer.needs);
    else
        text.append("; ").append(way_out);
    return refused(std::move(text), answer.status);
}

effect_failure odd_answer(const api_answer& answer, std::string_view missing)
{
    std::string text = answer.what + ": the answer (status " + std::to_string(answer.status) + ") lacks ";
    text.append(missing).append("; is this the address of the API?");
    if (answer.changes)
        return nobody_knows(std::move(text), answer.status);
    return put_off(std::move(text), std::nullopt, answer.status);
}

}  // namespace reprise::forge
