#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/forge/sealed_secrets.hpp"
#include "reprise/forge/delivery_ladder.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/notice_endpoints.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;

const std::string webhooks = "/api/v1/webhooks";
const std::string if_first = "If-Match: \"1\"\r\n";

class webhooks_test : public testing::Test {
protected:
    running_api on;
    actor who = on.sign_in("ada", "admin");

    boost::json::value made(const std::string& body = R"({"url":"https://hooks.example.com/in?token=t"})")
    {
        const raw_answer answer = on.call(who, "POST", webhooks, body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json_of(answer);
    }
    static std::string path_of(const boost::json::value& answer, const std::string& more = {})
    {
        return webhooks + "/" + std::string(answer.at("item").at("id").as_string()) + more;
    }
    store::notice_endpoint stored(const boost::json::value& answer)
    {
        const std::string id(answer.at("item").at("id").as_string());
        auto look = [&id](const store::reader& from) { return store::find_endpoint(from, id); };
        return on.store().read_blocking(std::move(look)).value().value();
    }
    std::vector<std::string> audited()
    {
        auto look = [](const store::reader& from) { return store::list_audit(from, 0, 100); };
        std::vector<std::string> actions;
        for (const auto& row : on.store().read_blocking(std::move(look)).value())
            actions.push_back(row.entry.action);
        return actions;
    }
};

TEST_F(webhooks_test, a_webhook_is_made_with_a_secret_that_is_shown_once)
{
    const auto answer = made(
        R"({"url":"https://hooks.example.com/in?token=t","types":["approval.opened"],"severity_from":"high",)"
        R"("description":"the pager"})"
    );
    EXPECT_EQ(find_misfit(answer.at("item"), "Webhook"), "");
    const std::string secret(answer.at("secret").as_string());
    EXPECT_TRUE(secret.starts_with("whsec_"));
    EXPECT_EQ(stored(answer).secret.find(secret.substr(6)), std::string::npos) << "sealed in the database";
    const forge::sealed_secrets sealed(std::string(32, 's'));
    EXPECT_EQ(sealed.open(stored(answer).id, stored(answer).secret).value(), secret);

    const raw_answer list = on.call(who, "GET", webhooks);
    EXPECT_EQ(list.body.find("whsec_"), std::string::npos);
    EXPECT_EQ(json_of(list).at("items").at(0).at("types").at(0).as_string(), "approval.opened");
    EXPECT_EQ(audited(), std::vector<std::string>{"webhook.create"});
    auto look = [](const store::reader& from) { return store::list_audit(from, 0, 100); };
    const auto row = on.store().read_blocking(std::move(look)).value().front();
    EXPECT_EQ(row.entry.detail.find("token"), std::string::npos) << "the audit keeps where to, not all of it";
}

TEST_F(webhooks_test, what_cannot_be_a_webhook_is_refused_with_what_it_may_be)
{
    const std::vector<std::pair<std::string, int>> table = {
        {"{}", 400},
        {R"({"url":7})", 400},
        {R"({"url":"nonsense"})", 400},
        {R"({"url":"https://user@hooks.example.com/"})", 400},
        {R"({"url":"ftp://hooks.example.com/"})", 400},
        {R"({"url":"http://hooks.example.com/"})", 422},
        {R"({"url":"https://127.0.0.1/"})", 422},
        {R"({"url":"https://169.254.169.254/"})", 422},
        {R"({"url":"https://localhost/"})", 422},
        {R"({"url":"https://[::ffff:10.0.0.1]/"})", 422},
        {R"({"url":"https://hooks.example.com/","types":["incident.closed"]})", 400},
        {R"({"url":"https://hooks.example.com/","types":"all"})", 400},
        {R"({"url":"https://hooks.example.com/","types":[1]})", 400},
        {R"({"url":"https://hooks.example.com/","severity_from":"P1"})", 400},
        {R"({"url":"https://hooks.example.com/","enabled":false})", 400},
        {R"({"url":"https://hooks.example.com/","secret":"mine"})", 400},
        {R"({"url":"https://hooks.example.com/)" + std::string(3'000, 'x') + "\"}", 400},
    };
    for (const auto& [body, status] : table)
        EXPECT_EQ(on.call(who, "POST", webhooks, body).status, status) << body.substr(0, 100);
    EXPECT_TRUE(json_of(on.call(who, "GET", webhooks)).at("items").as_array().empty());
    EXPECT_TRUE(audited().empty());
}

TEST_F(webhooks_test, it_is_changed_by_version_and_keeps_what_is_not_named)
{
    const auto answer = made(R"({"url":"https://hooks.example.com/in","types":["run.dead_lettered"]})");
    const std::string path = path_of(answer);
    const std::string body = R"({"description":"renamed"})";
    EXPECT_EQ(on.call(who, "PUT", path, body).status, 428);
    const raw_answer changed = on.call(who, "PUT", path, body, if_first);
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.header("etag"), "\"2\"");
    EXPECT_EQ(json_of(changed).at("item").at("types").as_array().size(), 1U);
    EXPECT_EQ(json_of(changed).at("item").at("url").as_string(), "https://hooks.example.com/in");
    EXPECT_EQ(on.call(who, "PUT", path, body, if_first).status, 412);
    EXPECT_EQ(on.call(who, "PUT", path, R"({"url":"http://10.0.0.1/"})", "If-Match: \"2\"\r\n").status, 422);
    EXPECT_EQ(on.call(who, "PUT", webhooks + "/slack", body, if_first).status, 404);
}

TEST_F(webhooks_test, it_is_switched_off_by_name_and_on_again_with_a_clean_slate)
{
    const auto answer = made();
    const std::string id = stored(answer).id;
    on.write([&](store::transaction& tx) { return store::note_endpoint_failure(tx, id, "refused", 7); }).value();
    const raw_answer off = on.call(who, "PUT", path_of(answer), R"({"enabled":false})", if_first);
    EXPECT_EQ(json_of(off).at("item").at("disabled_reason").as_string(), "switched off by ada");
    EXPECT_EQ(json_of(off).at("item").at("last_error").as_string(), "refused");
    const raw_answer back = on.call(who, "PUT", path_of(answer), R"({"enabled":true})", "If-Match: \"2\"\r\n");
    EXPECT_TRUE(json_of(back).at("item").at("enabled").as_bool());
    EXPECT_FALSE(json_of(back).at("item").as_object().contains("failing_since"));
    EXPECT_EQ(json_of(back).at("item").at("last_error").as_string(), "");
}

TEST_F(webhooks_test, a_rotation_lets_both_secrets_sign_for_a_while)
{
    const auto answer = made();
    const std::string before = stored(answer).secret;
    const raw_answer rotated = on.call(who, "POST", path_of(answer, "/rotate"), R"({"overlap_hours":2})");
    EXPECT_EQ(rotated.status, 200) << rotated.body;
    EXPECT_NE(json_of(rotated).at("secret").as_string(), answer.at("secret").as_string());
    EXPECT_EQ(stored(answer).previous_secret, before);
    EXPECT_EQ(stored(answer).previous_until_ns, test::t0 + 2 * 3600 * ns_per_s);
    EXPECT_TRUE(json_of(rotated).at("item").as_object().contains("previous_secret_until"));

    EXPECT_EQ(on.call(who, "POST", path_of(answer, "/rotate"), R"({"overlap_hours":0})").status, 200);
    EXPECT_TRUE(stored(answer).previous_secret.empty()) << "a leaked one must not sign on";
    for (const std::string bad : {R"({"overlap_hours":169})", R"({"overlap_hours":-1})", R"({"overlap_hours":1.5})",
                                  R"({"hours":1})"})
        EXPECT_EQ(on.call(who, "POST", path_of(answer, "/rotate"), bad).status, 400) << bad;
    EXPECT_EQ(audited(), (std::vector<std::string>{"webhook.create", "webhook.rotate", "webhook.rotate"}));
}

TEST_F(webhooks_test, a_test_goes_to_one_that_wants_nothing_else_and_is_a_single_attempt)
{
    const auto answer = made(R"({"url":"https://hooks.example.com/","types":["run.dead_lettered"]})");
    made(R"({"url":"https://other.example.com/"})");
    const raw_answer sent = on.call(who, "POST", path_of(answer, "/test"));
    ASSERT_EQ(sent.status, 200) << sent.body;
    const auto delivery = json_of(sent).at("item");
    EXPECT_EQ(find_misfit(delivery, "Delivery"), "");
    EXPECT_EQ(delivery.at("type").as_string(), "webhook.test");
    EXPECT_EQ(delivery.at("endpoint").as_string(), stored(answer).id);
    EXPECT_EQ(delivery.at("data").at("asked_by").as_string(), "user:ada");
    EXPECT_EQ(audited().back(), "webhook.test");

    auto claim = [](store::transaction& tx) -> result<std::vector<store::delivery>> {
        std::vector<store::delivery> all;
        for (const std::string& due : store::list_due_endpoints(tx, test::t0).value()) {
            for (const store::delivery& each : store::claim_deliveries(tx, due, test::t0, ns_per_s, 10).value())
                all.push_back(each);
        }
        return all;
    };
    const auto claimed = on.write(std::move(claim)).value();
    ASSERT_EQ(claimed.size(), 1U) << "nobody else hears of it";
    EXPECT_EQ(forge::next_delivery_ns(claimed.front().id, claimed.front().rung, test::t0), std::nullopt);
}

TEST_F(webhooks_test, nothing_is_sent_to_one_that_is_off_or_not_there)
{
    const auto answer = made();
    on.call(who, "PUT", path_of(answer), R"({"enabled":false})", if_first);
    const raw_answer off = on.call(who, "POST", path_of(answer, "/test"));
    EXPECT_EQ(off.status, 409);
    EXPECT_EQ(code_of(off), "endpoint_off");
    EXPECT_EQ(on.call(who, "POST", webhooks + "/slack/test").status, 404);
    const actor reader = on.sign_in("bob", "viewer,operator");
    EXPECT_EQ(on.call(reader, "POST", path_of(answer, "/test")).status, 403);
}

TEST_F(webhooks_test, it_goes_with_its_deliveries)
{
    const auto answer = made();
    EXPECT_EQ(on.call(who, "DELETE", path_of(answer)).status, 200);
    EXPECT_EQ(on.call(who, "DELETE", path_of(answer)).status, 404);
    EXPECT_TRUE(json_of(on.call(who, "GET", webhooks)).at("items").as_array().empty());
}

TEST_F(webhooks_test, there_is_an_end_to_how_many)
{
    auto fill = [](store::transaction& tx) -> result<void> {
        for (std::size_t i = 0; i < store::webhooks_max; ++i) {
            store::notice_endpoint one;
            one.id = "e" + std::to_string(i);
            if (auto added = store::insert_endpoint(tx, one); !added)
                return added;
        }
        return {};
    };
    on.write(std::move(fill)).value();
    const raw_answer answer = on.call(who, "POST", webhooks, R"({"url":"https://hooks.example.com/"})");
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(code_of(answer), "too_many");
}

TEST_F(webhooks_test, one_that_was_switched_off_by_the_system_is_a_line_of_the_overview)
{
    const auto answer = made();
    const std::string id = stored(answer).id;
    const auto warnings = [&] {
        std::string all;
        const auto overview = json_of(on.call(who, "GET", "/api/v1/overview"));
        for (const auto& line : overview.at("item").at("warnings").as_array())
            all += std::string(line.at("about").as_string()) + ": " + std::string(line.at("text").as_string()) + "\n";
        return all;
    };
    EXPECT_EQ(warnings().find(id), std::string::npos);
    on.write([&](store::transaction& tx) { return store::disable_endpoint(tx, id, "answered 410 Gone", 7); }).value();
    const std::string said = "webhooks: The webhook " + id + " is off: answered 410 Gone";
    EXPECT_NE(warnings().find(said), std::string::npos) << warnings();
}

}  // namespace
}  // namespace reprise::http
