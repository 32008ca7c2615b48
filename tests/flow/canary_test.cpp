#include "flow_server.hpp"

#include "reprise/telemetry/inflate.hpp"
#include "reprise/telemetry/rrpair.hpp"
#include "support/canaries.hpp"
#include "support/raw_websocket.hpp"
#include "support/traffic.hpp"
#include "telemetry/record_builder.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <future>
#include <iterator>

// Secrets of every kind in every place of the traffic, from the wire to the ticket: none may be found
// in any byte that the server writes or sends. Files are searched whatever their names are.
namespace reprise::flow {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t archive_bytes_max = 64 * 1024 * 1024;

std::string read_file(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Reads a WebSocket until the server ends it.
class live_listener {
public:
    live_listener(std::uint16_t port, const std::string& headers) : socket_(port, "/api/v1/live", headers)
    {
        socket_.send_text(R"({"subscribe":["incidents","signals","runs","approvals","services","overview"]})");
        text_ = std::async(std::launch::async, [this] {
            std::string all;
            for (auto frame = socket_.receive(); frame.opcode != test::raw_frame::lost; frame = socket_.receive())
                all += frame.text + "\n";
            return all;
        });
    }

    std::string take() { return text_.get(); }

private:
    test::raw_websocket socket_;
    std::future<std::string> text_;
};

class canary : public flow_test {
protected:
    std::string secret_by_form() { return remember(seeded_.by_form()); }
    std::string secret_under_name() { return remember(seeded_.below(2) == 0 ? seeded_.word(10) : seeded_.mixed(14)); }

    // Every place, one after the other. Failing orders stay orders: path and SQL are for the others.
    void plant(model::exchange& exchange)
    {
        const auto& named = support::named_places();
        const auto& plain = support::plain_places();
        std::size_t at = next_place_++ % (named.size() + plain.size());
        const std::string& wanted = at < named.size() ? named[at].first : plain[at - named.size()].first;
        if (exchange.status == 500 && (wanted == "path" || wanted.starts_with("sql")))
            at = 0;
        const auto& [where, put] = at < named.size() ? named[at] : plain[at - named.size()];
        put(exchange, seeded_.secret_name(), at < named.size() ? secret_under_name() : secret_by_form());
        exchange.complete = exchange.operation.protocol == "http";
        if (exchange.operation.protocol == "sql")
            exchange.path.clear();
    }

    // A minute of good orders, then ten seconds in which most fail: "fail=1" tells the target which.
    std::string log_request()
    {
        std::uint64_t trace = 0;
        const std::int64_t from = time_.now_ns() - 200 * second;
        auto calls = support::make_calls(from, 60, 20, trace, [](support::call&, int) {});
        const auto bad = support::make_calls(from + 60 * second, 10, 20, trace, [](support::call& one, int i) {
            one.status = i % 4 == 0 ? 200 : 500;
            one.path = i % 4 == 0 ? "/orders?ok=1" : "/orders?fail=1";
        });
        calls.insert(calls.end(), bad.begin(), bad.end());
        auto exchanges = support::to_exchanges(calls);
        for (model::exchange& one : exchanges)
            plant(one);
        return telemetry::encode_logs_request(exchanges);
    }

    telemetry::span_record span(std::int64_t start_ns, unsigned char number, bool fails)
    {
        using telemetry::set_attribute;
        using telemetry::text_any;
        telemetry::span_record made = telemetry::server_span();
        const auto at_second = static_cast<char>(start_ns / second % 256);
        made.set_trace_id(std::string(14, '\x7') + at_second + static_cast<char>(number));
        made.set_span_id(made.trace_id().substr(8));
        made.set_start_time_unix_nano(static_cast<std::uint64_t>(start_ns));
        made.set_end_time_unix_nano(static_cast<std::uint64_t>(start_ns + 20'000'000));
        set_attribute(made, "url.path", text_any("/carts/17"));
        set_attribute(made, "url.query", text_any("token=" + secret_under_name() + "&q=" + secret_by_form()));
        set_attribute(made, "http.request.header.authorization", text_any("Bearer " + secret_under_name()));
        set_attribute(made, "http.request.header.cookie", text_any("sid=" + secret_under_name()));
        set_attribute(made, "user.email", text_any(secret_by_form()));
        set_attribute(made, "http.response.status_code", telemetry::int_any(fails ? 500 : 200));
        if (!fails)
            return made;
        made.mutable_status()->set_code(telemetry::otlp::trace::v1::Status::STATUS_CODE_ERROR);
        made.mutable_status()->set_message("no card " + secret_by_form());
        auto* event = made.add_events();
        event->set_name("exception");
        for (const auto& [key, text] :
             {std::pair("exception.message", "password=" + secret_under_name()),
              std::pair("exception.stacktrace", "Error: " + secret_by_form() + "\n at pay (/app/pay.js:1:2)")}) {
            auto* attribute = event->add_attributes();
            attribute->set_key(key);
            attribute->mutable_value()->set_string_value(text);
        }
        return made;
    }

    telemetry::span_record query(const telemetry::span_record& parent, unsigned char number)
    {
        using telemetry::set_attribute;
        telemetry::span_record made = telemetry::plain_span(telemetry::span_record::SPAN_KIND_CLIENT, "SELECT shop");
        made.set_trace_id(parent.trace_id());
        made.set_parent_span_id(parent.span_id());
        made.set_span_id("query.0" + std::string(1, static_cast<char>(number)));
        made.set_start_time_unix_nano(parent.start_time_unix_nano() + 1'000'000);
        made.set_end_time_unix_nano(parent.start_time_unix_nano() + 2'000'000);
        set_attribute(made, "db.system", telemetry::text_any("postgresql"));
        const std::string text = "SELECT id FROM users WHERE mail = '" + secret_by_form() + "' AND pin = '" +
                                 secret_under_name() + "' -- " + secret_by_form();
        set_attribute(made, "db.statement", telemetry::text_any(text));
        return made;
    }

    std::string span_request()
    {
        auto request = telemetry::request_of(std::initializer_list<telemetry::span_record>{}, "cart");
        auto* scope = request.mutable_resource_spans(0)->mutable_scope_spans(0);
        const std::int64_t from = time_.now_ns() - 200 * second;
        for (int at = 0; at < 70; ++at) {
            for (unsigned char i = 0; i < 20; ++i) {
                const auto made = span(from + at * second + i * 50'000'000LL, i, at >= 60 && i % 4 != 0);
                *scope->add_spans() = made;
                *scope->add_spans() = query(made, i);
            }
        }
        return request.SerializeAsString();
    }

    json::value wait_for_incident(const std::string& service, const std::string& status)
    {
        json::value found;
        admin().wait_for("/incidents?service=" + service + "&limit=200", status, [&](const json::value& page) {
            for (const json::value& one : page.at("items").as_array()) {
                if (one.at("status").as_string() == status) {
                    found = one;
                    return true;
                }
            }
            return false;
        });
        return found;
    }

    // Secrets in every place of what the target answers: it is kept, and nobody but the target wrote it.
    target_service::dressing secret_answers()
    {
        const std::string cookie = "sid=" + secret_under_name() + "; Path=/";
        const std::string key = secret_under_name();
        const std::string traced = "password=" + secret_under_name();
        const json::object user{
            {"email", secret_by_form()}, {"password", secret_under_name()}, {"note", "call " + secret_by_form()}};
        const std::string body = json::serialize(json::object{
            {"error", "no card " + secret_by_form()}, {"kept", "as it is"}, {"access_token", secret_under_name()},
            {"user", user}});
        return [=](net::response& made) {
            made.body = body;
            made.set_header("Set-Cookie", cookie);
            made.set_header("X-Api-Key", key);
            made.set_header("X-Debug", traced);
        };
    }

    // By whoever may: CRITICAL needs two others than the person who asked for the run.
    void release(const json::value& approval)
    {
        const std::string hash(approval.at("content_hash").as_string());
        const std::string path = "/approvals/" + std::string(approval.at("id").as_string()) + "/approve";
        const json::object go{{"content_hash", hash}, {"comment", "go"}, {"confirm", hash.substr(0, 8)}};
        if (admin().post(path, go).status == 200)
            return;
        for (const char* name : {"lead", "sre"})
            EXPECT_EQ(add_person(name, {"viewer", "approver"})->post(path, go).status, 200);
    }

    void search(const std::string& where, std::string_view bytes)
    {
        searched_ += bytes.size();
        EXPECT_EQ(finder_.find(bytes), "") << "leaks in " << where;
    }

    void search_files()
    {
        for (const auto& entry : fs::recursive_directory_iterator(data_dir_)) {
            if (!entry.is_regular_file())
                continue;
            const std::string bytes = read_file(entry.path());
            ++files_;
            search(entry.path().string(), bytes);
            if (!telemetry::is_gzip(bytes))
                continue;
            const auto unpacked = telemetry::gunzip(bytes, archive_bytes_max);
            ASSERT_TRUE(unpacked) << entry.path();
            ++archives_;
            search(entry.path().string() + " (unpacked)", *unpacked);
        }
    }

    // Every list and every item of it.
    void search_answers()
    {
        for (const std::string list :
             {"/signals", "/incidents", "/runs", "/approvals", "/publications", "/services", "/audit", "/users"}) {
            const auto page = admin().get(list + (list == "/users" ? "" : "?limit=200"));
            search(list, page.body);
            ASSERT_EQ(page.status, 200) << list << " " << page.body;
            const json::value items = page.json().at("items");
            for (const json::value& item : items.as_array()) {
                const auto* id = item.as_object().if_contains(list == "/services" ? "name" : "id");
                if (id == nullptr || !id->is_string())
                    continue;
                const std::string path = list + "/" + std::string(id->as_string());
                for (const char* part : {"", "/timeline", "/operations", "/events", "/answers"})
                    search(path + part, admin().get(path + part).body);
                const auto* evidence = item.as_object().if_contains("evidence_id");
                if (evidence != nullptr && evidence->is_string())
                    search_evidence("/evidence/" + std::string(evidence->as_string()));
            }
        }
        search_kept_answers();
        search("/overview", admin().get("/overview").body);
        search("/metrics", http_.send("GET", api("/metrics")).body);
    }

    void search_evidence(const std::string& path)
    {
        search(path, admin().get(path).body);
        search(path + "/exchanges", admin().get(path + "/exchanges?limit=200").body);
    }

    // What the replay was answered: there, and without what it must not show.
    void search_kept_answers()
    {
        std::size_t with_body = 0;
        const json::value runs = admin().get("/runs?limit=200").json();
        for (const json::value& run : runs.at("items").as_array()) {
            const std::string path = "/runs/" + std::string(run.at("id").as_string()) + "/answers";
            const auto page = admin().get(path + "?limit=200");
            ASSERT_EQ(page.status, 200) << page.body;
            const json::value answers = page.json();
            for (const json::value& one : answers.at("items").as_array()) {
                const auto detail = admin().get(path + "/" + std::to_string(one.at("exchange").as_int64()));
                ASSERT_EQ(detail.status, 200) << detail.body;
                search(path, detail.body);
                with_body += detail.body.find(R"(\"kept\":\"as it is\")") != std::string::npos ? 1U : 0U;
            }
        }
        EXPECT_GT(with_body, 10U) << "what the target answered was not kept";
    }

    support::leak_finder finder_;
    std::size_t searched_ = 0;
    std::size_t files_ = 0;
    std::size_t archives_ = 0;

private:
    std::string remember(std::string secret)
    {
        finder_.add(secret);
        return secret;
    }

    support::canaries seeded_{20251121};
    std::size_t next_place_ = 0;
};

TEST_F(canary, no_secret_of_the_traffic_is_in_any_byte_written_or_sent)
{
    testing::internal::CaptureStderr();
    target_service target([](const net::request& req) {
        return req.target.find("fail=1") != std::string::npos ? 500 : 200;
    }, secret_answers());
    start({target.url()});
    live_listener live(
        server_->addresses().api_port, "Cookie: " + admin().cookie() + "\r\nOrigin: " + api() + "\r\n"
    );
    ASSERT_EQ(send_logs(log_request()), 200);
    const auto spans = http_.send(
        "POST", otlp_http("/v1/traces"), span_request(), {{"Content-Type", "application/x-protobuf"}}
    );
    ASSERT_EQ(spans.status, 200) << spans.body;

    const auto stopped = wait_for_incident("shop", "needs_human");
    wait_for_incident("cart", "needs_human");
    set_target("shop", target.url());
    const std::string incident = "/incidents/" + std::string(stopped.at("id").as_string());
    ASSERT_EQ(admin().post(incident + "/reproduce", json::object{{"comment", "target added"}}).status, 200);
    const auto pending = admin().wait_for("/approvals?state=pending", "an approval", [](const json::value& all) {
        return !all.at("items").as_array().empty();
    });
    release(pending.at("items").as_array().front());
    wait_for_incident("shop", "submitted");

    search_answers();
    search_files();  // With the write-ahead log as it is while the server runs.
    server_.reset();
    search_files();
    search("the live channel", live.take());
    search("the log", testing::internal::GetCapturedStderr());

    EXPECT_GT(finder_.size(), 5000U);
    EXPECT_GT(archives_, 1U);
    EXPECT_TRUE(fs::exists(data_dir_ / "tickets"));
    RecordProperty("secrets", std::to_string(finder_.size()));
    RecordProperty("bytes_searched", std::to_string(searched_));
    std::cout << finder_.size() << " secrets, " << files_ << " files, " << archives_ << " archives, " << searched_
              << " bytes searched\n";
}

}  // namespace
}  // namespace reprise::flow
