#include "handlers.hpp"
#include "oidc_people.hpp"
#include "oidc_provider.hpp"
#include "problems.hpp"
#include "session_begin.hpp"

#include "reprise/base/log.hpp"
#include "reprise/store/credentials.hpp"
#include "reprise/store/database.hpp"

#include <utility>

namespace reprise::http {
namespace {

// Why somebody comes back from the provider without being signed in; the sign-in page has a sentence for each.
enum class trip_fault : std::uint8_t {
    state,        // Not the browser that left, or too late, or twice.
    refused,      // The provider or the person said no.
    token,        // What the provider sent does not hold.
    unavailable,  // The provider cannot be asked.
    no_role,      // Known there, but in no group that may come in, or disabled here.
    other_person, // To prove who one is again, somebody else signed in.
};

std::string_view to_text(trip_fault fault) noexcept
{
    switch (fault) {
    case trip_fault::state: return "oidc_state";
    case trip_fault::refused: return "oidc_refused";
    case trip_fault::token: return "oidc_token";
    case trip_fault::unavailable: return "oidc_unavailable";
    case trip_fault::no_role: return "oidc_no_role";
    case trip_fault::other_person: return "oidc_other_person";
    }
    return "oidc_token";
}

std::string journey_cookie_name(const context& api)
{
    return api.cookie_name + (api.origins.is_https() ? "-oidc" : "_oidc");
}

std::string journey_cookie(const context& api, std::string_view value, std::int64_t lifetime_s)
{
    std::string text = journey_cookie_name(api) + "=" + std::string(value) +
                       "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lifetime_s);
    if (api.origins.is_https())
        text += "; Secure";
    return text;
}

std::string return_url(const context& api)
{
    return api.origins.public_url() + "/api/v1/auth/oidc/return";
}

net::response lead_to(std::string_view where)
{
    net::response reply(302, {}, std::string_view());
    reply.set_header("Location", std::string(where));
    return reply;
}

net::response lead_back(const context& api, trip_fault fault)
{
    net::response reply = lead_to("/#/login?refused=" + std::string(to_text(fault)));
    reply.set_header("Set-Cookie", journey_cookie(api, "", 0));
    return reply;
}

net::response refuse_without_provider(const net::request& req)
{
    return net::problem(req, 404, "not_found", "No provider of identities is configured (auth.oidc.issuer).");
}

boost::asio::awaitable<net::response> turn_away(
    context& api, const net::request& req, trip_fault fault, std::string_view why
)
{
    log_warn("http.oidc", "request " + req.id + ": " + std::string(why));
    sign_in_refusal refusal;
    refusal.auth = "oidc";
    refusal.why = to_text(fault);
    co_await note_refusal(api, std::move(refusal), req);
    co_return lead_back(api, fault);
}

// What came of a journey: the claims, or why there are none.
struct trip_outcome {
    std::optional<boost::json::object> claims;
    trip_fault fault = trip_fault::token;
    std::string why;

    trip_outcome() = default;
    trip_outcome(trip_fault fault_, std::string why_) : fault(fault_), why(std::move(why_)) {}
};

boost::asio::awaitable<trip_outcome> finish_trip(
    context& api, const net::request& req, const oidc_journey& journey
)
{
    const std::string error(req.find_query("error").value_or(std::string_view()));
    const std::string issuer(req.find_query("iss").value_or(std::string_view(api.config.oidc.issuer)));
    const std::string code(req.find_query("code").value_or(std::string_view()));
    if (issuer != api.config.oidc.issuer)
        co_return trip_outcome(trip_fault::token, "the answer is of another issuer");
    if (!error.empty() || code.empty())
        co_return trip_outcome(trip_fault::refused, "the provider answered without a code");
    const auto token = co_await api.oidc->exchange(journey, code, return_url(api));
    if (!token) {
        const bool refused = token.error() == errc::denied;
        co_return trip_outcome(
            refused ? trip_fault::refused : trip_fault::unavailable, "no token: " + token.error().message()
        );
    }
    auto checked = co_await api.oidc->check(*token, journey);
    if (!checked)
        co_return trip_outcome(trip_fault::unavailable, "no keys: " + checked.error().message());
    if (!checked->claims)
        co_return trip_outcome(trip_fault::token, "ID token: " + std::string(to_text(checked->fault)));
    trip_outcome done;
    done.claims = std::move(checked->claims);
    co_return done;
}

// The session of whoever came back. errc::denied: not let in; errc::conflict: not who they were before.
result<signed_in> sign_in_by_claims(
    store::transaction& tx, const context& api, const boost::json::object& claims, const caller& before,
    bool again, const net::request& req
)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    const auto person = person_of_claims(tx, claims, api.config.oidc, req.id, now_ns);
    if (!person)
        return person.error();
    if (again) {
        if (person->id != before.person.id)
            return errc::conflict;
        return renew_session(tx, before, "oidc", req, now_ns);
    }
    sign_in_proof proof;
    proof.auth = "oidc";
    proof.earlier_hash = session_hash(api, req);
    proof.now_ns = now_ns;
    return begin_session(tx, *person, proof, req);
}

}  // namespace

handler_answer get_oidc(context& api, const caller&, net::request& req)
{
    if (!api.oidc)
        co_return refuse_without_provider(req);
    if (auto limited = refuse_guessing(api, req, {}))
        co_return std::move(*limited);
    const auto endpoints = co_await api.oidc->find_endpoints();
    if (!endpoints) {
        auto turned = co_await turn_away(api, req, trip_fault::unavailable, endpoints.error().message());
        co_return turned;
    }
    const bool again = req.find_query("again").value_or(std::string_view()) == "1";
    const std::int64_t now_s = api.parts.time.now_ns() / ns_per_s;
    const auto begun = api.oidc->journeys().begin(again ? oidc_purpose::again : oidc_purpose::sign_in, now_s);
    net::response reply = lead_to(authorize_url(*endpoints, api.config.oidc, begun.journey, return_url(api)));
    reply.set_header("Set-Cookie", journey_cookie(api, begun.cookie, oidc_journeys::lifetime_s));
    co_return reply;
}

handler_answer get_oidc_return(context& api, const caller&, net::request& req)
{
    if (!api.oidc)
        co_return refuse_without_provider(req);
    if (auto limited = refuse_guessing(api, req, {}))
        co_return std::move(*limited);
    const std::string state(req.find_query("state").value_or(std::string_view()));
    const std::string cookie(find_cookie(req, journey_cookie_name(api)));
    const auto journey = api.oidc->journeys().end(cookie, state, api.parts.time.now_ns() / ns_per_s);
    if (!journey) {
        auto turned = co_await turn_away(api, req, trip_fault::state, "state and cookie do not belong together");
        co_return turned;
    }
    const trip_outcome trip = co_await finish_trip(api, req, *journey);
    if (!trip.claims) {
        auto turned = co_await turn_away(api, req, trip.fault, trip.why);
        co_return turned;
    }
    const auto before = co_await find_caller(api, session_hash(api, req), session_use::does_not_count);
    if (!before)
        co_return problem_of(req, before.error(), "the session");
    const bool again = journey->purpose == oidc_purpose::again;
    auto sign_in = [&](store::transaction& tx) {
        return sign_in_by_claims(tx, api, *trip.claims, *before, again, req);
    };
    const auto who = co_await api.parts.store.write(std::move(sign_in));
    if (!who && (who.error() == errc::denied || who.error() == errc::conflict)) {
        const auto fault = who.error() == errc::denied ? trip_fault::no_role : trip_fault::other_person;
        auto turned = co_await turn_away(api, req, fault, "nobody to let in");
        co_return turned;
    }
    if (!who)
        co_return problem_of(req, who.error(), "the sign-in");
    note_sign_in(api, *who, "oidc", req);
    net::response reply = lead_to("/");
    reply.headers.emplace_back("Set-Cookie", session_cookie(api, who->token));
    reply.headers.emplace_back("Set-Cookie", journey_cookie(api, "", 0));
    co_return reply;
}

}  // namespace reprise::http
