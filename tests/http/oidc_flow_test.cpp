#include "oidc_tokens.hpp"
#include "running_api.hpp"

#include "../../server/http/access.hpp"
#include "../../server/http/oidc_provider.hpp"
#include "reprise/net/client.hpp"
#include "reprise/net/router.hpp"
#include "reprise/store/audit.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace reprise::http {
namespace {

namespace json = boost::json;
using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::json_of;
using test::running_api;

// A provider of identities as small as one can be; what it says may be changed to be hostile.
class fake_provider {
public:
    fake_provider() : server_(io_.executor(), net::server_config(), routes_, time_, numbers_)
    {
        server_.listen().value();
        routes_.add(net::method::get, "/.well-known/openid-configuration", [this](net::request&) -> answer {
            ++discoveries;
            co_return net::response(200, "application/json", discovery());
        });
        routes_.add(net::method::get, "/jwks", [this](net::request&) -> answer {
            ++key_fetches;
            co_return net::response(200, "application/json", keys());
        });
        routes_.add(net::method::post, "/token", [this](net::request& req) -> answer {
            co_return token(req);
        });
        server_.start();
    }
    ~fake_provider()
    {
        server_.stop();
        io_.run(server_.drain(std::chrono::seconds(5)));
        io_.join();
    }
    fake_provider(const fake_provider&) = delete;
    fake_provider& operator=(const fake_provider&) = delete;

    std::string issuer() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

    // What the browser does there: the person agrees, and is sent back with a code for these claims.
    std::string agree(const std::string& location, json::object claims)
    {
        const std::lock_guard lock(mutex_);
        const std::string code = "code-" + std::to_string(grants_.size());
        claims["iss"] = issuer();
        claims["aud"] = "reprise";
        if (!claims.contains("exp")) {
            claims["exp"] = test::now_s + 300;
            claims["iat"] = test::now_s;
        }
        if (!claims.contains("nonce"))
            claims["nonce"] = query_of(location, "nonce");
        grants_[code] = {std::move(claims), query_of(location, "code_challenge")};
        return "/api/v1/auth/oidc/return?code=" + code + "&state=" + query_of(location, "state") + "&session_state=x";
    }

    static std::string query_of(const std::string& url, const std::string& name)
    {
        const auto begin = url.find(name + "=") + name.size() + 1;
        return url.substr(begin, url.find('&', begin) - begin);
    }

    std::atomic<int> discoveries{0};
    std::atomic<int> key_fetches{0};
    std::string header = R"({"alg":"EdDSA","kid":"k1"})";
    std::string key_name = "k1";

private:
    using answer = boost::asio::awaitable<net::response>;

    struct grant {
        json::object claims;
        std::string challenge;
    };

    std::string discovery() const
    {
        return json::serialize(json::object{
            {"issuer", issuer()}, {"authorization_endpoint", issuer() + "/auth"},
            {"token_endpoint", issuer() + "/token"}, {"jwks_uri", issuer() + "/jwks"}});
    }

    std::string keys() const { return test::provider_keys_of({key_name}); }

    net::response token(const net::request& req)
    {
        const std::lock_guard lock(mutex_);
        const auto known = grants_.find(query_of(req.body, "code"));
        const std::string verifier = query_of(req.body, "code_verifier");
        const auto digest = sha256(verifier);
        const std::string challenge = to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
        const bool is_client = req.header("authorization") == "Basic " + to_base64("reprise:secret");
        if (known == grants_.end() || challenge != known->second.challenge || !is_client)
            return net::response(400, "application/json", std::string(R"({"error":"invalid_grant"})"));
        const std::string id_token = test::make_token(known->second.claims, header);
        grants_.erase(known);
        const json::object made = {{"access_token", "x"}, {"id_token", id_token}};
        return net::response(200, "application/json", json::serialize(made));
    }

    system_clock time_;
    metrics numbers_;
    net::router routes_;
    reprise::test::io_threads io_;
    net::server server_;
    std::mutex mutex_;
    std::map<std::string, grant> grants_;
};

class oidc_flow : public testing::Test {
protected:
    oidc_flow()
        : client_(net::target_guard::parse({provider.issuer()}, {}).value(), net::client_limits()), on_(options())
    {
    }

    test::api_options options()
    {
        test::api_options made;
        made.oidc_client = &client_;
        made.change = [this](api_config& config) {
            config.oidc.issuer = provider.issuer();
            config.oidc.client_id = "reprise";
            config.oidc.client_secret = "secret";
            config.oidc.label = "Example ID";
            for (const char* one : {"staff=viewer", "sre=operator", "leads=approver"})
                config.oidc.role_map.push_back(*parse_group_role(one));
            config.limits.peer_sign_ins_burst = 500;
        };
        return made;
    }

    struct trip {
        std::string location;
        std::string cookie;
    };

    static std::string cookie_of(const raw_answer& answer)
    {
        const std::string text = answer.header("set-cookie");
        return "Cookie: " + text.substr(0, text.find(';')) + "\r\n";
    }
    trip leave(const std::string& more = "", const std::string& headers = "")
    {
        const raw_answer answer = on().raw("GET", "/api/v1/auth/oidc" + more, headers);
        EXPECT_EQ(answer.status, 302) << answer.body;
        return {answer.header("location"), cookie_of(answer)};
    }
    raw_answer sign_in(const json::object& claims)
    {
        const trip there = leave();
        return on().raw("GET", provider.agree(there.location, claims), there.cookie);
    }
    static std::string refusal_of(const raw_answer& answer)
    {
        const std::string location = answer.header("location");
        const auto at = location.find("refused=");
        return at == std::string::npos ? location : location.substr(at + 8);
    }
    // raw_answer keeps the last header of a name; the session's comes first of two.
    std::vector<store::session_view> sessions()
    {
        const std::int64_t now_ns = on().time().now_ns();
        auto list = [now_ns](store::reader& from) { return store::list_sessions(from, "", now_ns, 100); };
        return on().store().read_blocking(std::move(list)).value();
    }
    running_api& on() { return on_; }

    fake_provider provider;

private:
    net::http_client client_;
    running_api on_;
};

const json::object ada = {{"sub", "42"}, {"preferred_username", "ada"}, {"groups", {"staff", "sre"}}};

TEST_F(oidc_flow, a_person_the_provider_vouches_for_signs_in_with_the_roles_of_their_groups)
{
    const auto ways = json_of(on().raw("GET", "/api/v1/auth/ways", ""));
    EXPECT_EQ(ways.at("item").at("oidc").as_string(), "Example ID");

    const raw_answer answer = sign_in(ada);
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(answer.header("location"), "/");
    const auto all = sessions();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].person.name, "ada");
    EXPECT_EQ(model::to_text(all[0].person.roles), "viewer,operator");
    EXPECT_EQ(all[0].session.auth, "oidc");

    sign_in({{"sub", "42"}, {"preferred_username", "ada lovelace"}, {"groups", {"staff", "leads"}}});
    const auto again = sessions();
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].person.id, again[1].person.id);
    EXPECT_EQ(again[0].person.name, "ada") << "a name stays";
    EXPECT_EQ(model::to_text(again[0].person.roles), "viewer,approver") << "roles follow the groups";
}

TEST_F(oidc_flow, somebody_with_a_name_that_is_taken_is_another_person)
{
    const actor local = on().sign_in("ada", "viewer,admin");
    sign_in(ada);
    const auto all = sessions();
    ASSERT_EQ(all.size(), 2U);
    const auto& theirs = all[0].person.id == local.person.id ? all[1] : all[0];
    EXPECT_EQ(theirs.person.name, "ada 2");
    EXPECT_NE(theirs.person.id, local.person.id);
    EXPECT_FALSE(theirs.person.roles.admin);
}

TEST_F(oidc_flow, nobody_comes_in_without_a_group_on_the_map)
{
    const json::object eve = {{"sub", "7"}, {"preferred_username", "eve"}, {"groups", {"sales"}}};
    EXPECT_EQ(refusal_of(sign_in(eve)), "oidc_no_role");
    EXPECT_EQ(refusal_of(sign_in({{"sub", "7"}, {"preferred_username", "eve"}})), "oidc_no_role");
    EXPECT_TRUE(sessions().empty());
    auto list = [](store::reader& from) { return store::list_audit(from, 0, 10); };
    const auto rows = on().store().read_blocking(std::move(list)).value();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].entry.action, "session.refuse");
    EXPECT_EQ(rows[0].entry.auth, "oidc");
}

TEST_F(oidc_flow, a_disabled_person_stays_out)
{
    sign_in(ada);
    model::person person = sessions().at(0).person;
    person.disabled = true;
    on().write([&](store::transaction& tx) { return store::save_person(tx, person); }).value();
    EXPECT_EQ(refusal_of(sign_in(ada)), "oidc_no_role");
    EXPECT_TRUE(sessions().empty());
}

TEST_F(oidc_flow, an_answer_for_another_browser_is_refused)
{
    const trip mine = leave();
    const trip theirs = leave();
    const std::string back = provider.agree(theirs.location, ada);
    EXPECT_EQ(refusal_of(on().raw("GET", back, mine.cookie)), "oidc_state");
    EXPECT_EQ(refusal_of(on().raw("GET", back, "")), "oidc_state");
    EXPECT_TRUE(sessions().empty());
}

TEST_F(oidc_flow, an_answer_that_is_played_again_is_refused)
{
    const trip there = leave();
    const std::string back = provider.agree(there.location, ada);
    EXPECT_EQ(on().raw("GET", back, there.cookie).header("location"), "/");
    EXPECT_EQ(refusal_of(on().raw("GET", back, there.cookie)), "oidc_state");
    EXPECT_EQ(sessions().size(), 1U);
}

TEST_F(oidc_flow, a_code_of_another_trip_is_refused)
{
    const trip first = leave();
    const trip second = leave();
    std::string back = provider.agree(first.location, ada);
    const std::string stolen = fake_provider::query_of(back, "code");
    back = "/api/v1/auth/oidc/return?code=" + stolen + "&state=" + fake_provider::query_of(second.location, "state");
    EXPECT_EQ(refusal_of(on().raw("GET", back, second.cookie)), "oidc_refused") << "its verifier is another";
    EXPECT_TRUE(sessions().empty());
}

TEST_F(oidc_flow, what_the_person_or_the_provider_refuses_is_said_so)
{
    const trip there = leave();
    const std::string back = "/api/v1/auth/oidc/return?error=access_denied&error_description=no&state=" +
                             fake_provider::query_of(there.location, "state");
    EXPECT_EQ(refusal_of(on().raw("GET", back, there.cookie)), "oidc_refused");
}

TEST_F(oidc_flow, an_answer_that_names_another_issuer_is_refused)
{
    const trip there = leave();
    const std::string back = provider.agree(there.location, ada) + "&iss=https%3A%2F%2Fevil.test";
    EXPECT_EQ(refusal_of(on().raw("GET", back, there.cookie)), "oidc_token");
}

TEST_F(oidc_flow, a_token_with_another_nonce_is_refused)
{
    json::object claims = ada;
    claims["nonce"] = "of another sign-in";
    EXPECT_EQ(refusal_of(sign_in(claims)), "oidc_token");
    EXPECT_TRUE(sessions().empty());
}

TEST_F(oidc_flow, unknown_keys_make_us_ask_once_a_minute_and_no_more)
{
    sign_in(ada);
    EXPECT_EQ(provider.key_fetches, 1);
    EXPECT_EQ(provider.discoveries, 1);
    provider.header = R"({"alg":"EdDSA","kid":"k2"})";
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(refusal_of(sign_in(ada)), "oidc_token");
    EXPECT_EQ(provider.key_fetches, 1) << "asked less than a minute ago";
    on().time().advance_ns(oidc_provider::keys_refresh_ns);
    provider.key_name = "k2";
    EXPECT_EQ(sign_in(ada).header("location"), "/") << "the provider has changed its key";
    EXPECT_EQ(provider.key_fetches, 2);
    EXPECT_EQ(provider.discoveries, 1);
}

TEST_F(oidc_flow, proving_oneself_again_renews_the_session_of_the_same_person_only)
{
    sign_in(ada);
    const auto before = sessions().at(0);
    actor who;
    who.person = before.person;
    who.token = random_token(32);
    store::session known = before.session;
    known.token_hash = sha256_hex(who.token);
    auto take = [&](store::transaction& tx) { return store::renew_session(tx, before.session.token_hash, known); };
    on().write(std::move(take)).value();
    on().time().advance_ns(fresh_authentication_ns + 1);

    const auto come_back = [&](json::object claims) {
        const trip there = leave("?again=1", on().cookie_of(who));
        EXPECT_NE(there.location.find("prompt=login&max_age=0"), std::string::npos);
        const std::string cookie = there.cookie.substr(0, there.cookie.size() - 2) + "; " + on().cookie_name() + "=" +
                                   who.token + "\r\n";
        const std::int64_t now_s = on().time().now_ns() / ns_per_s;
        claims["auth_time"] = now_s;
        claims["iat"] = now_s;
        claims["exp"] = now_s + 300;
        return on().raw("GET", provider.agree(there.location, std::move(claims)), cookie);
    };
    EXPECT_EQ(refusal_of(come_back({{"sub", "43"}, {"groups", {"staff"}}})), "oidc_other_person");
    EXPECT_FALSE(sessions().at(0).session.authenticated_ns == on().time().now_ns());
    EXPECT_EQ(come_back(ada).header("location"), "/");
    ASSERT_EQ(sessions().size(), 1U);
    EXPECT_EQ(sessions().at(0).session.authenticated_ns, on().time().now_ns());
    EXPECT_EQ(sessions().at(0).session.id, before.session.id);
    EXPECT_EQ(on().call(who, "GET", "/api/v1/me").status, 401) << "under another token";
}

TEST_F(oidc_flow, people_of_the_provider_have_no_password_here)
{
    sign_in(ada);
    const auto before = sessions().at(0);
    actor who;
    who.token = random_token(32);
    who.csrf = before.session.csrf;
    store::session known = before.session;
    known.token_hash = sha256_hex(who.token);
    auto take = [&](store::transaction& tx) { return store::renew_session(tx, before.session.token_hash, known); };
    on().write(std::move(take)).value();
    const raw_answer answer =
        on().call(who, "PUT", "/api/v1/me/password", R"({"password":"correct horse battery"})");
    EXPECT_EQ(code_of(answer), "identity_managed");
}

TEST(oidc_off, without_an_issuer_there_is_no_way_there)
{
    running_api on;
    EXPECT_EQ(on.raw("GET", "/api/v1/auth/oidc", "").status, 404);
    EXPECT_EQ(on.raw("GET", "/api/v1/auth/oidc/return?code=x&state=y", "").status, 404);
}

TEST(oidc_down, a_provider_that_cannot_be_reached_is_asked_once_in_five_seconds)
{
    net::http_client client(net::target_guard::parse({"http://127.0.0.1:1"}, {}).value(), net::client_limits());
    test::api_options options;
    options.oidc_client = &client;
    options.change = [](api_config& config) {
        config.oidc.issuer = "http://127.0.0.1:1";
        config.oidc.client_id = "reprise";
    };
    running_api on(std::move(options));
    for (int i = 0; i < 3; ++i) {
        const raw_answer answer = on.raw("GET", "/api/v1/auth/oidc", "");
        EXPECT_EQ(answer.status, 302);
        EXPECT_EQ(answer.header("location"), "/#/login?refused=oidc_unavailable");
    }
}

}  // namespace
}  // namespace reprise::http
