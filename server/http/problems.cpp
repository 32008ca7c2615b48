#include "problems.hpp"

#include "reprise/archive/error.hpp"
#include "reprise/base/log.hpp"
#include "reprise/lifecycle/error.hpp"

namespace reprise::http {
namespace {

int status_of(lifecycle::errc code)
{
    switch (code) {
    case lifecycle::errc::not_a_person:
    case lifecycle::errc::not_approver:
    case lifecycle::errc::self_review:
    case lifecycle::errc::reauthentication_required:
    case lifecycle::errc::link_of_another: return 403;
    case lifecycle::errc::comment_required:
    case lifecycle::errc::confirmation_required:
    case lifecycle::errc::reason_required:
    case lifecycle::errc::unknown_reason:
    case lifecycle::errc::unknown_phase:
    case lifecycle::errc::unchanged:
    case lifecycle::errc::unknown_step:
    case lifecycle::errc::time_passed:
    case lifecycle::errc::too_far:
    case lifecycle::errc::no_repository: return 422;
    case lifecycle::errc::illegal_transition:
    case lifecycle::errc::not_awaited:
    case lifecycle::errc::active_run:
    case lifecycle::errc::attempts_exhausted:
    case lifecycle::errc::not_due:
    case lifecycle::errc::same_person:
    case lifecycle::errc::already_decided:
    case lifecycle::errc::expired:
    case lifecycle::errc::lapsed:
    case lifecycle::errc::hash_mismatch:
    case lifecycle::errc::not_editable:
    case lifecycle::errc::expires_first:
    case lifecycle::errc::not_snoozed:
    case lifecycle::errc::already_published:
    case lifecycle::errc::link_used: return 409;
    }
    return 500;
}

struct shape {
    int status;
    std::string_view code;
    std::string_view detail;
};

shape shape_of(errc code)
{
    switch (code) {
    case errc::invalid_argument: return {400, "bad_request", "is not acceptable as sent"};
    case errc::not_found: return {404, "not_found", "does not exist"};
    case errc::conflict: return {409, "conflict", "is not in a state that allows this"};
    case errc::stale: return {412, "stale", "has changed since you read it; read it again"};
    case errc::too_large: return {413, "too_large", "is over its limit"};
    case errc::denied: return {403, "denied", "is not yours to change"};
    case errc::unavailable: return {503, "unavailable", "cannot be reached now; try again in a moment"};
    case errc::timed_out: return {503, "timed_out", "took too long; try again in a moment"};
    case errc::corrupt: return {500, "corrupt", "is damaged in the store; the log has more"};
    case errc::io: return {500, "io", "could not be read or written; the log has more"};
    }
    return {500, "internal", "failed for a reason that the log has"};
}

// The bundle may be whole; the way to it is not.
bool is_of_object_store(const error_code& error)
{
    return error == archive::errc::bucket_missing || error == archive::errc::wrong_place ||
           error == archive::errc::request_refused || error == archive::errc::answer_malformed ||
           error == archive::errc::not_trusted;
}

}  // namespace

net::response problem_of(const net::request& req, const error_code& error, std::string_view what)
{
    if (error.category() == lifecycle::lifecycle_category()) {
        const auto code = static_cast<lifecycle::errc>(error.value());
        const std::string detail = std::string(what) + ": " + error.message() + ".";
        return net::problem(req, status_of(code), lifecycle::to_text(code), detail);
    }
    if (is_of_object_store(error))
        return net::problem(
            req, 502, "object_store", std::string(what) + " cannot be had: " + error.message() + "; the log has more."
        );
    if (error.category() == archive::archive_category())
        return net::problem(req, 500, "bundle_damaged", std::string(what) + ": " + error.message() + ".");
    const bool is_ours = error.category() == base_category();
    const shape known = is_ours ? shape_of(static_cast<errc>(error.value())) : shape_of(errc::io);
    if (known.status >= 500)
        log_error("http " + req.id, std::string(what) + ": " + error.message());
    const std::string detail = std::string(what) + " " + std::string(known.detail) + ".";
    net::response reply = net::problem(req, known.status, known.code, detail);
    if (known.status == 503)
        reply.set_header("Retry-After", "1");
    return reply;
}

net::response bad_request(const net::request& req, std::string_view detail)
{
    return net::problem(req, 400, "bad_request", detail);
}

net::response too_many_requests(const net::request& req, std::int64_t wait_s, std::string_view detail)
{
    net::response reply = net::problem(req, 429, "too_many_requests", detail);
    reply.set_header("Retry-After", std::to_string(wait_s));
    return reply;
}

}  // namespace reprise::http
