#include "fixture.hpp"

#include <boost/json/parse.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>

#include <sys/stat.h>

namespace reprise::archive {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

class bundle_test : public bundle_fixture {
protected:
    std::string bytes_of(const model::evidence& evidence) const
    {
        std::ifstream file(dir_ / evidence.path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    json::object manifest_of(const model::evidence& evidence) const
    {
        return json::parse(read_bundle(dir_ / evidence.path)->manifest).as_object();
    }
};

TEST_F(bundle_test, comes_back_as_it_was_written)
{
    const auto written = write_bundle(dir_, source());
    ASSERT_TRUE(written);
    const auto read = read_bundle(dir_ / written->path);
    ASSERT_TRUE(read) << read.error().message();

    EXPECT_EQ(read->evidence.id, "01JD6Z0000000000000000000C");
    EXPECT_EQ(read->evidence.signal_id, "01JD6Z0000000000000000000B");
    EXPECT_EQ(read->evidence.service, "shop");
    EXPECT_EQ(read->evidence.window_start_ns, source().evidence.window_start_ns);
    EXPECT_EQ(read->evidence.created_ns, source().evidence.created_ns);
    EXPECT_EQ(read->evidence.sha256, written->sha256);
    EXPECT_EQ(read->evidence.failing, 6U);
    EXPECT_EQ(read->evidence.control, 3U);
    EXPECT_EQ(read->signal_json, R"({"kind":"error_rate"})");
    EXPECT_EQ(read->redaction_version, "1");
    ASSERT_EQ(read->items.size(), 12U);
    const model::exchange& exchange = read->items[0].exchange;
    const model::exchange& original = items_[9].exchange;
    EXPECT_EQ(exchange.operation, original.operation);
    EXPECT_EQ(exchange.direction, original.direction);
    EXPECT_EQ(exchange.status, 500);
    EXPECT_EQ(exchange.start_ns, original.start_ns);
    EXPECT_EQ(exchange.duration_ns, original.duration_ns);
    EXPECT_EQ(exchange.method, "POST");
    EXPECT_EQ(exchange.path, original.path);
    EXPECT_EQ(exchange.request_body, original.request_body);
    EXPECT_EQ(exchange.response_body, original.response_body);
    EXPECT_EQ(exchange.trace, original.trace);
    EXPECT_TRUE(exchange.complete);
    EXPECT_EQ(exchange.redacted_fields, original.redacted_fields);
}

TEST_F(bundle_test, packed_in_memory_is_what_would_be_written)
{
    const auto written = write_bundle(dir_, source());
    const auto packed = pack_bundle(source());

    ASSERT_TRUE(written && packed);
    EXPECT_EQ(packed->bytes, bytes_of(*written));
    EXPECT_EQ(packed->evidence.sha256, written->sha256);
    EXPECT_EQ(packed->evidence.path, "");
}

TEST_F(bundle_test, says_what_it_was_minimised_from)
{
    bundle_source small = source();
    EXPECT_FALSE(manifest_of(*write_bundle(dir_, small)).contains("minimised"));
    small.evidence.id = "01JD6Z000000000000000000ZZ";
    small.minimised = minimised_from{"big\xff.tar.gz", "ab12", "status==500", 2, 200, 31, true};

    const json::object manifest = manifest_of(*write_bundle(dir_, small));

    const json::object& said = manifest.at("minimised").as_object();
    EXPECT_EQ(said.at("name").as_string(), "big?.tar.gz");
    EXPECT_EQ(said.at("sha256").as_string(), "ab12");
    EXPECT_EQ(said.at("still").as_string(), "status==500");
    EXPECT_EQ(said.at("requests").to_number<int>(), 2);
    EXPECT_EQ(said.at("requests_before").to_number<int>(), 200);
    EXPECT_EQ(said.at("trials").to_number<int>(), 31);
    EXPECT_TRUE(said.at("minimal").as_bool());
}

TEST_F(bundle_test, has_failing_exchanges_first_then_triggers_control_and_context)
{
    const auto written = write_bundle(dir_, source());
    ASSERT_TRUE(written);
    const auto read = read_bundle(dir_ / written->path);
    ASSERT_TRUE(read);
    std::string order;
    for (const model::evidence_item& item : read->items)
        order += model::to_text(item.role).substr(0, 3);

    EXPECT_EQ(order, "faifaifaitritritriconconconconconcon");
}

TEST_F(bundle_test, lies_where_its_names_say_with_mode_0600)
{
    const auto written = write_bundle(dir_, source());

    ASSERT_TRUE(written);
    EXPECT_EQ(
        written->path, "evidence/shop/" + std::string(64, 'a') + "/20251121T111500.000000000Z.tar.gz"
    );
    struct stat found {};
    ASSERT_EQ(::stat((dir_ / written->path).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0600U);
    EXPECT_EQ(written->bytes, fs::file_size(dir_ / written->path));
    EXPECT_EQ(written->sha256, sha256_hex(bytes_of(*written)));
}

TEST_F(bundle_test, names_from_outside_never_leave_the_directory)
{
    items_.push_back(item_fixture(model::evidence_role::failing, 99, "../../../etc"));
    items_.push_back(item_fixture(model::evidence_role::failing, 98, ""));
    auto from = source();
    from.evidence.service = "../x";
    from.evidence.fingerprint = "../../y";
    const auto written = write_bundle(dir_ / "data", from);

    ASSERT_TRUE(written);
    EXPECT_TRUE(written->path.starts_with("evidence/%2E.%2Fx/%2E.%2F..%2Fy/"));
    EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()), 1);
    const auto read = read_bundle(dir_ / "data" / written->path);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->evidence.service, "../x");
    EXPECT_NE(read->manifest.find("%2E.%2F..%2F..%2Fetc/"), std::string::npos);
    EXPECT_NE(read->manifest.find("%2E.%2Fx/2025"), std::string::npos);
}

TEST_F(bundle_test, the_same_source_gives_the_same_bytes)
{
    const auto first = write_bundle(dir_ / "a", source());
    const auto second = write_bundle(dir_ / "b", source());

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->sha256, second->sha256);
}

TEST_F(bundle_test, writing_it_again_after_a_crash_changes_nothing)
{
    const auto first = write_bundle(dir_, source());
    const auto again = write_bundle(dir_, source());

    ASSERT_TRUE(first && again);
    EXPECT_EQ(again->path, first->path);
    EXPECT_EQ(again->sha256, first->sha256);
    EXPECT_EQ(std::distance(fs::directory_iterator((dir_ / first->path).parent_path()), fs::directory_iterator()), 1);
}

TEST_F(bundle_test, another_one_of_the_same_window_leaves_the_first_as_it_is)
{
    const auto first = write_bundle(dir_, source());
    auto other_source = source();
    other_source.evidence.id = "01JD6Z0000000000000000000X";
    const auto other = write_bundle(dir_, other_source);

    ASSERT_TRUE(first && other);
    EXPECT_TRUE(other->path.ends_with("_01JD6Z0000000000000000000X.tar.gz"));
    EXPECT_EQ(sha256_hex(bytes_of(*first)), first->sha256);
    EXPECT_EQ(read_bundle(dir_ / other->path)->evidence.id, "01JD6Z0000000000000000000X");
}

TEST_F(bundle_test, the_manifest_says_what_the_caps_cut)
{
    bundle_limits limits;
    limits.failing_max = 2;
    limits.context_max = 0;
    auto from = source();
    from.evidence.cut = 40;
    const auto written = write_bundle(dir_, from, limits);

    ASSERT_TRUE(written);
    EXPECT_EQ(written->failing, 5U);
    EXPECT_EQ(written->cut, 44U);
    const auto manifest = manifest_of(*written);
    EXPECT_EQ(manifest.at("cut_before").as_int64(), 40);
    const auto& cuts = manifest.at("cut").as_array();
    ASSERT_EQ(cuts.size(), 2U);
    EXPECT_EQ(cuts[0], (json::value{{"role", "failing"}, {"cap", "failing_max"}, {"exchanges", 1}}));
    EXPECT_EQ(cuts[1], (json::value{{"role", "context"}, {"cap", "context_max"}, {"exchanges", 3}}));
    EXPECT_EQ(read_bundle(dir_ / written->path)->evidence.cut, 44U);
}

TEST_F(bundle_test, a_setup_stands_behind_the_control_and_says_what_it_is_for)
{
    for (int i = 0; i < 2; ++i) {
        items_.push_back(item_fixture(model::evidence_role::setup, 60 + i));
        items_.back().reason = "its answer gives cookie sid, which GET /a sends as cookie sid";
    }
    bundle_limits limits;
    limits.setup_max = 1;

    const auto written = write_bundle(dir_, source(), limits);

    ASSERT_TRUE(written);
    const auto read = read_bundle(dir_ / written->path);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->items.size(), 13U);
    EXPECT_EQ(read->items[8].role, model::evidence_role::control);
    EXPECT_EQ(read->items[9].role, model::evidence_role::setup);
    EXPECT_EQ(read->items[9].reason, "its answer gives cookie sid, which GET /a sends as cookie sid");
    EXPECT_EQ(read->items[10].role, model::evidence_role::context);
    EXPECT_EQ(read->items[10].reason, "");
    const auto manifest = manifest_of(*written);
    EXPECT_EQ(manifest.at("counts").at("setup").as_int64(), 1);
    EXPECT_EQ(manifest.at("cut").at(0), (json::value{{"role", "setup"}, {"cap", "setup_max"}, {"exchanges", 1}}));
}

TEST_F(bundle_test, a_byte_cap_takes_the_least_important_first)
{
    bundle_limits limits;
    limits.exchange_bytes_max = 20'000;
    limits.exchanges_bytes_max = 6'000;
    items_.push_back(item_fixture(model::evidence_role::failing, 50));
    items_.back().exchange.response_body = std::string(50'000, 'x');
    const auto written = write_bundle(dir_, source(), limits);

    ASSERT_TRUE(written);
    EXPECT_EQ(written->failing, 6U);
    const auto read = read_bundle(dir_ / written->path);
    ASSERT_TRUE(read);
    EXPECT_LT(read->items.size(), 12U);
    EXPECT_EQ(written->cut, 13U - read->items.size());
    const auto cuts = manifest_of(*written).at("cut").as_array();
    EXPECT_EQ(cuts[0], (json::value{{"role", "failing"}, {"cap", "exchange_bytes_max"}, {"exchanges", 1}}));
}

TEST_F(bundle_test, the_manifest_counts_redacted_fields)
{
    for (int i = 0; i < 40; ++i)
        items_[9].exchange.redacted_fields.push_back("request.body." + std::string(200, 'k') + std::to_string(i));
    const auto written = write_bundle(dir_, source());
    ASSERT_TRUE(written);
    const auto manifest = manifest_of(*written);

    const auto& fields = manifest.at("redaction").as_object().at("fields").as_array();
    EXPECT_EQ(fields.back(), (json::value{{"field", "request.header.authorization"}, {"exchanges", 12}}));
    const auto& first = manifest.at("exchanges").as_array()[0].as_object();
    EXPECT_EQ(first.at("redacted_fields").as_array().size(), 32U);
    EXPECT_EQ(first.at("redacted_fields_cut").as_int64(), 9);
}

void list_members(const json::value& value, std::set<std::string>& names)
{
    if (value.is_array()) {
        for (const json::value& one : value.get_array())
            list_members(one, names);
    }
    if (!value.is_object())
        return;
    for (const auto& member : value.get_object()) {
        names.emplace(member.key());
        list_members(member.value(), names);
    }
}

TEST_F(bundle_test, every_member_of_the_manifest_is_documented)
{
    items_[9].exchange.redacted_fields.assign(40, "request.body.x");
    bundle_limits limits;
    limits.context_max = 0;
    const auto written = write_bundle(dir_, source(), limits);
    ASSERT_TRUE(written);
    std::set<std::string> names;
    list_members(manifest_of(*written), names);
    std::ifstream file(REPRISE_SOURCE_DIR "/docs/formats/evidence-bundle.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};

    EXPECT_GT(names.size(), 25U);
    for (const std::string& name : names)
        EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
}

TEST_F(bundle_test, a_span_s_exchange_keeps_its_operation_and_stays_incomplete)
{
    auto span = item_fixture(model::evidence_role::context, 60);
    span.exchange.operation.source = model::source::span;
    span.exchange.operation.kind = model::operation_kind::client;
    span.exchange.operation.route = "/upstream/{anything}";
    span.exchange.direction = model::direction::out;
    span.exchange.complete = false;
    items_ = {span};
    const auto written = write_bundle(dir_, source());
    ASSERT_TRUE(written);
    const auto read = read_bundle(dir_ / written->path);
    ASSERT_TRUE(read && read->items.size() == 1);

    EXPECT_EQ(read->items[0].exchange.operation, span.exchange.operation);
    EXPECT_FALSE(read->items[0].exchange.complete);
}

TEST_F(bundle_test, what_has_no_rrpair_form_is_cut_and_never_breaks_the_bundle)
{
    model::evidence_item nothing;
    nothing.role = model::evidence_role::context;
    items_.push_back(nothing);
    const auto written = write_bundle(dir_, source());
    ASSERT_TRUE(written);

    EXPECT_EQ(written->cut, 1U);
    EXPECT_EQ(read_bundle(dir_ / written->path)->items.size(), 12U);
}

TEST_F(bundle_test, bytes_that_are_no_text_survive)
{
    items_[9].exchange.request_body = std::string("\x00\xFF\xFE\x80", 4);
    items_[9].exchange.operation.route = "/\xFF";
    items_[9].exchange.redacted_fields = {"request.body.\xC3"};
    const auto written = write_bundle(dir_, source());
    ASSERT_TRUE(written);
    const auto read = read_bundle(dir_ / written->path);

    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->items[0].exchange.request_body, std::string("\x00\xFF\xFE\x80", 4));
    EXPECT_EQ(read->items[0].exchange.operation.route, "/?");
}

TEST_F(bundle_test, without_identity_nothing_is_written)
{
    auto from = source();
    from.evidence.id.clear();
    EXPECT_EQ(write_bundle(dir_, from).error(), reprise::errc::invalid_argument);
    from = source();
    from.evidence.fingerprint.clear();
    EXPECT_EQ(write_bundle(dir_, from).error(), reprise::errc::invalid_argument);
    EXPECT_FALSE(fs::exists(dir_ / "evidence"));
}

TEST_F(bundle_test, a_directory_that_cannot_be_made_is_told)
{
    std::ofstream(dir_ / "evidence") << "a file";
    EXPECT_EQ(write_bundle(dir_, source()).error(), errc::write_failed);
}

TEST_F(bundle_test, a_signal_too_large_to_be_read_again_is_refused)
{
    auto from = source();
    from.signal_json = std::string(9'000'000, ' ');
    EXPECT_EQ(write_bundle(dir_, from).error(), errc::bundle_too_large);
}

TEST_F(bundle_test, different_bundles_are_written_at_once)
{
    std::vector<std::thread> writers;
    std::vector<result<model::evidence>> written(8, result<model::evidence>(errc::write_failed));
    for (std::size_t i = 0; i < written.size(); ++i) {
        writers.emplace_back([&, i] {
            auto from = source();
            from.evidence.fingerprint = std::to_string(i);
            written[i] = write_bundle(dir_, from);
        });
    }
    for (std::thread& writer : writers)
        writer.join();

    for (const auto& one : written) {
        ASSERT_TRUE(one);
        EXPECT_TRUE(read_bundle(dir_ / one->path));
    }
}

}  // namespace
}  // namespace reprise::archive
