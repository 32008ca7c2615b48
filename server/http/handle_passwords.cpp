#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "session_begin.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/http/sign_in.hpp"
#include "reprise/store/credentials.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t name_text_max = 256;

// The person of that name and the hash of their password, each if there is one.
struct known_password {
    std::optional<model::person> person;
    std::string hash;
    bool is_identified = false;  // A provider of identities vouches for them.
};

result<known_password> load_password(const store::reader& from, std::string_view name)
{
    known_password known;
    auto person = store::find_person_by_name(from, name);
    if (!person)
        return person.error();
    known.person = std::move(*person);
    if (!known.person)
        return known;
    auto record = store::find_password(from, known.person->id);
    if (!record)
        return record.error();
    if (*record)
        known.hash = std::move((*record)->hash);
    const auto identified = store::has_identity(from, known.person->id);
    if (!identified)
        return identified.error();
    known.is_identified = *identified;
    return known;
}

bool may_sign_in(const known_password& known)
{
    return known.person && !known.person->disabled && known.person->kind == model::person_kind::person;
}

// The same words for a name nobody has, a wrong password and an account that is closed.
net::response refuse_credentials(const net::request& req)
{
    return net::problem(req, 401, "credentials_refused", "This name and password do not sign anybody in.");
}

net::response refuse_busy(const net::request& req)
{
    net::response reply = net::problem(req, 503, "unavailable", "Too many passwords are being checked; try again.");
    reply.set_header("Retry-After", "1");
    return reply;
}

net::response refuse_passwords_off(const net::request& req)
{
    return net::problem(req, 403, "passwords_off", "Nobody signs in with a password here (auth.passwords).");
}

boost::asio::awaitable<void> note_wrong_password(context& api, const known_password& known, const net::request& req)
{
    sign_in_refusal refusal;
    refusal.auth = "password";
    refusal.why = known.person ? "wrong password, or no way in" : "unknown name";
    if (known.person)
        refusal.person_id = known.person->id;
    co_await note_refusal(api, std::move(refusal), req);
}

net::response answer_signed_in(
    context& api, const net::request& req, const result<loaded>& done, const signed_in& who
)
{
    net::response reply = answer(req, done, "the session");
    if (done)
        reply.set_header("Set-Cookie", session_cookie(api, who.token));
    return reply;
}

result<loaded> renew(
    store::transaction& tx, const context& api, const caller& who, std::string_view auth, const net::request& req,
    signed_in& into
)
{
    auto renewed = renew_session(tx, who, auth, req, api.parts.time.now_ns());
    if (!renewed)
        return renewed.error();
    into = std::move(*renewed);
    return load_item(tx, render_me(api, into.person, into.csrf));
}

result<loaded> store_new_password(
    store::transaction& tx, const context& api, const caller& who, std::string_view hash, const net::request& req,
    signed_in& into
)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    const auto saved = store::save_password(tx, who.person.id, hash, now_ns);
    if (!saved)
        return saved.error();
    const auto ended = store::end_other_sessions(tx, who.person.id, who.token_hash);
    if (!ended)
        return ended.error();
    person_deed deed;
    deed.action = "person.password";
    deed.object = "person/" + who.person.id;
    deed.detail = {{"sessions_ended", *ended}};
    const auto audited = audit_person(tx, who.person, req, now_ns, deed);
    if (!audited)
        return audited.error();
    return renew(tx, api, who, "password", req, into);
}

}  // namespace

handler_answer post_login(context& api, const caller&, net::request& req)
{
    if (!api.config.passwords)
        co_return refuse_passwords_off(req);
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto name = read_text(*body, "name", name_text_max);
    if (!name)
        co_return problem_of(req, name.error());
    const auto password = read_text(*body, "password", password_bytes_max);
    if (!password)
        co_return problem_of(req, password.error());
    if (auto limited = refuse_guessing(api, req, *name))
        co_return std::move(*limited);
    auto look = [&name](const store::reader& from) { return load_password(from, *name); };
    const auto known = co_await api.parts.store.read(std::move(look));
    if (!known)
        co_return problem_of(req, known.error(), "the sign-in");
    const auto right = co_await api.passwords.verify(*password, known->hash);
    if (!right)
        co_return refuse_busy(req);
    if (!*right || !may_sign_in(*known)) {
        co_await note_wrong_password(api, *known, req);
        co_return refuse_credentials(req);
    }
    sign_in_proof proof;
    proof.auth = "password";
    proof.earlier_hash = session_hash(api, req);
    proof.now_ns = api.parts.time.now_ns();
    signed_in who;
    auto sign_in = [&](store::transaction& tx) -> result<loaded> {
        auto begun = begin_session(tx, *known->person, proof, req);
        if (!begun)
            return begun.error();
        who = std::move(*begun);
        return load_item(tx, render_me(api, who.person, who.csrf));
    };
    const auto done = co_await api.parts.store.write(std::move(sign_in));
    if (!done && done.error() == errc::denied)
        co_return refuse_credentials(req);  // Disabled since the look.
    if (done)
        note_sign_in(api, who, proof.auth, req);
    co_return answer_signed_in(api, req, done, who);
}

handler_answer post_reauthenticate(context& api, const caller& who, net::request& req)
{
    if (!api.config.passwords)
        co_return refuse_passwords_off(req);
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto password = read_text(*body, "password", password_bytes_max);
    if (!password)
        co_return problem_of(req, password.error());
    if (auto limited = refuse_guessing(api, req, who.person.name))
        co_return std::move(*limited);
    auto look = [&who](const store::reader& from) { return load_password(from, who.person.name); };
    const auto known = co_await api.parts.store.read(std::move(look));
    if (!known)
        co_return problem_of(req, known.error(), "your account");
    const auto right = co_await api.passwords.verify(*password, known->hash);
    if (!right)
        co_return refuse_busy(req);
    if (!*right) {
        co_await note_wrong_password(api, *known, req);
        co_return refuse_credentials(req);
    }
    signed_in renewed;
    auto work = [&](store::transaction& tx) { return renew(tx, api, who, "password", req, renewed); };
    const auto done = co_await api.parts.store.write(std::move(work));
    co_return answer_signed_in(api, req, done, renewed);
}

handler_answer put_my_password(context& api, const caller& who, net::request& req)
{
    if (!api.config.passwords)
        co_return refuse_passwords_off(req);
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto password = read_text(*body, "password", password_bytes_max);
    if (!password)
        co_return problem_of(req, password.error());
    const auto current = read_text(*body, "current", password_bytes_max);
    if (!current)
        co_return problem_of(req, current.error());
    if (auto stale = refuse_stale_proof(api, req, who))
        co_return std::move(*stale);
    if (const std::string weakness = find_password_weakness(*password, who.person.name); !weakness.empty())
        co_return net::problem(req, 422, "password_weak", weakness);
    if (auto limited = refuse_guessing(api, req, who.person.name))
        co_return std::move(*limited);
    auto look = [&who](const store::reader& from) { return load_password(from, who.person.name); };
    const auto known = co_await api.parts.store.read(std::move(look));
    if (!known)
        co_return problem_of(req, known.error(), "your account");
    if (known->is_identified)
        co_return net::problem(
            req, 409, "identity_managed", "You sign in through your provider of identities, which has your password."
        );
    // Who forgot it comes by a link; for anybody else the old one stands between a borrowed browser and the account.
    if (!known->hash.empty() && who.auth != "link") {
        const auto right = co_await api.passwords.verify(*current, known->hash);
        if (!right)
            co_return refuse_busy(req);
        if (!*right) {
            co_await note_wrong_password(api, *known, req);
            co_return net::problem(req, 403, "current_password_wrong", "current is not your password.");
        }
    }
    const auto hash = co_await api.passwords.hash(*password);
    if (!hash)
        co_return refuse_busy(req);
    signed_in renewed;
    auto work = [&](store::transaction& tx) { return store_new_password(tx, api, who, *hash, req, renewed); };
    const auto done = co_await api.parts.store.write(std::move(work));
    api.access_changes.fetch_add(1);
    co_return answer_signed_in(api, req, done, renewed);
}

}  // namespace reprise::http
