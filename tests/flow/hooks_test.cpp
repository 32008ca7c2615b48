#include "flow_server.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/net/webhook_signature.hpp"

#include <fstream>
#include <string>

namespace reprise::flow {
namespace {

namespace json = boost::json;

const std::string secret = "a-secret-of-the-test-only";

class hooks : public flow_test {
protected:
    void set_up_github()
    {
        const auto file = data_dir_.parent_path() / (data_dir_.filename().string() + "-github.secret");
        std::ofstream(file) << secret << "\n";
        settings_.hooks_github_secret_file = file.string();
        secret_file_ = file;
    }
    void TearDown() override
    {
        flow_test::TearDown();
        std::filesystem::remove(secret_file_);
    }

    // A workflow of "shop" that failed; each number is a run of its own.
    answer post_workflow(int number)
    {
        const std::string body =
            R"({"action":"completed","workflow_run":{"id":)" + std::to_string(number) +
            R"(,"name":"Build","run_attempt":1,"workflow_id":7,"head_branch":"main","conclusion":"failure",)"
            R"("updated_at":")" +
            format_rfc3339(time_.now_ns()) + R"("},"repository":{"name":"shop","full_name":"acme/shop"}})";
        bodies_.emplace(number, body);
        const std::string& sent = bodies_.at(number);
        return http_.send(
            "POST", api("/api/v1/hooks/github"), sent,
            {{"X-Hub-Signature-256", "sha256=" + net::hex_signature(secret, sent)},
             {"X-GitHub-Delivery", "delivery-" + std::to_string(number)},
             {"X-GitHub-Event", "workflow_run"},
             // No name of ours and from another site: whoever signs may.
             {"Origin", "https://github.example"}}
        );
    }
    bool all_done(const json::value& page, std::size_t count)
    {
        std::size_t done = 0;
        for (const auto& item : page.at("items").as_array())
            done += item.at("state").as_string() == "done" ? 1U : 0U;
        return done == count;
    }

private:
    std::filesystem::path secret_file_;
    std::map<int, std::string> bodies_;
};

TEST_F(hooks, two_hundred_deliveries_with_repeats_and_a_restart_count_once_each)
{
    constexpr int distinct = 150;
    set_up_github();
    start({});
    int accepted = 0;
    for (int i = 0; i < 200; ++i) {
        const auto answered = post_workflow(i % distinct);
        accepted += answered.status == 202 ? 1 : 0;
        EXPECT_EQ(answered.status, i < distinct ? 202 : 200) << answered.body;
        if (i == 100)
            restart();
    }
    EXPECT_EQ(accepted, distinct);

    admin().wait_for("/hooks?limit=200", "all deliveries are worked on", [&](const json::value& page) {
        return all_done(page, distinct);
    });
    const auto incidents = admin().get("/incidents?service=shop").json().at("items").as_array();
    ASSERT_EQ(incidents.size(), 1U);
    EXPECT_EQ(incidents[0].at("occurrences").to_number<int>(), distinct);
}

TEST_F(hooks, a_forged_delivery_leaves_a_row_in_the_audit_and_nothing_else)
{
    set_up_github();
    start({});
    const auto refused = http_.send(
        "POST", api("/api/v1/hooks/github"), "{}", {{"X-Hub-Signature-256", "sha256=" + std::string(64, '0')}}
    );
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.code(), "hook_refused");

    EXPECT_TRUE(admin().get("/hooks").json().at("items").as_array().empty());
    const auto audit = admin().get("/audit?limit=200").json().at("items").as_array();
    EXPECT_EQ(audit.back().at("action"), "hook.refuse");
    EXPECT_EQ(admin().get("/audit/verify").json().at("item").at("ok"), true);
}

TEST_F(hooks, what_a_person_does_with_deliveries_needs_a_session_of_our_own_site)
{
    set_up_github();
    start({});
    const auto taken = post_workflow(1);
    const std::string id(taken.json().at("id").as_string());

    EXPECT_EQ(http_.send("POST", api("/api/v1/hooks/" + id + "/replay"), "{}").status, 401);
    EXPECT_EQ(
        http_.send("POST", api("/api/v1/hooks/" + id + "/replay"), "{}", {{"Origin", "https://evil.example"}}).status,
        403
    );
    EXPECT_EQ(http_.send("GET", api("/api/v1/hooks/github")).status, 405);
    EXPECT_EQ(http_.send("POST", api("/api/v1/hooks/sentry"), "{}").status, 404);
}

}  // namespace
}  // namespace reprise::flow
