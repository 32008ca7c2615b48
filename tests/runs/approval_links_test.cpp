#include "gate_world.hpp"

#include "reprise/runs/approval_links.hpp"

namespace reprise::runs {
namespace {

using model::approval_state;
using model::decision_kind;

const std::string key = "a key for signing links in tests";

class approval_links : public test::gate_world {
protected:
    void SetUp() override
    {
        open_incident(model::severity::medium);
        approval = approval_of(waiting_run());
        store_person(approver("bo"));
        store_person(approver("cy"));
    }
    result<made_link> make(const std::string& person = "id-bo", std::string_view with = key)
    {
        const link_request request{approval.id, person, "user:ada", "req-1"};
        return db->write_blocking([&](store::transaction& tx) {
            return make_approval_link(tx, request, with, time.now_ns());
        });
    }
    result<store::approval_link> find(const std::string& token, std::string_view with = key)
    {
        return db->read_blocking([&](store::reader& from) { return find_approval_link(from, token, with); });
    }
    result<decision_answer> use(const std::string& token, const std::string& by = "bo")
    {
        const auto request = decision_on(approval, by);
        return db->write_blocking([&](store::transaction& tx) {
            return decide_by_link(tx, token, key, request, policy.approval, time.now_ns(), &notices);
        });
    }
    model::approval approval;
};

TEST_F(approval_links, one_is_bound_to_person_content_and_clock_and_audited_without_its_token)
{
    const auto made = make();
    ASSERT_TRUE(made);
    EXPECT_EQ(made->link.person_id, "id-bo");
    EXPECT_EQ(made->link.content_hash, approval.content_hash);
    EXPECT_EQ(made->link.expires_ns, approval.expires_ns);
    const auto rows = read([](store::reader& from) { return store::list_audit(from, 0, 10); });
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].entry.action, "approval.link");
    const std::string signature = made->token.substr(made->token.find('.') + 1);
    EXPECT_EQ(signature.size(), 64U);
    EXPECT_EQ(rows[0].entry.detail.find(signature), std::string::npos);
}

TEST_F(approval_links, finding_decides_nothing_however_often)
{
    const auto made = make();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(find(made->token)->approval_id, approval.id);
    EXPECT_EQ(approval_of(approval.run_id).state, approval_state::pending);
    EXPECT_FALSE(find(made->token)->used_ns);
}

TEST_F(approval_links, decides_once_for_its_person_with_the_same_rules)
{
    const auto made = make();
    EXPECT_EQ(use(made->token, "cy").error(), lifecycle::errc::link_of_another);
    const auto done = use(made->token);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->approval.state, approval_state::approved);
    EXPECT_EQ(use(made->token).error(), lifecycle::errc::link_used);
    const auto rows = read([](store::reader& from) { return store::list_audit(from, 0, 10); });
    EXPECT_NE(rows.back().entry.detail.find(made->link.id), std::string::npos);
}

TEST_F(approval_links, a_refused_decision_does_not_use_it_up)
{
    const auto made = make();
    auto request = decision_on(approval, "bo", decision_kind::reject);
    request.comment.clear();
    const auto refused = db->write_blocking([&](store::transaction& tx) {
        return decide_by_link(tx, made->token, key, request, policy.approval, time.now_ns(), nullptr);
    });
    EXPECT_EQ(refused.error(), lifecycle::errc::comment_required);
    EXPECT_FALSE(find(made->token)->used_ns);
}

TEST_F(approval_links, forged_foreign_and_malformed_tokens_are_nothing)
{
    const std::string token = make()->token;
    std::string changed = token;
    changed.back() = changed.back() == '0' ? '1' : '0';
    EXPECT_EQ(find(changed).error(), reprise::errc::not_found);
    EXPECT_EQ(find(token, "another key that is long enough").error(), reprise::errc::not_found);
    for (const std::string& bad : {std::string(), std::string("x"), token.substr(0, 26), token.substr(0, 27),
                                   token + "0", "01JD6Z0000000000000000000B" + token.substr(26)})
        EXPECT_EQ(find(bad).error(), reprise::errc::not_found) << bad;
}

TEST_F(approval_links, moved_content_and_time_end_it)
{
    const auto made = make();
    auto other = decision_on(approval, "bo");
    other.content_hash = std::string(64, '0');
    const auto moved = db->write_blocking([&](store::transaction& tx) {
        return decide_by_link(tx, made->token, key, other, policy.approval, time.now_ns(), nullptr);
    });
    EXPECT_EQ(moved.error(), lifecycle::errc::hash_mismatch);
    time.advance_ns(approval.expires_ns - time.now_ns());
    EXPECT_EQ(use(made->token).error(), lifecycle::errc::expired);
}

TEST_F(approval_links, are_made_for_approvers_while_it_waits)
{
    auto viewer = approver("vera");
    viewer.roles.approver = false;
    store_person(viewer);
    EXPECT_EQ(make("id-vera").error(), lifecycle::errc::not_approver);
    EXPECT_EQ(make("id-nobody").error(), reprise::errc::not_found);
    EXPECT_EQ(make("id-bo", "short").error(), reprise::errc::unavailable);
    ASSERT_TRUE(decide(decision_on(approval, "cy")));
    EXPECT_EQ(make().error(), lifecycle::errc::already_decided);
}

}  // namespace
}  // namespace reprise::runs
