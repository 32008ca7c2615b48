#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/net/router.hpp"
#include "reprise/net/server.hpp"

#include "support/io_threads.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace reprise::ingest::test {

// A test part: a server that speaks as much of Loki's /loki/api/v1/query_range as the poller uses. Start is
// inclusive, end is not, the oldest `limit` entries come first.
class loki_like {
public:
    explicit loki_like(reprise::test::io_threads& io) : io_(io)
    {
        net::server_config config;
        config.name = "loki-like";
        routes_.add(net::method::get, "/base/loki/api/v1/query_range",
                    [this](net::request& req) { return answer(req); }, 1024);
        server_ = std::make_unique<net::server>(io.executor(), config, routes_, time_, numbers_);
        server_->listen().value();
        server_->start();
    }
    ~loki_like()
    {
        server_->stop();
        io_.run(server_->drain(std::chrono::seconds(5)));
    }
    loki_like(const loki_like&) = delete;
    loki_like& operator=(const loki_like&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/base/"; }

    void add(std::int64_t at_ns, std::string line, std::string service = "shop")
    {
        const std::lock_guard lock(mutex_);
        entries_[service].emplace_back(at_ns, std::move(line));
    }
    void fail_with(int status)
    {
        const std::lock_guard lock(mutex_);
        status_ = status;
    }

    struct question {
        std::string query;
        std::string token;
        std::string tenant;
        std::int64_t start_ns = 0;
        std::int64_t end_ns = 0;
    };
    std::vector<question> questions() const
    {
        const std::lock_guard lock(mutex_);
        return questions_;
    }

private:
    static std::int64_t number(const net::request& req, std::string_view name)
    {
        const auto text = req.find_query(name).value_or("");
        std::int64_t value = -1;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

    struct entry {
        std::int64_t at_ns = 0;
        std::string service;
        std::string line;
    };

    std::vector<entry> chosen(std::int64_t start_ns, std::int64_t end_ns, std::size_t limit) const
    {
        std::vector<entry> found;
        for (const auto& [service, lines] : entries_) {
            for (const auto& [at_ns, line] : lines) {
                if (at_ns >= start_ns && at_ns < end_ns)
                    found.push_back({at_ns, service, line});
            }
        }
        std::stable_sort(found.begin(), found.end(), [](const entry& a, const entry& b) { return a.at_ns < b.at_ns; });
        if (found.size() > limit)
            found.resize(limit);
        return found;
    }

    static std::string render(const std::vector<entry>& found)
    {
        std::map<std::string, boost::json::array> streams;
        for (const entry& one : found)
            streams[one.service].push_back(boost::json::array{std::to_string(one.at_ns), one.line});
        boost::json::array result;
        for (auto& [service, values] : streams)
            result.push_back(boost::json::object{
                {"stream", {{"service_name", service}}}, {"values", std::move(values)}});
        const boost::json::object body = {
            {"status", "success"}, {"data", {{"resultType", "streams"}, {"result", std::move(result)}}}};
        return boost::json::serialize(body);
    }

    boost::asio::awaitable<net::response> answer(net::request& req)
    {
        const std::lock_guard lock(mutex_);
        questions_.push_back(
            {std::string(req.find_query("query").value_or("")), std::string(req.header("authorization")),
             std::string(req.header("x-scope-orgid")), number(req, "start"), number(req, "end")}
        );
        if (status_ != 200)
            co_return net::response(status_, "text/plain", std::string("no\nluck"));
        const question& asked = questions_.back();
        const auto limit = static_cast<std::size_t>(number(req, "limit"));
        co_return net::response(200, "application/json", render(chosen(asked.start_ns, asked.end_ns, limit)));
    }

    reprise::test::io_threads& io_;
    system_clock time_;
    metrics numbers_;
    net::router routes_;
    std::unique_ptr<net::server> server_;
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>> entries_;
    std::vector<question> questions_;
    int status_ = 200;
};

}  // namespace reprise::ingest::test
