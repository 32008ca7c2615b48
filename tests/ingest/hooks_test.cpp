#include "hooks_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <latch>
#include <thread>
#include <tuple>

namespace reprise::ingest::test {
namespace {

const std::string workflow_body =
    R"({"action":"completed","workflow_run":{"id":30433642,"name":"Build","run_attempt":1,"conclusion":"failure"},)"
    R"("repository":{"name":"shop"}})";

TEST_F(hooks_test, a_signed_delivery_is_kept_and_worked_on)
{
    const auto reply = post_github(workflow_body, "delivery-1", "workflow_run");
    ASSERT_EQ(reply.status, 202) << reply.body;
    EXPECT_EQ(word(reply), "accepted");

    process();
    ASSERT_TRUE(alarms.wait_for(1));
    const auto done = wait_for_end(word(reply, "id"));
    EXPECT_EQ(done.state, store::hook_state::done);
    EXPECT_EQ(done.alarms, 1U);
    EXPECT_EQ(done.event, "workflow_run");
    EXPECT_EQ(alarms.last().error_type, "WORKFLOW_FAILED");
}

TEST_F(hooks_test, a_repeated_delivery_is_answered_and_not_counted)
{
    const auto first = post_github(workflow_body, "delivery-1", "workflow_run");
    const auto again = post_github(workflow_body, "delivery-1", "workflow_run");
    // The header is not signed: a copy under another name is the same event.
    const auto renamed = post_github(workflow_body, "delivery-2", "workflow_run");

    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(word(again), "duplicate");
    EXPECT_EQ(word(again, "id"), word(first, "id"));
    EXPECT_EQ(renamed.status, 200);
    process();
    ASSERT_TRUE(alarms.wait_for(1));
    wait_for_end(word(first, "id"));
    EXPECT_EQ(alarms.taken(), (std::map<std::string, int>{{"workflow_run/30433642/1", 1}}));
    EXPECT_EQ(find(word(first, "id")).repeats, 2U);
}

TEST_F(hooks_test, each_source_is_taken_with_its_own_signature)
{
    const std::string body = R"({"version":"4","alerts":[]})";
    const std::string hex = net::hex_signature(github_secret, body);
    const std::string pagerduty = R"({"event":{"id":"1","event_type":"pagey.ping"}})";
    const std::string now = std::to_string(time.now_ns() / ns_per_s);

    EXPECT_EQ(post("alertmanager", body, {{"Authorization", "Bearer " + alertmanager_secret}}).status, 202);
    EXPECT_EQ(post("sentry", body, {{"Sentry-Hook-Signature", hex}, {"Request-ID", "1"}}).status, 202);
    EXPECT_EQ(
        post("pagerduty", pagerduty, {{"X-PagerDuty-Signature", "v1=" + net::hex_signature(github_secret, pagerduty)}})
            .status,
        202
    );
    EXPECT_EQ(post("grafana", body, {{"X-Grafana-Alerting-Signature", hex}}).status, 202);
    EXPECT_EQ(post("grafana", "{}", {{"Authorization", "Bearer " + github_secret}}).status, 202);
    EXPECT_EQ(post("gitlab", body, {{"X-Gitlab-Token", github_secret}}).status, 202);
    EXPECT_EQ(post_generic(R"({"title":"a"})", "message-1").status, 202);
    EXPECT_EQ(list().size(), 7U);
}

TEST_F(hooks_test, forged_deliveries_change_nothing_but_the_audit)
{
    const std::string body = R"({"version":"4","alerts":[]})";
    const std::string hex = net::hex_signature("another secret", body);
    const std::string sha1 = "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6";

    for (const auto& [path, header, value] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"github", "X-Hub-Signature-256", "sha256=" + hex},
             {"github", "X-Hub-Signature", sha1},
             {"alertmanager", "Authorization", "Bearer nothing"},
             {"sentry", "Sentry-Hook-Signature", hex},
             {"pagerduty", "X-PagerDuty-Signature", "v1=" + hex},
             {"grafana", "X-Grafana-Alerting-Signature", hex},
             {"gitlab", "X-Gitlab-Token", "nothing"},
             {"generic/backup", "webhook-id", "message-1"},
             {"sns?token=wrong", "X-Other", "x"}}) {
        const auto reply = post(path, body, {{header, value}});
        EXPECT_EQ(reply.status, 401) << path;
        EXPECT_EQ(word(reply, "code"), "hook_refused");
    }

    EXPECT_TRUE(list().empty());
    const auto rows = audit();
    ASSERT_EQ(rows.size(), 9U);
    EXPECT_EQ(rows[0].entry.action, "hook.refuse");
    EXPECT_EQ(rows[0].entry.actor, "hook:github");
    EXPECT_EQ(boost::json::parse(rows[0].entry.detail).at("reason"), "mismatch");
    EXPECT_EQ(boost::json::parse(rows[1].entry.detail).at("reason"), "missing");
}

TEST_F(hooks_test, the_audit_takes_a_few_a_minute_and_counts_the_rest)
{
    for (std::size_t i = 0; i < hook_refusals_audited_max + 4; ++i)
        EXPECT_EQ(post("github", "{}").status, 401);
    EXPECT_EQ(audit().size(), hook_refusals_audited_max);

    time.advance_ns(61 * ns_per_s);
    EXPECT_EQ(post("github", "{}").status, 401);
    const auto rows = audit();
    ASSERT_EQ(rows.size(), hook_refusals_audited_max + 1);
    EXPECT_EQ(boost::json::parse(rows.back().entry.detail).at("suppressed"), 4);
}

TEST_F(hooks_test, what_was_left_out_of_the_audit_is_written_without_another_refusal)
{
    for (std::size_t i = 0; i < hook_refusals_audited_max + 2; ++i)
        post("github", "{}");
    time.advance_ns(61 * ns_per_s);
    process();
    const auto reply = post_github("{}", "delivery-1", "ping");
    wait_for_end(word(reply, "id"));

    const auto rows = audit();
    ASSERT_EQ(rows.size(), hook_refusals_audited_max + 1);
    EXPECT_EQ(boost::json::parse(rows.back().entry.detail).at("suppressed"), 2);
}

TEST_F(hooks_test, signed_times_expire)
{
    const std::int64_t now_s = time.now_ns() / ns_per_s;
    const std::string body = R"({"title":"a"})";
    const auto signature = settings.generic.at("backup").front().sign("m", now_s, body).value();
    time.advance_ns(301 * ns_per_s);

    const auto reply = post(
        "generic/backup", body,
        {{"webhook-id", "m"}, {"webhook-timestamp", std::to_string(now_s)}, {"webhook-signature", signature}}
    );
    EXPECT_EQ(reply.status, 401);
    EXPECT_NE(word(reply, "detail").find("300 s"), std::string::npos);
}

TEST_F(hooks_test, bodies_that_are_not_read_alike_are_refused)
{
    const auto detail = [&](const std::string& body) {
        const auto reply = post_github(body, "delivery-1", "ping");
        EXPECT_EQ(reply.status, 400) << body;
        return word(reply, "detail");
    };

    EXPECT_NE(detail(R"({"action":"a","action":"b"})").find("\"action\" stands twice"), std::string::npos);
    EXPECT_NE(detail("payload=%7B%7D").find("no JSON"), std::string::npos);
    const std::string signature = "sha256=" + net::hex_signature(github_secret, "{}");
    EXPECT_EQ(post("github", "{}", {{"X-Hub-Signature-256", signature}}).status, 400);
    EXPECT_TRUE(list().empty());
}

TEST_F(hooks_test, huge_bodies_and_unknown_sources_are_refused)
{
    const auto huge = post("github", std::string(hook_body_bytes_max + 1, ' '));
    EXPECT_EQ(huge.status, 413);
    EXPECT_EQ(post("sns", std::string(sns_body_bytes_max + 1, ' ')).status, 413);
    EXPECT_EQ(post("generic/nobody", "{}").status, 404);
    EXPECT_EQ(post("slack", "{}").status, 404);
    EXPECT_TRUE(audit().empty());
}

TEST_F(hooks_test, a_source_without_a_secret_takes_nothing)
{
    close();
    settings.secrets.erase("github");
    open();
    EXPECT_EQ(post_github("{}", "delivery-1", "ping").status, 404);
    const auto sources = all->list_sources();
    EXPECT_EQ(std::count(sources.begin(), sources.end(), "github"), 0);
    EXPECT_EQ(std::count(sources.begin(), sources.end(), "generic/backup"), 1);
}

TEST_F(hooks_test, a_large_body_is_taken_whole)
{
    const std::string body = R"({"title":"a","description":")" + std::string(900'000, 'x') + "\"}";
    const auto reply = post_generic(body, "message-1");
    ASSERT_EQ(reply.status, 202);
    process();
    ASSERT_TRUE(alarms.wait_for(1));
    EXPECT_EQ(alarms.last().description.size(), 900'000U);
}

TEST_F(hooks_test, bodies_lie_sealed_on_the_disk)
{
    ASSERT_EQ(post_generic(R"({"title":"a canary in the body"})", "message-1").status, 202);
    close();
    std::string bytes;
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
        std::ifstream stream(file.path(), std::ios::binary);
        bytes.append(std::istreambuf_iterator<char>(stream), {});
    }
    EXPECT_NE(bytes.find("generic/backup"), std::string::npos);
    EXPECT_EQ(bytes.find("a canary in the body"), std::string::npos);
    open();
}

TEST_F(hooks_test, what_was_kept_before_a_crash_is_worked_on_after_it)
{
    for (int i = 0; i < 40; ++i)
        ASSERT_EQ(post_generic(R"({"title":"a"})", "message-" + std::to_string(i)).status, 202);
    // Some were being worked on when the process ended.
    auto claim = [&](store::transaction& tx) {
        return store::claim_hooks(tx, time.now_ns(), time.now_ns() + 3600 * ns_per_s, 10);
    };
    ASSERT_EQ(store->write_blocking(std::move(claim)).value().size(), 10U);
    close();

    open();
    EXPECT_EQ(word(post_generic(R"({"title":"a"})", "message-7")), "duplicate");
    process();
    ASSERT_TRUE(alarms.wait_for(40));
    for (const auto& one : list())
        wait_for_end(one.id);
    for (const auto& [key, count] : alarms.taken())
        EXPECT_EQ(count, 1) << key;
}

TEST_F(hooks_test, deliveries_from_many_sides_count_once_each)
{
    process();
    std::latch begin(4);
    const auto send = [&](int offset) {
        begin.arrive_and_wait();
        for (int i = 0; i < 50; ++i) {
            const auto reply = post_generic(R"({"title":"a"})", "message-" + std::to_string((i + offset) % 50));
            EXPECT_TRUE(reply.status == 202 || reply.status == 200) << reply.body;
        }
    };
    std::vector<std::thread> senders;
    for (int offset = 0; offset < 4; ++offset)
        senders.emplace_back(send, offset * 7);
    for (std::thread& one : senders)
        one.join();

    ASSERT_TRUE(alarms.wait_for(50));
    for (const auto& one : list())
        EXPECT_EQ(wait_for_end(one.id).state, store::hook_state::done);
    EXPECT_EQ(list().size(), 50U);
    for (const auto& [key, count] : alarms.taken())
        EXPECT_EQ(count, 1) << key;
}

TEST_F(hooks_test, trouble_of_the_store_is_no_fault_of_the_sender)
{
    close();
    store_options.writes_queued_max = 1;
    open();
    std::promise<void> entered;
    std::promise<void> let_go;
    std::thread holder([&] {
        auto hold = [&](store::transaction&) -> result<void> {
            entered.set_value();
            let_go.get_future().wait();
            return {};
        };
        EXPECT_TRUE(store->write_blocking(std::move(hold)).has_value());
    });
    entered.get_future().wait();
    std::thread waiting([&] {
        EXPECT_TRUE(store->write_blocking([](store::transaction&) -> result<void> { return {}; }).has_value());
    });
    while (store->stats().writes_queued < 1)
        std::this_thread::yield();

    const auto reply = post_github("{}", "delivery-1", "ping");
    let_go.set_value();
    holder.join();
    waiting.join();
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(net::find_header(reply.headers, "retry-after"), "30");
    EXPECT_EQ(post_github("{}", "delivery-1", "ping").status, 202);
}

TEST_F(hooks_test, what_cannot_be_read_stays_with_its_reason_and_is_replayed)
{
    const auto reply = post_generic(R"({"name":"no title"})", "message-1");
    ASSERT_EQ(reply.status, 202);
    process();

    const auto failed = wait_for_end(word(reply, "id"));
    EXPECT_EQ(failed.state, store::hook_state::failed);
    EXPECT_EQ(failed.reason, "alarm 0: there is no member \"name\"");
    auto replay = [&](store::transaction& tx) { return store::replay_hook(tx, failed.id); };
    ASSERT_TRUE(store->write_blocking(std::move(replay)).has_value());
    EXPECT_EQ(wait_for_end(failed.id).state, store::hook_state::failed);
    EXPECT_EQ(find(failed.id).version, failed.version + 2);
}

TEST_F(hooks_test, an_alarm_that_the_pipeline_refuses_is_kept_with_the_reason)
{
    alarms.refuse_with(reprise::errc::invalid_argument);
    const auto reply = post_generic(R"({"title":"a"})", "message-1");
    process();
    EXPECT_EQ(wait_for_end(word(reply, "id")).state, store::hook_state::failed);
    EXPECT_NE(find(word(reply, "id")).reason.find("cannot be taken"), std::string::npos);
}

TEST_F(hooks_test, an_alarm_that_has_no_room_waits)
{
    alarms.refuse_with(reprise::errc::unavailable);
    const auto reply = post_generic(R"({"title":"a"})", "message-1");
    process();
    while (find(word(reply, "id")).due_ns <= time.now_ns() || find(word(reply, "id")).attempts != 0)
        std::this_thread::yield();
    EXPECT_EQ(find(word(reply, "id")).state, store::hook_state::waiting);

    alarms.refuse_with({});
    time.advance_ns(6 * ns_per_s);
    EXPECT_EQ(wait_for_end(word(reply, "id")).state, store::hook_state::done);
}

TEST_F(hooks_test, sns_is_believed_by_its_signature)
{
    const auto good = post("sns", office.write({}, time.now_ns()), {{"Content-Type", "text/plain; charset=UTF-8"}});
    ASSERT_EQ(good.status, 202) << good.body;
    EXPECT_EQ(post("sns", office.write({}, time.now_ns())).status, 200);
    sns_letter forged;
    forged.tamper = true;
    EXPECT_EQ(post("sns", office.write(forged, time.now_ns())).status, 401);
    sns_letter foreign;
    foreign.topic = "arn:aws:sns:eu-west-1:999999999999:alarms";
    EXPECT_EQ(post("sns", office.write(foreign, time.now_ns())).status, 401);
    sns_letter strange;
    strange.type = "Surprise";
    const auto unknown = post("sns", office.write(strange, time.now_ns()));
    EXPECT_EQ(unknown.status, 400);
    EXPECT_NE(word(unknown, "detail").find("\"Surprise\""), std::string::npos);

    process();
    ASSERT_TRUE(alarms.wait_for(1));
    EXPECT_EQ(alarms.last().title, "checkout-errors is ALARM");
    EXPECT_EQ(alarms.last().event_key, "165545c9-2a5c-472c-8df2-7ff2be2b3b1b");
}

TEST_F(hooks_test, a_certificate_that_cannot_be_had_is_no_fault_of_the_sender)
{
    office.fail_next();
    const auto reply = post("sns", office.write({}, time.now_ns()));
    EXPECT_EQ(reply.status, 503);
    EXPECT_TRUE(audit().empty());
    EXPECT_EQ(post("sns", office.write({}, time.now_ns())).status, 202);
}

TEST_F(hooks_test, a_subscription_is_confirmed_only_for_topics_that_say_so)
{
    sns_letter letter;
    letter.type = "SubscriptionConfirmation";
    const auto confirmed = post("sns", office.write(letter, time.now_ns()));
    ASSERT_EQ(confirmed.status, 202) << confirmed.body;
    process();
    EXPECT_EQ(wait_for_end(word(confirmed, "id")).reason, "confirmed the subscription of " + sns_topic_arn);
    EXPECT_EQ(office.fetched().back(), letter.subscribe_url);

    close();
    settings.sns.confirm.clear();
    open();
    process();
    letter.id = "another";
    const std::size_t fetches = office.fetches();
    const auto left = post("sns", office.write(letter, time.now_ns()));
    EXPECT_NE(wait_for_end(word(left, "id")).reason.find("intake.hooks.sns.confirm"), std::string::npos);
    EXPECT_EQ(office.fetches(), fetches + 1);  // The certificate alone.
}

TEST_F(hooks_test, a_subscription_elsewhere_is_never_asked_for)
{
    sns_letter letter;
    letter.type = "SubscriptionConfirmation";
    letter.subscribe_url = "https://169.254.169.254/latest/meta-data";
    const auto reply = post("sns", office.write(letter, time.now_ns()));
    ASSERT_EQ(reply.status, 202);
    process();
    const std::string id = word(reply, "id");
    // While it is being worked on its claim ends later than any retry.
    const auto is_tried = [&](std::uint32_t attempts) {
        const auto one = find(id);
        const bool is_put_back = one.attempts >= attempts && one.due_ns < time.now_ns() + 100 * ns_per_s;
        return one.state != store::hook_state::waiting || is_put_back;
    };
    for (std::uint32_t attempt = 1; attempt <= hook_attempts_max; ++attempt) {
        while (!is_tried(attempt))
            std::this_thread::yield();
        time.advance_ns(100 * ns_per_s);
        post_github("{\"n\":" + std::to_string(attempt) + "}", "ring-" + std::to_string(attempt), "ping");
    }
    const auto failed = wait_for_end(id);
    EXPECT_EQ(failed.state, store::hook_state::failed);
    EXPECT_EQ(failed.reason, "SubscribeURL is no address of the topic's SNS");
    EXPECT_EQ(office.fetches(), 1U);
}

TEST_F(hooks_test, raw_deliveries_need_the_token)
{
    const std::string alarm = R"({"AlarmName":"raw","NewStateValue":"ALARM"})";
    const net::header_list raw = {{"x-amz-sns-rawdelivery", "true"}, {"x-amz-sns-message-id", "id-1"}};

    EXPECT_EQ(post("sns/" + sns_token, alarm, raw).status, 202);
    EXPECT_EQ(post("sns/" + sns_token, alarm, raw).status, 200);
    EXPECT_EQ(post("sns/0123456789abcdef0123456789abcdeX", alarm, raw).status, 401);
    EXPECT_EQ(post("sns", alarm, raw).status, 400);
}

TEST_F(hooks_test, a_token_stands_for_the_signature_but_confirms_nothing)
{
    const std::string body = R"({"Type":"Notification","Message":"{\"AlarmName\":\"compat\"}"})";
    EXPECT_EQ(post("sns", body, {{"X-Webhook-Token", sns_token}}).status, 202);
    EXPECT_EQ(post("sns?token=" + sns_token, body).status, 200);

    const std::string confirmation =
        R"({"Type":"SubscriptionConfirmation","Message":"m","SubscribeURL":"https://x","Token":"t"})";
    EXPECT_EQ(post("sns", confirmation, {{"X-Webhook-Token", sns_token}}).status, 400);
}

TEST(hook_paths, are_those_that_prove_themselves)
{
    for (const std::string_view path : {"sns", "sns/token", "github", "generic/backup", "alertmanager"})
        EXPECT_TRUE(hooks::is_hook_path("/api/v1/hooks/" + std::string(path))) << path;
    for (const std::string_view path : {"", "slack", "01ABC/replay", "github/replay", "sns2", "generic2/x"})
        EXPECT_FALSE(hooks::is_hook_path("/api/v1/hooks/" + std::string(path))) << path;
    EXPECT_FALSE(hooks::is_hook_path("/api/v1/hooks"));
    EXPECT_FALSE(hooks::is_hook_path("/api/v1/incidents/github"));
}

TEST(hook_secrets, are_lines_of_a_file)
{
    const auto secrets = parse_hook_secrets("# of GitHub\nIt's a Secret to Everybody\r\n\nthe-one-before-this-one\n");
    ASSERT_TRUE(secrets.has_value());
    EXPECT_EQ(*secrets, (std::vector<std::string>{"It's a Secret to Everybody", "the-one-before-this-one"}));
    EXPECT_EQ(parse_hook_secrets("# nothing\n").error().text, "it holds no secret; nothing could be verified");
    EXPECT_NE(parse_hook_secrets("a-secret-that-is-long\nshort").error().text.find("line 2"), std::string::npos);
    EXPECT_TRUE(parse_hook_keys(generic_key).has_value());
    EXPECT_NE(parse_hook_keys("a-secret-that-is-long").error().text.find("line 1"), std::string::npos);
    EXPECT_EQ(
        sns_origins({sns_topic_arn, sns_topic_arn, "nonsense"}),
        std::vector<std::string>{"https://sns.eu-west-1.amazonaws.com"}
    );
}

}  // namespace
}  // namespace reprise::ingest::test
