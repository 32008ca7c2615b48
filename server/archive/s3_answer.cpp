#include "s3_answer.hpp"

#include "s3_xml.hpp"

#include "reprise/net/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace reprise::archive {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 9> passing_codes = {
    "InternalError",  "OperationAborted",   "RequestThrottled", "RequestTimeout",      "ServiceUnavailable",
    "SlowDown",       "Throttling",         "ThrottlingException", "TooManyRequestsException",
};
constexpr std::array<std::string_view, 3> elsewhere_codes = {
    "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect"};

template <std::size_t Size>
bool is_one_of(std::string_view code, const std::array<std::string_view, Size>& codes)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_passing_status(int status) noexcept
{
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

// The client's own errors: which of them happened before anything was sent?
s3_outcome judge_failure(std::string text, const error_code& error)
{
    s3_outcome outcome;
    text.append(error.message());
    const auto is = [&error](net::errc one) { return error == make_error_code(one); };
    error_code code = reprise::errc::unavailable;
    if (is(net::errc::resolve_failed) || is(net::errc::connect_failed))
        outcome.end = attempt_end::not_sent;
    else if (is(net::errc::resolve_timed_out) || is(net::errc::connect_timed_out)) {
        outcome.end = attempt_end::not_sent;
        code = reprise::errc::timed_out;
    } else if (is(net::errc::closed))
        outcome.end = attempt_end::lost;
    else if (is(net::errc::write_timed_out) || is(net::errc::answer_timed_out) || is(net::errc::read_timed_out)) {
        outcome.end = attempt_end::lost;
        code = reprise::errc::timed_out;
    } else if (is(net::errc::tls_failed) || is(net::errc::tls_untrusted) || is(net::errc::tls_expired) ||
               is(net::errc::tls_wrong_host))
        code = errc::not_trusted;
    else if (is(net::errc::body_too_large) || is(net::errc::header_too_large))
        code = reprise::errc::too_large;
    else
        code = errc::answer_malformed;  // Not HTTP, most likely.
    outcome.failure = store_failure(code, std::move(text));
    return outcome;
}

struct cause {
    error_code code;
    std::string way_out;
};

cause cause_of(int status, const s3_error& said, std::string_view region)
{
    const bool is_elsewhere = (status >= 300 && status < 400) || is_one_of(said.code, elsewhere_codes);
    if (is_elsewhere && !region.empty())
        return {errc::wrong_place, "the bucket is in the region " + std::string(region)};
    if (is_elsewhere)
        return {errc::wrong_place, "redirects are not followed; check endpoint, region and bucket"};
    if (said.code == "NoSuchBucket" || said.code == "InvalidBucketName")
        return {errc::bucket_missing, "make the bucket or correct its name"};
    if (said.code == "RequestTimeTooSkewed")
        return {reprise::errc::denied, "the clock of this machine is wrong"};
    if (status == 401 || status == 403)
        return {reprise::errc::denied, "check the access key, the secret key and what they may do"};
    if (status == 404)
        return {reprise::errc::not_found, "there is no such object"};
    if (status == 413 || said.code == "EntityTooLarge")
        return {reprise::errc::too_large, "the server takes no object of this size"};
    return {errc::request_refused, "the server does not accept the request"};
}

std::optional<milliseconds> retry_after(const net::client_response& answer)
{
    const std::string_view text = net::find_header(answer.headers, "retry-after");
    unsigned value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size() || value > 3600)
        return std::nullopt;
    return seconds(value);
}

}  // namespace

s3_outcome judge(const s3_call& call, std::string_view server, const result<net::client_response>& answer)
{
    std::string text = call.what;
    text.append(" at ").append(server).append(": ");
    if (!answer)
        return judge_failure(std::move(text), answer.error());
    const bool is_good = answer->status >= 200 && answer->status < 300;
    if (is_good && (call.is_object || answer->body.empty()))
        return {};
    const auto said = find_error(answer->body);
    if (is_good && !said)
        return {};

    s3_outcome outcome;
    const s3_error error = said.value_or(s3_error());
    text.append("status ").append(std::to_string(answer->status));
    if (!error.code.empty())
        text.append(", ").append(error.code);
    if (!error.message.empty())
        text.append(", \"").append(error.message).append("\"");
    if (is_passing_status(answer->status) || is_one_of(error.code, passing_codes)) {
        outcome.end = attempt_end::put_off;
        outcome.asked_for = retry_after(*answer);
        outcome.failure = store_failure(reprise::errc::unavailable, std::move(text));
        return outcome;
    }
    std::string region(net::find_header(answer->headers, "x-amz-bucket-region"));
    if (region.empty())
        region = error.region;
    cause found = cause_of(answer->status, error, region);
    text.append("; ").append(found.way_out);
    outcome.failure = store_failure(found.code, std::move(text));
    return outcome;
}

}  // namespace reprise::archive
