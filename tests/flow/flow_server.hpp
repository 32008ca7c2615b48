#pragma once

#include "../../server/app/running_server.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/net/client.hpp"
#include "reprise/net/server.hpp"

#include <boost/asio/thread_pool.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

// The whole server in this process, and what talks to it.
namespace reprise::flow {

struct answer {
    int status = 0;
    model::header_list headers;
    std::string body;

    boost::json::value json() const;
    std::string code() const;  // Of a problem document.
};

// Sends over loopback and waits; each call has its own deadline.
class http_user {
public:
    http_user();
    ~http_user();

    answer send(
        const std::string& method, const std::string& url, std::string body = {}, model::header_list headers = {}
    );

private:
    boost::asio::thread_pool pool_{1};
    net::http_client client_;
};

// A person with a session at the API.
class person {
public:
    person(http_user& http, std::string base, const std::string& link);

    const std::string& cookie() const noexcept { return cookie_; }
    answer get(const std::string& path);
    answer post(const std::string& path, const boost::json::value& body, model::header_list headers = {});
    answer put(const std::string& path, const boost::json::value& body, const std::string& version);
    answer remove(const std::string& path);

    // Asks until `done` says so; fails the test after the deadline.
    boost::json::value wait_for(
        const std::string& path, const std::string& what, const std::function<bool(const boost::json::value&)>& done
    );

private:
    model::header_list headers() const;

    http_user& http_;
    std::string base_;
    std::string cookie_;
    std::string csrf_;
};

// A service under test that the replay is sent to: `answer_to` decides what each request gets.
class target_service {
public:
    using decision = std::function<int(const net::request&)>;

    using dressing = std::function<void(net::response&)>;

    // What it says beside its status is "{}", unless `dress` has another word.
    explicit target_service(decision answer_to, dressing dress = [](net::response&) {});
    ~target_service();

    std::string url() const;
    std::uint64_t requests() const noexcept { return requests_.load(); }

private:
    boost::asio::awaitable<net::response> handle(net::request& req);

    decision decide_;
    dressing dress_;
    std::atomic<std::uint64_t> requests_{0};
    system_clock time_;
    metrics numbers_;
    boost::asio::thread_pool pool_{2};
    net::router routes_;
    std::unique_ptr<net::server> server_;
};

class flow_test : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    // Starts the server; `targets` are allowed to the replay. Signs the first person in.
    void start(std::vector<std::string> targets);
    // Stops it in good order and starts it again on the same data.
    void restart();

    std::string api(const std::string& path = {}) const;
    std::string otlp_http(const std::string& path) const;

    // OTLP/HTTP protobuf; the answer's status.
    int send_logs(std::string bytes);

    person& admin() { return *admin_; }
    // Adds a person by the API and signs them in.
    std::unique_ptr<person> add_person(const std::string& name, const std::vector<std::string>& roles);
    void set_target(const std::string& service, const std::string& url, const std::string& last_good = {});

    // Until the windows of everything that was taken are stored.
    void wait_until_committed();

    // A sample of /metrics, 0 when it is not there.
    double metric(const std::string& sample);

    std::filesystem::path data_dir_;
    app::config settings_;
    system_clock time_;
    http_user http_;
    std::unique_ptr<app::running_server> server_;

private:
    void launch();

    std::unique_ptr<person> admin_;
};

}  // namespace reprise::flow
