#include "gate_world.hpp"

#include "../../server/runs/unsafe_replay.hpp"

namespace reprise::runs {
namespace {

using model::approval_state;
using model::decision_kind;
using model::run_state;

model::evidence_item item_of(model::evidence_role role, const std::string& method, const std::string& path)
{
    model::evidence_item item;
    item.role = role;
    model::exchange& exchange = item.exchange;
    exchange.operation.service = "checkout";
    exchange.operation.protocol = "http";
    exchange.operation.method = method;
    exchange.operation.route = "/orders";
    exchange.outcome = role == model::evidence_role::failing ? model::outcome::server_error : model::outcome::ok;
    exchange.status = role == model::evidence_role::failing ? 500 : 200;
    exchange.start_ns = test::t0;
    exchange.duration_ns = ns_per_ms;
    exchange.method = method;
    exchange.path = path;
    exchange.host = "checkout.test";
    exchange.complete = true;
    return item;
}

class unsafe_replay : public test::gate_world {
protected:
    void SetUp() override
    {
        open_incident(model::severity::medium);
        change_incident([](model::incident& incident) {
            incident.status = model::incident_status::detected;
            incident.phase = "queued";
            incident.reason.clear();
        });
        const auto target = replay::parse_target("http://127.0.0.1:1").value();
        policy.targets = {target};
        set_service([](model::service& service) { service.replay_target = "http://127.0.0.1:1"; });
        store_evidence("POST");
    }
    void store_evidence(const std::string& method)
    {
        const std::vector items = {
            item_of(model::evidence_role::failing, method, "/orders?n=1"),
            item_of(model::evidence_role::failing, method, "/orders?n=2"),
            item_of(model::evidence_role::control, method, "/orders?n=3"),
            item_of(model::evidence_role::setup, "POST", "/login"),
            item_of(model::evidence_role::context, "DELETE", "/never")};
        model::signal signal;
        signal.id = "01JD6Z0000000000000000000S";
        signal.fingerprint = std::string(64, 'f');
        signal.operation = items[0].exchange.operation;
        signal.window_start_ns = test::t0;
        signal.window_end_ns = test::t0;
        archive::bundle_source source;
        source.evidence.id = make_ulid(test::t0);
        source.evidence.signal_id = signal.id;
        source.evidence.service = "checkout";
        source.evidence.fingerprint = signal.fingerprint;
        source.evidence.window_start_ns = test::t0;
        source.signal_json = "{}";
        source.redaction_version = "1";
        source.items = items;
        stored = archive::write_bundle(directory.path(), source).value();
        write([&](store::transaction& tx) -> result<void> {
            if (auto inserted = store::insert_signal(tx, signal, test::t0); !inserted)
                return inserted;
            return store::insert_evidence(tx, stored);
        });
    }
    std::string reproduce()
    {
        return queue(model::run_kind::reproduce, [this](model::run& run) {
            run.signal_id = stored.signal_id;
            run.evidence_id = stored.id;
        });
    }
    std::string asked()
    {
        const std::string run = reproduce();
        work_until_run(run, run_state::waiting_approval);
        return run;
    }
    model::evidence stored;
};

TEST_F(unsafe_replay, what_would_be_sent_is_counted_by_method_and_path)
{
    archive::bundle bundle;
    bundle.items = {item_of(model::evidence_role::failing, "POST", "/orders?n=1"),
                    item_of(model::evidence_role::control, "POST", "/orders?n=2"),
                    item_of(model::evidence_role::setup, "PUT", "/session"),
                    item_of(model::evidence_role::failing, "GET", "/orders"),
                    item_of(model::evidence_role::context, "DELETE", "/never")};
    const std::vector<unsafe_call> expected = {{"POST", "/orders", 2}, {"PUT", "/session", 1}};
    EXPECT_EQ(list_unsafe_calls(bundle), expected);
}

TEST_F(unsafe_replay, people_are_asked_before_anything_that_changes_data_is_sent)
{
    const auto approval = approval_of(asked());

    EXPECT_EQ(place(), "reproducing/awaiting_approval");
    EXPECT_EQ(approval.action, "unsafe_replay");
    EXPECT_EQ(approval.risk, model::risk::high);
    EXPECT_NE(approval.content.find("\"target\":\"http://127.0.0.1:1\""), std::string::npos);
    EXPECT_NE(approval.content.find(R"({"captured":3,"method":"POST","path":"/orders"})"), std::string::npos)
        << approval.content;
    EXPECT_EQ(approval.content.find("/never"), std::string::npos);
    EXPECT_EQ(approval.evidence_sha256, stored.sha256);
    EXPECT_EQ(notices.all.back().kind, notice_kind::approval_opened);
}

TEST_F(unsafe_replay, released_the_replay_goes_on_to_its_verdict)
{
    const std::string run = asked();
    release(approval_of(run));
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(approval_of(run).state, approval_state::executed);
    EXPECT_EQ(place(), "needs_human(inconclusive)") << "nobody answers at port 1";
    EXPECT_EQ(audit_actions(), (std::vector<std::string>{"approval.approve", "replay.unsafe"}));
}

TEST_F(unsafe_replay, refused_nothing_is_sent_and_the_problem_stays)
{
    const std::string run = asked();
    ASSERT_TRUE(decide(decision_on(approval_of(run), "bo", decision_kind::reject)));
    EXPECT_EQ(run_now(run).state, run_state::succeeded);
    EXPECT_EQ(place(), "needs_human(stopped)");
    EXPECT_TRUE(read([](store::reader& from) { return store::list_preferences(from, "", 10); }).empty());
}

TEST_F(unsafe_replay, there_is_no_editor_so_a_request_for_changes_ends_it)
{
    const std::string run = asked();
    const auto done = decide(decision_on(approval_of(run), "bo", decision_kind::request_changes));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->run.state, run_state::succeeded);
    EXPECT_EQ(place(), "needs_human(changes_requested)");
}

TEST_F(unsafe_replay, another_target_after_the_release_is_asked_again)
{
    const std::string run = asked();
    const auto first = approval_of(run);
    stop();
    release(first);
    policy.targets.push_back(replay::parse_target("http://127.0.0.1:2").value());
    set_service([](model::service& service) { service.replay_target = "http://127.0.0.1:2"; });
    work_until_run(run, run_state::waiting_approval);

    const auto second = approval_of(run);
    EXPECT_NE(second.id, first.id);
    EXPECT_NE(second.content.find("http://127.0.0.1:2"), std::string::npos);
    const auto voided = read([&](store::reader& from) { return store::find_approval(from, first.id); });
    EXPECT_EQ(voided->state, approval_state::voided);
}

TEST_F(unsafe_replay, a_replay_that_goes_on_later_asks_again_when_the_target_is_another)
{
    const std::string run = asked();
    const auto first = approval_of(run);
    stop();
    release(first);
    // Released and prepared by a worker that died before it sent anything.
    write([&](store::transaction& tx) -> result<void> {
        const auto leased = store::claim_run(tx, "dead", time.now_ns(), 30 * ns_per_s);
        if (!leased)
            return leased.error();
        const auto approval = *store::find_approval(tx, first.id).value();
        auto executed = lifecycle::execute(approval, approval.content, time.now_ns()).value();
        if (auto saved = store::save_approval(tx, executed, approval.version, time.now_ns()); !saved)
            return saved;
        const model::run_step prepared{run, "prepare", 1, "{}", time.now_ns(), time.now_ns()};
        return store::save_step(tx, prepared, (*leased)->lease_epoch);
    });
    policy.targets.push_back(replay::parse_target("http://127.0.0.1:2").value());
    set_service([](model::service& service) { service.replay_target = "http://127.0.0.1:2"; });
    time.advance_ns(31 * ns_per_s);
    work_until_run(run, run_state::waiting_approval);

    EXPECT_NE(approval_of(run).id, first.id);
    EXPECT_NE(approval_of(run).content.find("http://127.0.0.1:2"), std::string::npos);
}

TEST_F(unsafe_replay, a_release_that_comes_too_late_is_none)
{
    const std::string run = asked();
    stop();
    release(approval_of(run));
    time.advance_ns(test::hour_ns);
    work_until_run(run, run_state::succeeded);
    EXPECT_EQ(approval_of(run).state, approval_state::lapsed);
    EXPECT_EQ(place(), "needs_human(approval_lapsed)");
}

TEST_F(unsafe_replay, a_service_that_allows_it_is_not_asked)
{
    set_service([](model::service& service) { service.replay_unsafe_methods = true; });
    const std::string run = reproduce();
    work_until_run(run, run_state::succeeded);
    EXPECT_FALSE(read([&](store::reader& from) { return store::find_approval_by_run(from, run); }));
    EXPECT_EQ(place(), "needs_human(inconclusive)");
}

}  // namespace
}  // namespace reprise::runs
