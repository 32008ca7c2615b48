#include "../../server/app/snapshot.hpp"

#include "../../server/app/exit_code.hpp"
#include "../../server/app/interruption.hpp"
#include "../../server/app/snapshot_convert.hpp"
#include "../../server/app/snapshot_write.hpp"

#include "reprise/telemetry/har.hpp"
#include "reprise/telemetry/otlp_json_write.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

namespace reprise::app {
namespace {

namespace fs = std::filesystem;
using telemetry::snapshot_format;

model::exchange http_exchange(int second, const std::string& host = "shop:8080")
{
    const std::string at = (second < 10 ? "0" : "") + std::to_string(second);
    return telemetry::parse_rrpair_json(
               R"({"ts":"2025-11-21T12:00:)" + at + R"(Z","duration":5,"l7protocol":"http","service":"shop",
               "status":"OK","http":{"request":{"method":"GET","url":"http://)" + host + R"(/a?b=c",
               "headers":{"A":"b"}},"response":{"statusCode":200,"headers":{},"body":"hello"}}})"
    ).value();
}

model::exchange redis_exchange()
{
    return telemetry::parse_rrpair_json(R"({"ts":"2025-11-21T12:00:30Z","l7protocol":"redis","direction":"OUT",
        "command":"GET","location":"user:17","status":"OK","service":"shop"})").value();
}

model::exchange odd_exchange()
{
    return telemetry::parse_rrpair_json(R"({"ts":"2025-11-21T12:00:31Z","l7protocol":"tarantool","direction":"OUT",
        "command":"CALL","location":"f","status":"OK","service":"shop"})").value();
}

class snapshot_files : public ::testing::Test {
protected:
    snapshot_files() { quiet_.quiet = true; }
    void SetUp() override
    {
        const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
        dir_ = fs::path(::testing::TempDir()) / ("reprise_snapshot_" + name);
        fs::remove_all(dir_);
        fs::create_directories(dir_);
    }
    void TearDown() override { fs::remove_all(dir_); }

    fs::path write(const fs::path& name, std::string_view bytes)
    {
        const fs::path path = dir_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

    static std::string read(const fs::path& path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    snapshot_content load(const fs::path& path, const snapshot_options& options = {})
    {
        return load_snapshots({path.string()}, options, quiet_);
    }

    // The reason of the only problem.
    std::string problem_of(const fs::path& path)
    {
        const auto content = load(path);
        EXPECT_EQ(content.reading.problem_count, 1U);
        return content.reading.problems.empty() ? "" : content.reading.problems.front().where + " | " +
                                                           content.reading.problems.front().what;
    }

    int convert(const fs::path& in, const fs::path& out, const std::string& to = {}, bool force = false)
    {
        snapshot_conversion conversion;
        conversion.paths = {in.string()};
        conversion.out = out.string();
        conversion.to = to;
        conversion.force = force;
        return run_snapshot_conversion(conversion, quiet_);
    }

    // One file of every format, and what is no traffic.
    fs::path write_mixed()
    {
        write("mixed/shop/1.json", telemetry::write_rrpair_json(http_exchange(1)));
        write("mixed/shop/2.md", telemetry::write_rrpair_markdown(http_exchange(2)));
        write("mixed/pairs.jsonl", telemetry::write_rrpair_json(http_exchange(4)) + "\n\n" +
                                       telemetry::write_rrpair_json(redis_exchange()) + "\n");
        write("mixed/c.har", telemetry::write_har_head("1") + telemetry::write_har_entry(http_exchange(3)) +
                                 telemetry::write_har_tail());
        const std::vector<model::exchange> line = {http_exchange(0), odd_exchange()};
        write("mixed/d.json", telemetry::write_otlp_json_line(line) + "\n{\"resourceMetrics\":[]}\n");
        write("mixed/.hidden.json", "{");
        write("mixed/.git/x.json", "{");
        write("mixed/readme.txt", "no");
        return dir_ / "mixed";
    }

    fs::path dir_;
    output_style quiet_;
};

TEST_F(snapshot_files, of_every_format_are_read_together_in_the_order_of_time)
{
    const auto content = load(write_mixed());
    EXPECT_EQ(content.reading.problem_count, 0U) << content.reading.problems.front().what;
    EXPECT_EQ(content.reading.files, 5U);
    EXPECT_EQ(content.reading.records, 7U);
    ASSERT_EQ(content.records.size(), 7U);
    EXPECT_TRUE(std::is_sorted(content.records.begin(), content.records.end(), [](const auto& a, const auto& b) {
        return a.start_ns < b.start_ns;
    }));
    EXPECT_EQ(content.reading.skipped.at("requests of metrics or profiles"), 1U);
    EXPECT_EQ(protocol_counts(content.reading), "5 HTTP, 1 Redis, 1 of unknown protocol (tarantool 1)");
}

TEST_F(snapshot_files, go_through_the_live_decoder_as_batches_in_the_order_of_time)
{
    std::vector<std::int64_t> times;
    const auto reading = read_snapshots({write_mixed().string()}, quiet_, [&times](const auto& batch) {
        for (const model::observation& one : batch->observations)
            times.push_back(one.start_ns);
    });
    EXPECT_EQ(reading.records, 7U);
    EXPECT_EQ(times.size(), 7U);
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST_F(snapshot_files, go_round_through_every_format_and_stay_the_same)
{
    const fs::path in = write_mixed();
    ASSERT_EQ(convert(in, dir_ / "json"), exit_ok);
    const auto first = load(dir_ / "json");
    EXPECT_EQ(first.records.size(), 7U);
    ASSERT_EQ(convert(dir_ / "json", dir_ / "a.jsonl"), exit_ok);
    ASSERT_EQ(convert(dir_ / "a.jsonl", dir_ / "md", "rrpair-md"), exit_ok);
    ASSERT_EQ(convert(dir_ / "md", dir_ / "again", "rrpair-json"), exit_ok);
    const auto last = load(dir_ / "again");
    ASSERT_EQ(last.records.size(), first.records.size());
    for (std::size_t i = 0; i < first.records.size(); ++i)
        EXPECT_EQ(last.records[i].bytes, first.records[i].bytes);

    ASSERT_EQ(convert(dir_ / "json", dir_ / "a.har"), exit_ok);
    EXPECT_EQ(load(dir_ / "a.har").records.size(), 5U) << "HAR is for HTTP";
    ASSERT_EQ(convert(dir_ / "a.har", dir_ / "b.har"), exit_ok);
    EXPECT_EQ(read(dir_ / "a.har"), read(dir_ / "b.har"));
}

TEST_F(snapshot_files, that_cannot_be_read_say_what_and_where)
{
    const auto ends = [](const std::string& text, std::string_view end) {
        EXPECT_TRUE(std::string_view(text).ends_with(end)) << text;
    };
    ends(problem_of(dir_ / "none"), "none | no such file or directory");
    ends(problem_of(write("empty.json", "")), "empty.json | the file is empty");
    ends(problem_of(write("a.har", "\xff\xfe{")), "UTF-16 text; save it as UTF-8");
    ends(problem_of(write("b.jsonl", "\x1f\x8b\x08")), "compressed; unpack it first");
    ends(problem_of(write("c.json", "[1, 2]")), "neither RRPair (JSON or Markdown) nor HAR nor OTLP-JSON");
    ends(problem_of(write("d.json", "{\n\"msgType\": \"rrpair\",\n\"ts\": oops\n}")),
         "d.json:3 | not valid JSON, or nested too deeply");
    ends(problem_of(write("e.jsonl", "\n{\"resourceLogs\":17}\n")), "e.jsonl:2 | resourceLogs is not an array");
    ends(problem_of(write("f.har", "{\"log\":{\n\"entries\":[\n{}]}}")), "f.har entry 1 | startedDateTime is missing");
    ends(problem_of(write("g.har", "{\"log\":{\n\"entries\":[\n")),
         "g.har:3 | the text ends in the middle of a value (at byte 21)");
    ends(problem_of(write("h.md", "### REQUEST ###\n")),
         "h.md | no '### REQUEST ###' with a fenced HTTP message below it");
    ends(problem_of(write("i.json", "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{}]}]}]}")),
         "1 records left out: the log record has no body; send an RRPair as a kvlist body");
}

TEST_F(snapshot_files, with_a_byte_order_mark_are_read)
{
    const std::string pair = telemetry::write_rrpair_json(http_exchange(1));
    EXPECT_EQ(load(write("a.json", "\xef\xbb\xbf" + pair)).records.size(), 1U);
    const std::vector<model::exchange> one = {http_exchange(1)};
    EXPECT_EQ(load(write("b.jsonl", "\xef\xbb\xbf" + telemetry::write_otlp_json_line(one))).records.size(), 1U);
}

TEST_F(snapshot_files, that_name_no_service_get_the_one_asked_for_or_the_directory)
{
    const std::string pair = R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"http","location":"/a","command":"GET",)"
                             R"("status":"OK"})";
    EXPECT_EQ(load(write("cart/a.json", pair)).records.at(0).service, "cart");
    snapshot_options options;
    options.service = "shop";
    EXPECT_EQ(load(write("cart/a.json", pair), options).records.at(0).service, "shop");
}

TEST_F(snapshot_files, never_leave_their_directory_whatever_the_host_is_called)
{
    model::exchange hostile = http_exchange(1, "../../../../tmp/x");
    hostile.host = "../../../../tmp/x";
    model::exchange dots = http_exchange(2);
    dots.host = "..";
    model::exchange nameless = http_exchange(3);
    nameless.host.clear();
    nameless.operation.service = "/etc/cron.d\n";
    const std::vector<telemetry::captured_record> records = {
        telemetry::to_record(hostile), telemetry::to_record(dots), telemetry::to_record(nameless)};
    snapshot_written written;
    const auto bad =
        write_snapshot(records, snapshot_format::rrpair_json, dir_ / "out", false, quiet_, written);
    ASSERT_FALSE(bad) << bad->text;
    EXPECT_EQ(written.exchanges, 3U);
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(dir_))
        files += entry.is_regular_file() && entry.path().extension() == ".json" ? 1U : 0U;
    EXPECT_EQ(files, 3U);
    for (const auto& entry : fs::directory_iterator(dir_))
        EXPECT_EQ(entry.path().filename(), "out");
}

TEST_F(snapshot_files, are_not_overwritten_unasked)
{
    const fs::path in = write_mixed();
    const fs::path out = write("out.har", "precious");
    EXPECT_EQ(convert(in, out), exit_usage);
    EXPECT_EQ(read(out), "precious");
    EXPECT_EQ(convert(in, out, "har", true), exit_ok);
    EXPECT_TRUE(read(out).starts_with("{\"log\":"));

    const fs::path theirs = write("theirs/keep.txt", "precious");
    EXPECT_EQ(convert(in, theirs.parent_path(), "rrpair-json", true), exit_usage) << "not ours";
    EXPECT_EQ(read(theirs), "precious");
    EXPECT_EQ(convert(in, dir_ / "ours"), exit_ok);
    EXPECT_EQ(convert(in, dir_ / "ours"), exit_usage);
    write("ours/old/old.json", "{}");
    EXPECT_EQ(convert(in, dir_ / "ours", {}, true), exit_ok);
    EXPECT_FALSE(fs::exists(dir_ / "ours/old"));
    EXPECT_EQ(convert(in, dir_ / "ours", "har", true), exit_usage) << "a directory is no HAR file";
}

TEST_F(snapshot_files, that_fail_half_way_leave_nothing)
{
    const fs::path in = write_mixed();
    write("mixed/broken.json", "{");
    EXPECT_EQ(convert(in, dir_ / "rest.har"), exit_data) << "the rest is written";
    EXPECT_TRUE(fs::exists(dir_ / "rest.har"));
    EXPECT_EQ(convert(write("only.json", "{"), dir_ / "none.har"), exit_data);
    EXPECT_FALSE(fs::exists(dir_ / "none.har"));
    EXPECT_EQ(convert(in, dir_ / "missing" / "a.har"), exit_unavailable);
    EXPECT_EQ(convert(in, dir_ / "a.har", "pcap"), exit_usage);
    {
        staged_output output(dir_ / "half", output_kind::directory, false);
        ASSERT_FALSE(output.begin());
        ASSERT_FALSE(output.add_file("a/b.json", "{}"));
        EXPECT_FALSE(fs::exists(dir_ / "half"));
    }
    for (const auto& entry : fs::directory_iterator(dir_))
        EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
}

TEST_F(snapshot_files, of_an_interrupted_conversion_are_gone)
{
    const auto content = load(write_mixed());
    const interruption watch;
    std::raise(SIGTERM);

    snapshot_written written;
    const auto bad = write_snapshot(content.records, snapshot_format::har, dir_ / "a.har", false, quiet_, written);
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->text, "interrupted, nothing was written");
    EXPECT_TRUE(load(dir_ / "mixed").reading.interrupted);
    std::size_t left = 0;
    for (const auto& entry : fs::directory_iterator(dir_))
        left += entry.path().filename() == "mixed" ? 0U : 1U;
    EXPECT_EQ(left, 0U);
}

TEST_F(snapshot_files, of_an_interrupted_command_are_cleaned_up_before_the_signal_ends_it)
{
    const fs::path mark = dir_ / "cleaned";
    struct cleaning {
        fs::path path;
        ~cleaning() { std::ofstream(path) << "yes"; }
    };
    EXPECT_EXIT(
        std::exit(run_interruptible([&mark]() -> int {
            const cleaning last{mark};
            std::raise(SIGTERM);
            return exit_unavailable;
        })),
        ::testing::KilledBySignal(SIGTERM), ""
    );
    EXPECT_TRUE(fs::exists(mark));
    EXPECT_EQ(run_interruptible([] { return exit_data; }), exit_data);
    EXPECT_EQ(
        run_interruptible([]() -> int {
            std::raise(SIGINT);
            return exit_ok;
        }),
        exit_ok
    ) << "it was done before it saw the signal";
}

// As another user where the tests are run as root, who may read everything.
class other_user {
public:
    other_user()
    {
        if (::geteuid() == 0) {
            EXPECT_EQ(::seteuid(65'534), 0);
        }
    }
    ~other_user()
    {
        if (::getuid() == 0) {
            EXPECT_EQ(::seteuid(0), 0);
        }
    }
    other_user(const other_user&) = delete;
    other_user& operator=(const other_user&) = delete;
};

TEST_F(snapshot_files, beside_a_directory_that_may_not_be_read_are_read)
{
    for (const char* name : {"in/a/1.json", "in/b/2.json", "in/c/3.json"})
        write(name, telemetry::write_rrpair_json(http_exchange(1)));
    fs::permissions(dir_, fs::perms::all);
    for (const auto& entry : fs::recursive_directory_iterator(dir_))
        fs::permissions(entry.path(), fs::perms::all);
    fs::permissions(dir_ / "in/b", fs::perms::none);
    snapshot_content content;
    {
        const other_user reader;
        content = load(dir_ / "in");
    }
    fs::permissions(dir_ / "in/b", fs::perms::all);
    EXPECT_EQ(content.records.size(), 2U);
    ASSERT_EQ(content.reading.problem_count, 1U);
    EXPECT_EQ(content.reading.problems.front().where, (dir_ / "in/b").string());
    EXPECT_EQ(content.reading.problems.front().what, "Permission denied");
}

TEST_F(snapshot_files, name_unknown_protocols_as_they_can_be_shown)
{
    snapshot_reading reading;
    reading.protocols = {{"http", 2}, {"\x1b[2J", 1}, {"", 4}};
    EXPECT_EQ(protocol_counts(reading), "2 HTTP, 4 internal, 1 of unknown protocol (?[2J 1)");
    for (int i = 0; i < 20; ++i)
        reading.protocols["p" + std::to_string(100 + i)] = 1;
    EXPECT_TRUE(protocol_counts(reading).ends_with(", p108 1, ...)")) << protocol_counts(reading);
}

}  // namespace
}  // namespace reprise::app
