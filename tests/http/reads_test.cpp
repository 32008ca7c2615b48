#include "../../server/http/endpoints.hpp"
#include "schema_check.hpp"
#include "seeds.hpp"
#include "trace_seeds.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/store/run_answers.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

// The path of a GET route with the ids of what was seeded.
std::string seeded_path(
    const endpoint& route, const seeded& all, const std::string& alarm_id, const std::string& suppression_id
)
{
    std::string path = full_path(route);
    const std::string id = path.find("/signals") != std::string::npos     ? all.signal.id
                           : path.find("/incidents") != std::string::npos ? all.incident.id
                           : path.find("/evidence") != std::string::npos  ? all.evidence.id
                           : path.find("/runs") != std::string::npos      ? all.run.id
                           : path.find("/alarms") != std::string::npos    ? alarm_id
                           : path.find("/suppressions") != std::string::npos ? suppression_id
                           : path.find("/traces") != std::string::npos    ? all.signal.trace_ids.front()
                                                                          : all.approval.id;
    if (const auto at = path.find("{id}"); at != std::string::npos)
        path.replace(at, 4, id);
    if (const auto at = path.find("{exchange}"); at != std::string::npos)
        path.replace(at, 10, "0");
    if (const auto at = path.find("{name}"); at != std::string::npos)
        path.replace(at, 6, "checkout");
    if (const auto at = path.find("{operation}"); at != std::string::npos)
        path.replace(at, 11, model::span_to_hex(all.signal.operation_id));
    return path;
}

TEST(reads, every_answer_is_what_the_document_says)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer,operator,approver,admin");
    const seeded all = seed(on);
    const std::string alarm_id = test::seed_alarms(on);
    test::seed_hook(on, "1", store::hook_state::failed);
    test::seed_trace(on, test::make_trace(all.signal.trace_ids.front(), on.time().now_ns()));
    auto dead = all.run;
    dead.id = make_ulid(on.time().now_ns());
    dead.state = model::run_state::dead_letter;
    on.write([&dead](store::transaction& tx) { return store::enqueue_run(tx, dead); }).value();
    model::exchange_answers answered;
    answered.statuses = {{1, {{500, 1}}}};
    answered.shown.trial = 1;
    answered.shown.answered = true;
    answered.shown.status = 500;
    const auto keep = [&](store::transaction& tx) {
        return store::save_run_answers(tx, all.run.id, all.evidence.id, std::vector{answered}, on.time().now_ns());
    };
    on.write(keep).value();
    // Something for the audit to show.
    ASSERT_EQ(on.call(who, "PUT", "/api/v1/services/checkout", "{}", "If-Match: \"1\"\r\n").status, 200);
    const std::string token = R"({"name":"laptop","scopes":["runs:read"],"days":1})";
    ASSERT_EQ(on.call(who, "POST", "/api/v1/tokens", token).status, 200);
    const std::string later = R"({"until":")" + format_rfc3339(on.time().now_ns() + 60 * ns_per_s) + "\"}";
    ASSERT_EQ(on.call(who, "POST", "/api/v1/approvals/" + all.approval.id + "/snooze", later).status, 200);
    const std::string in_slack = "/api/v1/users/" + who.person.id + "/slack";
    ASSERT_EQ(on.call(who, "PUT", in_slack, R"({"slack_user_id":"U1"})").status, 200);
    const std::string suppression = R"({"service":"checkout","kind":"latency","reason":"known","operation_id":")" +
                                    model::span_to_hex(all.signal.operation_id) + "\"}";
    const raw_answer suppressed = on.call(who, "POST", "/api/v1/suppressions", suppression);
    ASSERT_EQ(suppressed.status, 201) << suppressed.body;
    const std::string suppression_id(json_of(suppressed).at("item").at("id").as_string());
    std::size_t checked = 0;
    for (const endpoint& route : endpoints()) {
        if (route.method != net::method::get || route.answers.empty())
            continue;
        const std::string path = seeded_path(route, all, alarm_id, suppression_id);
        if (path.find("{token}") != std::string::npos)
            continue;  // Works once and for one person: gate_test asks it.
        const raw_answer answer = on.call(who, "GET", path);
        ASSERT_EQ(answer.status, 200) << path << " " << answer.body;
        const auto body = json_of(answer);
        const std::string_view schema = route.answers.substr(route.answers.find(' ') + 1);
        EXPECT_GT(body.at("as_of_seq").as_int64(), 0) << path;
        if (route.answers.starts_with("Item")) {
            EXPECT_EQ(find_misfit(body.at("item"), schema), "") << path;
        } else {
            EXPECT_FALSE(body.at("items").as_array().empty()) << path;
            for (const auto& item : body.at("items").as_array())
                EXPECT_EQ(find_misfit(item, schema), "") << path;
        }
        ++checked;
    }
    EXPECT_GE(checked, 20U);
}

// "interface X extends Y { a: T; b?: T; }" of the file the dashboard is compiled with.
struct interface_text {
    std::string base;
    std::map<std::string, bool> members;  // Name to optional.
};

std::map<std::string, interface_text> read_interfaces(const std::string& path)
{
    std::map<std::string, interface_text> out;
    std::ifstream file(path);
    std::string line;
    interface_text* open = nullptr;
    bool in_comment = false;
    int depth = 0;
    while (std::getline(file, line)) {
        const auto first = line.find_first_not_of(' ');
        const std::string text = first == std::string::npos ? "" : line.substr(first);
        if (text.starts_with("/*"))
            in_comment = true;
        const bool skip = in_comment || text.starts_with("//");
        if (text.find("*/") != std::string::npos)
            in_comment = false;
        if (skip)
            continue;
        if (text.starts_with("export interface ")) {
            std::istringstream words(text.substr(17));
            std::string name;
            std::string word;
            std::string base;
            words >> name >> word >> base;
            open = &out[name];
            open->base = word == "extends" ? base : "";
            depth = 1;
            continue;
        }
        if (!open)
            continue;
        const auto colon = text.find(':');
        if (depth == 1 && colon != std::string::npos && !text.starts_with("[")) {
            std::string member = text.substr(0, colon);
            const bool is_optional = member.ends_with('?');
            if (is_optional)
                member.pop_back();
            open->members[member] = is_optional;
        }
        for (const char c : text)
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (depth <= 0)
            open = nullptr;
    }
    return out;
}

TEST(reads, the_document_and_the_dashboard_name_the_same_members)
{
    auto interfaces = read_interfaces(REPRISE_SOURCE_DIR "/web/src/api/types.ts");
    constexpr std::array more = {"alarmTypes.ts",     "decisionTypes.ts", "deliveryTypes.ts",
                                 "detectionTypes.ts", "evidenceTypes.ts", "traceTypes.ts"};
    for (const std::string file : more)
        interfaces.merge(read_interfaces(REPRISE_SOURCE_DIR "/web/src/api/" + file));
    ASSERT_GE(interfaces.size(), 20U);
    const auto all = render_schemas();
    std::size_t compared = 0;
    for (const auto& [name, wanted] : interfaces) {
        const auto* schema = all.if_contains(name);
        if (!schema)
            continue;
        std::map<std::string, bool> members = wanted.members;
        if (!wanted.base.empty())
            members.insert(interfaces.at(wanted.base).members.begin(), interfaces.at(wanted.base).members.end());
        std::set<std::string> required;
        for (const auto& member : schema->at("required").as_array())
            required.insert(std::string(member.as_string()));
        const auto& properties = schema->at("properties").as_object();
        EXPECT_EQ(properties.size(), members.size()) << name;
        for (const auto& [member, is_optional] : members) {
            EXPECT_TRUE(properties.contains(member)) << name << "." << member;
            EXPECT_EQ(required.contains(member), !is_optional) << name << "." << member;
        }
        ++compared;
    }
    EXPECT_GE(compared, 20U);
}

TEST(reads, lists_go_page_by_page_newest_first)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        on.time().advance_ns(ns_per_s);
        ids.insert(ids.begin(), seed(on).signal.id);
    }

    std::vector<std::string> seen;
    std::string next;
    do {
        const std::string after = next.empty() ? "" : "&after=" + next;
        const auto page = json_of(on.call(who, "GET", "/api/v1/signals?limit=2" + after));
        for (const auto& item : page.at("items").as_array())
            seen.emplace_back(item.at("id").as_string());
        const auto* more = page.as_object().if_contains("next");
        next = more ? std::string(more->as_string()) : "";
    } while (!next.empty());

    EXPECT_EQ(seen, ids);
}

TEST(reads, filters_choose)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    seed(on);
    const auto count = [&](const std::string& path) {
        return json_of(on.call(who, "GET", path)).at("items").as_array().size();
    };

    EXPECT_EQ(count("/api/v1/signals?kind=error_rate&service=checkout"), 1U);
    EXPECT_EQ(count("/api/v1/signals?kind=latency"), 0U);
    EXPECT_EQ(count("/api/v1/incidents?status=reproduced&severity=high&open=true"), 1U);
    EXPECT_EQ(count("/api/v1/incidents?service=other"), 0U);
    EXPECT_EQ(count("/api/v1/runs?state=waiting_approval"), 1U);
    EXPECT_EQ(count("/api/v1/approvals?state=approved"), 0U);
    EXPECT_EQ(count("/api/v1/approvals?state="), 1U);
}

struct query_case {
    std::string name;
    std::string path;
};

class bad_query : public testing::TestWithParam<query_case> {};

TEST_P(bad_query, is_refused_with_a_reason)
{
    running_api on;
    const actor who = on.sign_in("ada", "admin");
    const raw_answer answer = on.call(who, "GET", "/api/v1" + GetParam().path);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(code_of(answer), "bad_request");
    EXPECT_EQ(find_misfit(json_of(answer), "Problem"), "");
}

INSTANTIATE_TEST_SUITE_P(
    cases, bad_query,
    testing::Values(
        query_case{"zero_limit", "/signals?limit=0"}, query_case{"large_limit", "/signals?limit=201"},
        query_case{"word_limit", "/signals?limit=ten"}, query_case{"unknown_kind", "/signals?kind=magic"},
        query_case{"unknown_status", "/incidents?status=lost"}, query_case{"unknown_open", "/incidents?open=maybe"},
        query_case{"unknown_name", "/signals?sort=up"}, query_case{"word_after", "/audit?after=x"},
        query_case{"unknown_order", "/audit?order=sideways"},
        query_case{"long_actor", "/audit?actor=" + std::string(300, 'x')},
        query_case{"long_cursor", "/signals?after=" + std::string(600, 'x')},
        query_case{"unknown_state", "/runs?state=tired"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(reads, the_audit_is_narrowed_and_read_from_its_end)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer,operator,approver,admin");
    seed(on);
    on.call(who, "PUT", "/api/v1/services/checkout", R"({"owner":"one"})", "If-Match: \"1\"\r\n");
    on.call(who, "PUT", "/api/v1/services/checkout", R"({"owner":"two"})", "If-Match: \"2\"\r\n");
    on.call(who, "POST", "/api/v1/users", R"({"name":"bob","roles":["viewer"]})");
    const auto page_of = [&](const std::string& query) {
        return json_of(on.call(who, "GET", "/api/v1/audit" + query));
    };

    const auto changes = page_of("?order=newest&action=service&actor=user:ada&object=service/checkout&limit=1");
    ASSERT_EQ(changes.at("items").as_array().size(), 1U);
    EXPECT_EQ(changes.at("items").at(0).at("detail").at("owner").as_string(), "two");
    const std::string next(changes.at("next").as_string());
    const auto older = page_of("?order=newest&action=service&limit=1&after=" + next);
    EXPECT_EQ(older.at("items").at(0).at("detail").at("owner").as_string(), "one");
    EXPECT_TRUE(page_of("?actor=user:nobody").at("items").as_array().empty());
    EXPECT_EQ(page_of("?order=newest").at("items").at(0).at("action").as_string(), "person.link");
}

TEST(reads, what_does_not_exist_is_404_with_its_name)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    for (const std::string kind : {"signals", "incidents", "runs", "approvals", "evidence"}) {
        const raw_answer answer = on.call(who, "GET", "/api/v1/" + kind + "/" + test::missing_id);
        EXPECT_EQ(answer.status, 404);
        EXPECT_EQ(code_of(answer), "not_found");
        EXPECT_NE(answer.body.find(test::missing_id), std::string::npos);
    }
    EXPECT_EQ(on.call(who, "GET", "/api/v1/services/no%2Fsuch").status, 404);
}

TEST(reads, the_detail_of_an_incident_has_chart_band_and_actions)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);

    const raw_answer answer = on.call(who, "GET", "/api/v1/incidents/" + all.incident.id);

    EXPECT_EQ(answer.header("etag"), "\"1\"");
    const auto item = json_of(answer).at("item");
    const auto& series = item.at("series");
    EXPECT_EQ(series.at("points").as_array().size(), 10U);
    EXPECT_TRUE(series.at("points").as_array().back().at("anomalous").as_bool());
    EXPECT_NEAR(series.at("points").as_array().back().at("value").as_double(), 28.0 / 193.0, 1e-12);
    EXPECT_EQ(series.at("baseline").at("middle").as_double(), 0.0);
    EXPECT_EQ(item.at("approval").at("id").as_string(), all.approval.id);
    EXPECT_EQ(item.at("signals").as_array().size(), 1U);
    EXPECT_FALSE(item.at("actions").as_array().empty());
}

TEST(reads, an_operation_has_its_windows_with_the_spread_of_the_calm_ones)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    const std::string id = model::span_to_hex(all.signal.operation_id);
    const std::string path = "/api/v1/services/checkout/operations/" + id + "/series";

    const auto item = json_of(on.call(who, "GET", path)).at("item");
    const std::string last(item.at("points").as_array().back().at("at").as_string());
    const auto newest = json_of(on.call(who, "GET", path + "?since=" + last)).at("item");

    ASSERT_EQ(item.at("points").as_array().size(), 10U);
    EXPECT_EQ(item.at("points").as_array().back().at("failing").as_int64(), 28);
    EXPECT_EQ(item.at("points").as_array().back().at("length_s").as_double(), 60.0);
    EXPECT_EQ(item.at("failing_share").at("high").as_double(), 0.0);
    EXPECT_EQ(item.at("p95_ms").at("middle").as_double(), 30.0);
    EXPECT_FALSE(item.at("more").as_bool());
    EXPECT_EQ(newest.at("points").as_array().size(), 1U);
    EXPECT_FALSE(newest.as_object().contains("p95_ms"));
}

TEST(reads, windows_are_of_an_operation_of_the_service_that_is_named)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    const std::string id = model::span_to_hex(all.signal.operation_id);

    EXPECT_EQ(on.call(who, "GET", "/api/v1/services/cart/operations/" + id + "/series").status, 404);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/services/checkout/operations/0000000000000001/series").status, 404);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/services/checkout/operations/zz/series").status, 404);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/services/checkout/operations/" + id + "/series?since=noon").status, 400);
}

TEST(reads, the_overview_counts_and_warns)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    seed(on);

    const auto item = json_of(on.call(who, "GET", "/api/v1/overview")).at("item");

    EXPECT_EQ(item.at("incidents_open").to_number<int>(), 1);
    EXPECT_EQ(item.at("incidents_by_severity").at("high").to_number<int>(), 1);
    EXPECT_EQ(item.at("approvals_pending").to_number<int>(), 1);
    EXPECT_EQ(item.at("traffic").as_array().size(), 1U);
    EXPECT_EQ(item.at("worst_incidents").as_array().size(), 1U);
    EXPECT_EQ(item.at("active_runs").as_array().size(), 1U);
    EXPECT_FALSE(item.at("warnings").as_array().empty());
}

TEST(reads, the_overview_says_when_nothing_can_be_reproduced)
{
    const auto warnings_of = [](running_api& on) {
        const actor who = on.sign_in("ada", "viewer");
        return boost::json::serialize(json_of(on.call(who, "GET", "/api/v1/overview")).at("item").at("warnings"));
    };
    running_api with_target;
    EXPECT_EQ(warnings_of(with_target).find("replay.targets"), std::string::npos);

    test::api_options none;
    none.change = [](api_config& config) { config.replay_targets.clear(); };
    running_api without(none);
    EXPECT_NE(warnings_of(without).find("replay.targets in the configuration is empty"), std::string::npos);
}

TEST(reads, an_empty_database_answers_everything)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer,operator,approver,admin");
    for (const endpoint& route : endpoints()) {
        const bool is_way_elsewhere = route.path.starts_with("/auth/oidc");
        if (route.method != net::method::get || route.path.find('{') != std::string_view::npos || is_way_elsewhere)
            continue;
        EXPECT_EQ(on.call(who, "GET", full_path(route)).status, 200) << route.path;
    }
    EXPECT_EQ(find_misfit(json_of(on.call(who, "GET", "/api/v1/overview")).at("item"), "Overview"), "");
}

TEST(reads, captured_bytes_that_are_no_text_do_not_break_the_answer)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    auto write = [](store::transaction& tx) -> result<void> {
        model::signal signal = test::make_signal(test::t0);
        signal.explanation = "bad \xFF\xC3 bytes";
        return store::insert_signal(tx, signal, test::t0);
    };
    on.write(std::move(write)).value();

    const auto page = json_of(on.call(who, "GET", "/api/v1/signals"));

    EXPECT_EQ(page.at("items").at(0).at("explanation").as_string(), "bad \xEF\xBF\xBD\xEF\xBF\xBD bytes");
}

TEST(reads, metrics_are_for_this_machine)
{
    running_api on;
    const raw_answer answer = on.raw("GET", "/metrics", "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("# TYPE reprise_live_subscribers gauge"), std::string::npos);
    EXPECT_NE(answer.body.find("reprise_store_wal_bytes"), std::string::npos);
}

TEST(openapi, every_route_is_in_it_and_every_documented_path_answers)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer,operator,approver,admin");
    const auto document = json_of(on.call(who, "GET", "/api/v1/openapi.json"));
    EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");

    std::set<std::string> documented;
    for (const auto& path : document.at("paths").as_object()) {
        for (const auto& verb : path.value().as_object()) {
            std::string name(verb.key());
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
                return static_cast<char>(std::toupper(c));
            });
            documented.insert(name + " " + std::string(path.key()));
        }
    }
    const auto served = on.subject().list_routes();
    EXPECT_EQ(documented, std::set<std::string>(served.begin(), served.end()));

    for (const std::string& route : documented) {
        const auto space = route.find(' ');
        std::string path = route.substr(space + 1);
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
            path.replace(open, path.find('}') - open + 1, test::missing_id);
        const actor fresh = on.sign_in("p " + route.substr(0, 50), "viewer,operator,approver,admin");
        const std::string verb = route.substr(0, space);
        const raw_answer answer = on.call(fresh, verb, path, verb == "GET" ? "" : "{}", "If-Match: \"1\"\r\n");
        EXPECT_GT(answer.status, 0) << route;
        EXPECT_NE(answer.status, 405) << route;
        EXPECT_LT(answer.status, 500) << route;
        const bool is_ours = answer.status < 400 || answer.header("content-type") == "application/problem+json";
        EXPECT_TRUE(is_ours) << route;
    }
}

TEST(openapi, all_references_lead_somewhere)
{
    running_api on;
    const std::string text = on.raw("GET", "/api/v1/openapi.json", "").body;
    const auto schemas = boost::json::parse(text).at("components").at("schemas").as_object();
    std::size_t references = 0;
    const std::string mark = "\"#/components/schemas/";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const auto begin = at + mark.size();
        const std::string name = text.substr(begin, text.find('"', begin) - begin);
        EXPECT_TRUE(schemas.contains(name)) << name;
        ++references;
    }
    EXPECT_GT(references, 50U);
}

}  // namespace
}  // namespace reprise::http
