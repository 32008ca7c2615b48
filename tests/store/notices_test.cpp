#include "store_fixture.hpp"

#include "reprise/store/approvals.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/notices.hpp"
#include "reprise/store/publications.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace reprise::store {
namespace {

class notices_test : public store_test {
protected:
    void SetUp() override { add_endpoint("e1"); }

    void add_endpoint(
        const std::string& id, std::vector<std::string> types = {}, model::severity from = model::severity::low
    )
    {
        notice_endpoint value;
        value.id = id;
        value.url = "https://receiver.test/" + id;
        value.types = std::move(types);
        value.severity_from = from;
        value.created_ns = t0;
        write([&](transaction& tx) { return insert_endpoint(tx, value); }).value();
    }

    // What waits for an endpoint, oldest first: "type subject".
    std::vector<std::string> told(const std::string& endpoint = "e1")
    {
        std::vector<std::string> out;
        for (const delivery& one : deliveries(endpoint))
            out.push_back(one.type + " " + one.subject);
        return out;
    }
    std::vector<delivery> deliveries(const std::string& endpoint = "e1")
    {
        delivery_filter filter;
        filter.endpoint_id = endpoint;
        filter.limit = deliveries_listed_max;
        auto list = read([&](reader& r) { return list_deliveries(r, filter); }).value();
        std::reverse(list.begin(), list.end());
        return list;
    }
    boost::json::object last_data() { return boost::json::parse(deliveries().back().data).as_object(); }

    void open_incident(model::severity severity = model::severity::high, const std::string& id = "i1")
    {
        auto incident = incident_of(id);
        incident.severity = severity;
        write([&](transaction& tx) { return insert_incident(tx, incident, opened_event()); }).value();
    }

    static model::approval approval()
    {
        model::approval value;
        value.id = "a1";
        value.run_id = "r1";
        value.incident_id = "i1";
        value.action = "ticket";
        value.content = "{}";
        value.content_hash = std::string(64, 'b');
        value.created_ns = t0;
        value.expires_ns = t0 + 100 * ns_per_s;
        return value;
    }
};

using strings = std::vector<std::string>;

TEST_F(notices_test, an_incident_is_told_when_it_opens_and_when_its_status_changes)
{
    open_incident();
    EXPECT_EQ(told(), strings{"incident.opened incident/i1"});
    EXPECT_EQ(last_data().at("service").as_string(), "checkout");
    EXPECT_EQ(last_data().at("severity").as_string(), "high");

    auto incident = incident_of("i1");
    incident.phase = "classifying";
    model::incident_event event;
    event.at_ns = t0 + 1;
    event.from = "detected/queued";
    event.to = "detected/classifying";
    write([&](transaction& tx) { return save_incident(tx, incident, 1, event); }).value();
    EXPECT_EQ(told().size(), 1U) << "a phase is not told";

    incident.status = model::incident_status::needs_human;
    incident.reason = "no_target";
    event.from = "detected/classifying";
    event.to = "needs_human";
    write([&](transaction& tx) { return save_incident(tx, incident, 2, event); }).value();
    EXPECT_EQ(told(), (strings{"incident.opened incident/i1", "incident.status_changed incident/i1"}));
    EXPECT_EQ(last_data().at("from").as_string(), "detected");
    EXPECT_EQ(last_data().at("status").as_string(), "needs_human");
    EXPECT_EQ(last_data().at("reason").as_string(), "no_target");
}

TEST_F(notices_test, an_approval_is_told_when_it_waits_and_when_people_decided)
{
    write([](transaction& tx) { return add_run(tx, "i1", "r1"); }).value();
    auto value = approval();
    write([&](transaction& tx) { return insert_approval(tx, value); }).value();
    EXPECT_EQ(told().back(), "approval.opened approval/a1");

    model::decision decision;
    decision.approval_id = "a1";
    decision.user = "ada";
    decision.at_ns = t0 + 5;
    const auto decide = [&](transaction& tx) -> result<void> {
        const auto version = add_decision(tx, decision);
        if (!version)
            return version.error();
        value.state = model::approval_state::approved;
        return save_approval(tx, value, *version, t0 + 5);
    };
    write(decide).value();
    EXPECT_EQ(told().back(), "approval.decided approval/a1");
    EXPECT_EQ(last_data().at("state").as_string(), "approved");
    EXPECT_EQ(last_data().at("decided_by").as_string(), "ada");

    const std::size_t before = told().size();
    value.state = model::approval_state::executed;
    write([&](transaction& tx) { return save_approval(tx, value, value.version, t0 + 6); }).value();
    EXPECT_EQ(told().size(), before) << "that it was carried out is the publication's notice";
}

TEST_F(notices_test, what_passes_by_itself_is_nobodys_decision)
{
    write([](transaction& tx) { return add_run(tx, "i1", "r1"); }).value();
    auto value = approval();
    value.approvals_needed = 0;
    value.state = model::approval_state::approved;
    write([&](transaction& tx) { return insert_approval(tx, value); }).value();
    value.state = model::approval_state::lapsed;
    write([&](transaction& tx) { return save_approval(tx, value, 1, t0 + 6); }).value();

    EXPECT_EQ(told(), strings{"incident.opened incident/i1"});
}

TEST_F(notices_test, a_dead_run_and_the_end_of_a_publication_are_told)
{
    write([](transaction& tx) { return add_run(tx, "i1", "r1"); }).value();
    auto run = write([](transaction& tx) { return claim_run(tx, "w", t0, 1000); }).value().value();
    run.state = model::run_state::dead_letter;
    write([&](transaction& tx) { return save_run(tx, run, run.lease_epoch); }).value();
    EXPECT_EQ(told().back(), "run.dead_lettered run/r1");

    publication wanted;
    wanted.idempotency_key = "k1";
    wanted.id = "p1";
    wanted.run_id = "r1";
    wanted.incident_id = "i1";
    wanted.kind = "ticket";
    wanted.target = "file:tickets";
    wanted.due_ns = t0;
    wanted.created_ns = t0;
    const auto begin = [&](transaction& tx) -> result<void> {
        const auto inserted = insert_publication(tx, wanted);
        if (!inserted)
            return inserted.error();
        const auto claimed = claim_publication(tx, "p1", t0, 1000);
        return claimed ? result<void>() : result<void>(claimed.error());
    };
    write(begin).value();
    const std::size_t before = told().size();
    write([](transaction& tx) { return mark_failed(tx, "p1", 1, "disk full", t0 + 1, t0); }).value();
    EXPECT_EQ(told().size(), before) << "it is tried again";
    write([](transaction& tx) { return claim_publication(tx, "p1", t0 + 1, 1000); }).value();
    write([](transaction& tx) { return mark_published(tx, "p1", 2, "tickets/x.md", t0 + 2); }).value();
    EXPECT_EQ(told().back(), "publication.done publication/p1");
    EXPECT_EQ(last_data().at("location").as_string(), "tickets/x.md");
    EXPECT_FALSE(last_data().contains("error"));
}

TEST_F(notices_test, an_endpoint_gets_what_it_asked_for)
{
    add_endpoint("e2", {"run.dead_lettered", "approval.opened"});
    add_endpoint("e3", {}, model::severity::critical);
    add_endpoint("e4", {"incident.opened"}, model::severity::high);
    open_incident(model::severity::high);

    EXPECT_EQ(told("e1").size(), 1U);
    EXPECT_TRUE(told("e2").empty());
    EXPECT_TRUE(told("e3").empty()) << "not severe enough";
    EXPECT_EQ(told("e4").size(), 1U);
    EXPECT_EQ(deliveries("e1").front().message_id, deliveries("e4").front().message_id);
    EXPECT_NE(deliveries("e1").front().id, deliveries("e4").front().id);
}

TEST_F(notices_test, the_same_thing_is_told_once)
{
    const auto reminder = approval_reminder(approval(), 50, t0);
    const auto tell = [&](const notice& what) {
        return write([&](transaction& tx) { return enqueue_deliveries(tx, what); }).value();
    };
    EXPECT_EQ(tell(reminder), 1U);
    EXPECT_EQ(tell(reminder), 0U);
    EXPECT_EQ(tell(approval_reminder(approval(), 90, t0)), 1U);
}

TEST_F(notices_test, nothing_is_told_of_what_was_rolled_back)
{
    const auto fail = [](transaction& tx) -> result<void> {
        const auto opened = insert_incident(tx, incident_of("i9"), opened_event());
        return opened ? result<void>(reprise::errc::conflict) : opened;
    };
    EXPECT_FALSE(write(fail));
    EXPECT_TRUE(told().empty());
}

TEST_F(notices_test, a_full_queue_gives_up_its_oldest_and_says_so)
{
    const auto fill = [](transaction& tx) -> result<void> {
        notice what;
        what.subject = "incident/i1";
        for (std::uint64_t i = 0; i < deliveries_queued_max + 2; ++i) {
            what.key = "k" + std::to_string(i);
            what.at_ns = t0 + static_cast<std::int64_t>(i) * ns_per_ms;
            if (const auto queued = enqueue_deliveries(tx, what); !queued)
                return queued.error();
        }
        return {};
    };
    write(fill).value();

    delivery_filter filter;
    filter.state = delivery_state::dropped;
    const auto dropped = read([&](reader& r) { return list_deliveries(r, filter); }).value();
    ASSERT_EQ(dropped.size(), 2U);
    EXPECT_EQ(dropped.back().notice_key, "k0");
    EXPECT_EQ(dropped.front().notice_key, "k1");
    EXPECT_NE(dropped.front().error.find("2000 were waiting"), std::string::npos) << dropped.front().error;
    EXPECT_TRUE(dropped.front().ended_ns);
    EXPECT_EQ(read([](reader& r) { return look_at_deliveries(r); })->waiting, deliveries_queued_max);
    EXPECT_EQ(read([](reader& r) { return find_endpoint(r, "e1"); }).value()->dropped, 2U);
    EXPECT_EQ(read([](reader& r) { return sum_dropped_deliveries(r); }).value(), 2U);
}

TEST_F(notices_test, long_names_are_cut_and_large_data_is_left_out)
{
    auto incident = incident_of("i1", std::string(255, 's') + "\xc3\xa9");
    EXPECT_EQ(incident_opened(incident).data.at("service").as_string(), std::string(255, 's'));

    notice what;
    what.key = "big";
    what.subject = "incident/i1";
    what.data["x"] = std::string(notice_data_bytes_max, 'x');
    write([&](transaction& tx) { return enqueue_deliveries(tx, what); }).value();
    EXPECT_EQ(deliveries().back().data, R"({"too_large":true})");
}

TEST_F(notices_test, every_kind_has_a_name_of_its_own)
{
    for (const notice_kind one : notice_kinds) {
        EXPECT_EQ(find_notice_kind(to_text(one)), one);
        EXPECT_EQ(to_text(one).find_first_not_of("abcdefghijklmnopqrstuvwxyz_."), std::string_view::npos);
    }
    EXPECT_FALSE(find_notice_kind("incident.closed"));
}

}  // namespace
}  // namespace reprise::store
