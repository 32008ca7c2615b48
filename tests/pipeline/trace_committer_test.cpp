#include "reprise/pipeline/trace_committer.hpp"

#include "../../server/pipeline/trace_work.hpp"

#include "sent_traces.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/signals.hpp"
#include "reprise/store/suppressions.hpp"
#include "reprise/store/traces.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace reprise::pipeline {
namespace {

using test::batch_of;
using test::every_rank;
using test::fanout_trace;
using test::span_of;

constexpr std::int64_t second = 1'000'000'000;

std::vector<assembled_trace> assemble(std::span<const telemetry::sent_span> spans, std::size_t at_once = 1000)
{
    trace_assembler assembler{assembly_limits{}};
    for (std::size_t at = 0; at < spans.size(); at += at_once)
        assembler.add(
            *batch_of(spans.subspan(at, std::min(at_once, spans.size() - at))), {}, 0, every_rank
        );
    return assembler.close_due(30 * second);
}

// Three traces, in each of which worker 7 is slow.
std::vector<telemetry::sent_span> straggling()
{
    std::vector<telemetry::sent_span> spans;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        for (telemetry::sent_span& one : fanout_trace({1, i}, 7, static_cast<std::int64_t>(i) * 1000))
            spans.push_back(std::move(one));
    }
    return spans;
}

class trace_committer_test : public testing::Test {
protected:
    trace_committer_test()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-traces-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = name;
        store::database_options options;
        options.path = directory_ / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        database = store::database::open(options).value();
        config.commit.data_dir = directory_;
        config.commit.redaction_key = "test";
        config.commit.producer = "test";
    }
    ~trace_committer_test() override
    {
        database.reset();
        std::filesystem::remove_all(directory_);
    }

    void commit(trace_news news)
    {
        trace_committer door(pool_.get_executor(), pool_.get_executor(), *database, time_, numbers, config);
        const auto strand = boost::asio::make_strand(pool_);
        door.submit(std::move(news));
        auto done = boost::asio::co_spawn(strand, door.run_committer(), boost::asio::use_future);
        door.finish();
        done.get();
    }
    void commit(std::span<const telemetry::sent_span> spans) { commit(trace_news{assemble(spans), {}}); }

    template <class Work>
    auto read(Work work)
    {
        return database->read_blocking(std::move(work)).value();
    }
    std::vector<model::trace_summary> rows()
    {
        return read([](const store::reader& from) { return store::list_traces(from, {}); });
    }
    std::vector<model::signal> signals()
    {
        return read([](const store::reader& from) { return store::list_signals(from, {}); });
    }
    std::uint64_t count(std::string_view name, std::string_view labels = {})
    {
        return numbers.add_counter(name, "", labels).value();
    }

    trace_committer_config config;
    metrics numbers;
    std::unique_ptr<store::database> database;

private:
    std::filesystem::path directory_;
    manual_clock time_;
    boost::asio::thread_pool pool_{2};
};

TEST_F(trace_committer_test, an_agents_trace_is_kept_with_its_spans)
{
    commit(fanout_trace({1, 1}, -1));

    const auto kept = rows();
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].service, "agents");
    EXPECT_EQ(kept[0].pattern, model::trace_pattern::fanout);
    EXPECT_EQ(kept[0].span_count, 82U);
    EXPECT_TRUE(kept[0].is_complete);
    EXPECT_TRUE(kept[0].has_spans);
    const auto found = read([](const store::reader& from) { return store::find_trace(from, {1, 1}); });
    ASSERT_TRUE(found);
    const auto spans = boost::json::parse(found->spans).as_array();
    ASSERT_EQ(spans.size(), 82U);
    EXPECT_EQ(spans[0].at("name").as_string(), "workflow");  // As the report names them: by start.
    EXPECT_EQ(spans[0].at("start_ns").as_int64(), 0);
    const auto report = boost::json::parse(found->report);
    EXPECT_EQ(report.at("span_count").to_number<int>(), 82);
    EXPECT_TRUE(signals().empty());
}

TEST_F(trace_committer_test, readers_are_told_once_of_many_traces_of_a_service)
{
    std::vector<telemetry::sent_span> spans;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        for (telemetry::sent_span& one : fanout_trace({1, i}, -1, static_cast<std::int64_t>(i) * 1000))
            spans.push_back(std::move(one));
    }
    commit(spans);
    ASSERT_GT(count("reprise_traces_kept_total"), 64U) << "more than one batch";
    const auto events = read([](const store::reader& from) { return store::list_events(from, 0, 1000); });
    std::vector<std::string> told;
    for (const store::live_event& event : events) {
        if (event.topic == "traces")
            told.push_back(event.entity_id);
    }
    // The first batch, and what came after it at the end: its clock stands still.
    EXPECT_EQ(told, (std::vector<std::string>{"agents", "agents"}));
    EXPECT_EQ(count("reprise_traces_announced_total"), 2U);
}

TEST_F(trace_committer_test, stragglers_that_recur_become_a_signal_and_an_incident_that_waits_for_traffic)
{
    commit(straggling());

    const auto found = signals();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, model::signal_kind::fanout_straggler);
    EXPECT_EQ(found[0].operation.service, "agents");
    EXPECT_EQ(found[0].fingerprint.size(), 64U);
    EXPECT_FALSE(found[0].evidence_id.empty());
    const auto incident = read([&](const store::reader& from) {
        return store::find_incident(from, found[0].incident_id);
    });
    ASSERT_TRUE(incident);
    EXPECT_EQ(incident->status, model::incident_status::detected);
    EXPECT_EQ(incident->phase, "pending_event");
    EXPECT_EQ(count("reprise_traces_signals_total"), 1U);
    const auto runs = read([](const store::reader& from) { return store::list_runs(from, {}); });
    EXPECT_TRUE(runs.empty());
}

TEST_F(trace_committer_test, the_same_traces_after_a_restart_are_kept_once)
{
    commit(straggling());
    commit(straggling());

    EXPECT_EQ(rows().size(), 3U);
    EXPECT_EQ(signals().size(), 1U);
}

TEST_F(trace_committer_test, a_part_of_a_trace_does_not_replace_the_whole)
{
    const auto spans = fanout_trace({1, 1}, -1);
    commit(spans);
    commit(std::span(spans).subspan(0, 10));

    ASSERT_EQ(rows().size(), 1U);
    EXPECT_EQ(rows()[0].span_count, 82U);
}

TEST_F(trace_committer_test, a_trace_of_which_more_came_too_late_is_no_longer_complete)
{
    commit(fanout_trace({1, 1}, -1));
    commit(trace_news{{}, {model::trace_id{1, 1}}});

    EXPECT_FALSE(rows().at(0).is_complete);
}

TEST_F(trace_committer_test, traces_beyond_what_may_wait_are_dropped_and_counted)
{
    config.waiting_bytes_max = 10;
    commit(straggling());

    EXPECT_EQ(rows().size(), 1U);
    EXPECT_EQ(count("reprise_traces_dropped_total", "reason=\"backlog\""), 2U);
}

TEST_F(trace_committer_test, spans_and_reports_are_the_same_however_they_were_cut_and_ordered)
{
    auto spans = fanout_trace({1, 1}, 7);
    const committer_config& commit_config = config.commit;
    const auto analyse = [&commit_config](std::span<const telemetry::sent_span> from, std::size_t at_once) {
        trace_desk desk(commit_config, {});
        return desk.analyse(assemble(from, at_once), 0);
    };
    const auto first = analyse(spans, 1000);
    ASSERT_EQ(first.traces.size(), 1U);
    std::reverse(spans.begin(), spans.end());
    const std::size_t cut[] = {1, 5, 41};
    for (const std::size_t at_once : cut) {
        const auto other = analyse(spans, at_once);
        ASSERT_EQ(other.traces.size(), 1U);
        EXPECT_EQ(other.traces[0].kept.report, first.traces[0].kept.report) << at_once;
        EXPECT_EQ(other.traces[0].kept.spans, first.traces[0].kept.spans) << at_once;
    }
}

TEST_F(trace_committer_test, a_span_that_came_twice_counts_once)
{
    auto spans = fanout_trace({1, 1}, -1);
    const auto again = spans;
    spans.insert(spans.end(), again.begin(), again.end());
    commit(spans);

    EXPECT_EQ(rows().at(0).span_count, 82U);
}

TEST_F(trace_committer_test, a_secret_in_a_span_is_in_no_text_that_is_kept)
{
    const std::string secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    auto spans = straggling();
    for (telemetry::sent_span& one : spans) {
        one.name += " " + secret;
        one.attributes.emplace_back("password", secret);
        one.attributes.emplace_back("ati.retry.reason", secret);
        for (telemetry::sent_attribute& attribute : one.attributes) {
            if (attribute.key == "ati.agent.id")
                attribute.value = std::get<std::string>(attribute.value) + " " + secret;
        }
    }
    commit(spans);

    const auto found = read([](const store::reader& from) { return store::find_trace(from, {1, 1}); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->report.find(secret), std::string::npos) << found->report;
    EXPECT_EQ(found->spans.find(secret), std::string::npos);
    EXPECT_EQ(found->summary.agent.find(secret), std::string::npos);
    EXPECT_EQ(found->summary.figures.straggler.find(secret), std::string::npos);
    for (const model::signal& signal : signals()) {
        EXPECT_EQ(signal.explanation.find(secret), std::string::npos) << signal.explanation;
        EXPECT_EQ(signal.message.find(secret), std::string::npos) << signal.message;
        EXPECT_EQ(signal.operation.route.find(secret), std::string::npos) << signal.operation.route;
    }
    EXPECT_EQ(signals().size(), 1U);
}

TEST_F(trace_committer_test, a_kind_that_is_off_is_not_told_of_traces_either)
{
    detection_book book;
    model::detection_settings settings;
    settings.kinds_off = {model::signal_kind::fanout_straggler};
    book.put("agents", settings, 2);
    config.detection = &book;

    commit(straggling());

    EXPECT_TRUE(signals().empty());
    EXPECT_EQ(rows().size(), 3U) << "the traces themselves are kept";
}

TEST_F(trace_committer_test, a_suppressed_signal_of_traces_opens_no_incident)
{
    model::suppression what;
    what.id = "01SUPPRESSION";
    what.service = "agents";
    what.kind = model::signal_kind::fanout_straggler;
    what.reason = "known";
    database->write_blocking([&](store::transaction& tx) {
        return store::insert_suppression(tx, what, 1);
    }).value();

    commit(straggling());

    ASSERT_EQ(signals().size(), 1U);
    EXPECT_EQ(signals()[0].suppressed_by, what.id);
    EXPECT_TRUE(read([](const store::reader& from) { return store::list_incidents(from, {}); }).empty());
    EXPECT_EQ(count("reprise_signals_quiet_total", "reason=\"suppressed\""), 1U);
}

TEST_F(trace_committer_test, a_trace_whose_spans_do_not_fit_loses_attributes_first)
{
    std::vector<telemetry::sent_span> spans = {span_of({1, 1}, 1, 0, "root", 0, 5000)};
    for (std::uint64_t i = 2; i <= 4000; ++i) {
        spans.push_back(span_of({1, 1}, i, 1, "work", 1, 2));
        for (int key = 0; key < 5; ++key)
            spans.back().attributes.emplace_back("key" + std::to_string(key), std::string(250, 'v'));
    }
    committer_config plain = config.commit;
    trace_desk desk(plain, {});
    assembly_limits limits;
    limits.trace_bytes_max = 16 * 1024 * 1024;
    limits.memory_bytes_max = 32 * 1024 * 1024;
    trace_assembler assembler(limits);
    assembler.add(*batch_of(spans), {}, 0, every_rank);

    const auto analysed = desk.analyse(assembler.close_due(30 * second), 0);

    ASSERT_EQ(analysed.traces.size(), 1U);
    const std::string& text = analysed.traces[0].kept.spans;
    EXPECT_LE(text.size(), store::trace_text_bytes_max);
    const auto kept = boost::json::parse(text).as_array();
    EXPECT_EQ(kept.size(), 4000U);
    EXPECT_FALSE(kept[1].as_object().contains("cut"));
    EXPECT_TRUE(kept[3999].as_object().contains("cut"));
}

}  // namespace
}  // namespace reprise::pipeline
