#pragma once

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/forge/sealed_secrets.hpp"
#include "reprise/http/api.hpp"
#include "reprise/live/hub.hpp"
#include "reprise/net/server.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"
#include "support/io_threads.hpp"
#include "support/raw_http.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace reprise::http::test {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;
const std::string missing_id = "01HF7YAT00MJ5N0TTHEREXXXXX";

// Somebody with a session, or nobody.
struct actor {
    model::person person;
    std::string token;
    std::string csrf;
};

inline model::roles roles_of(std::string_view text)
{
    model::roles roles;
    if (!model::parse_roles(text, roles))
        throw std::runtime_error("no such role");
    return roles;
}

class scratch_directory {
public:
    scratch_directory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-http-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path_ = name;
    }
    ~scratch_directory() { std::filesystem::remove_all(path_); }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct api_options {
    live::queue_limits queue;
    std::span<const embedded_file> assets;
    std::string public_url;  // Empty: the address listened on.
    std::function<void(api_config&)> change = [](api_config&) {};
    net::http_client* oidc_client = nullptr;
    std::function<void(api_parts&)> change_parts = [](api_parts&) {};
};

// The whole room on a real database and a free port. Time stands still unless moved.
class running_api {
public:
    explicit running_api(api_options options = {}) : hub_(options.queue), tasks_(io_.executor())
    {
        store::database_options where;
        where.path = directory_.path() / "reprise.db";
        where.audit_key = "a key for the tests only, 32 byte";
        store_ = store::database::open(where).value();
        net::server_config config;
        config.headers = security_headers(false);
        server_ = std::make_unique<net::server>(io_.executor(), config, routes_, wall_, numbers_);
        server_->listen().value();
        api_config settings;
        settings.public_url = options.public_url.empty() ? origin() : options.public_url;
        settings.otlp_grpc = "127.0.0.1:4317";
        settings.otlp_http = "127.0.0.1:4318";
        settings.replay_targets.push_back(replay::parse_target("http://127.0.0.1:3000").value());
        settings.integrations.trackers = {"file"};
        options.change(settings);
        api_parts parts{*store_, evidence_, hub_, time_, numbers_, io_.executor(), options.assets, {}};
        parts.oidc_client = options.oidc_client;
        parts.outside.secrets = &secrets_;
        options.change_parts(parts);
        api_ = std::make_unique<api>(settings, std::move(parts));
        api_->add_routes(routes_);
        tasks_.spawn("live publisher", api_->run_publisher());
        server_->start();
    }
    ~running_api()
    {
        server_->stop();
        hub_.close();
        io_.run(server_->drain(std::chrono::seconds(5)));
        tasks_.stop();
        io_.run(tasks_.drain(std::chrono::seconds(5)));
        io_.join();
        server_.reset();
        api_.reset();
        store_.reset();
    }
    running_api(const running_api&) = delete;
    running_api& operator=(const running_api&) = delete;

    std::uint16_t port() const { return server_->port(); }
    std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
    std::string host() const { return "127.0.0.1:" + std::to_string(server_->port()); }
    store::database& store() { return *store_; }
    live::hub& hub() { return hub_; }
    manual_clock& time() { return time_; }
    metrics& numbers() { return numbers_; }
    http::api& subject() { return *api_; }
    task_group& tasks() { return tasks_; }
    reprise::test::io_threads& io() { return io_; }
    const std::filesystem::path& data_dir() const { return directory_.path(); }
    std::string cookie_name() const { return "reprise_" + std::to_string(port()); }

    template <class Work>
    auto write(Work work)
    {
        return store_->write_blocking(std::move(work));
    }

    actor sign_in(std::string_view name, std::string_view roles)
    {
        actor who;
        who.person.id = make_ulid(time_.now_ns());
        who.person.name = name;
        who.person.roles = roles_of(roles);
        who.person.created_ns = time_.now_ns();
        who.token = random_token(32);
        who.csrf = random_token(32);
        auto add = [&](store::transaction& tx) -> result<void> {
            const auto person = store::insert_person(tx, who.person);
            if (!person)
                return person.error();
            store::session session;
            session.token_hash = sha256_hex(who.token);
            session.csrf = who.csrf;
            session.person_id = who.person.id;
            session.created_ns = time_.now_ns();
            session.used_ns = time_.now_ns();
            session.authenticated_ns = time_.now_ns();
            return store::insert_session(tx, session);
        };
        write(std::move(add)).value();
        return who;
    }

    // A request as the dashboard sends it: cookie, CSRF token and JSON where they belong.
    reprise::test::raw_answer call(
        const actor& who, const std::string& verb, const std::string& path, const std::string& body = {},
        const std::string& headers = {}
    )
    {
        std::string more = headers;
        if (verb != "GET" && verb != "HEAD" && more.find("X-CSRF-Token") == std::string::npos)
            more += "X-CSRF-Token: " + who.csrf + "\r\n";
        if (!body.empty() && more.find("Content-Type") == std::string::npos)
            more += "Content-Type: application/json\r\n";
        return raw(verb, path, cookie_of(who) + more, body);
    }

    std::string cookie_of(const actor& who) const
    {
        return who.token.empty() ? std::string() : "Cookie: " + cookie_name() + "=" + who.token + "\r\n";
    }

    reprise::test::raw_answer raw(
        const std::string& verb, const std::string& path, const std::string& headers, const std::string& body = {}
    )
    {
        reprise::test::raw_client client(port());
        std::string text = verb + " " + path + " HTTP/1.1\r\n" + headers;
        if (headers.find("Host:") == std::string::npos)
            text += "Host: " + host() + "\r\n";
        if (!body.empty() || verb == "POST" || verb == "PUT")
            text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        client.send(text + "\r\n" + body);
        return client.receive(verb == "HEAD");
    }

private:
    scratch_directory directory_;
    manual_clock time_{t0};
    system_clock wall_;
    metrics numbers_;
    live::hub hub_;
    net::router routes_;
    reprise::test::io_threads io_;
    std::unique_ptr<archive::object_store> files_ = archive::make_file_store(directory_.path(), io_.executor());
    forge::sealed_secrets secrets_{std::string(32, 's')};
    archive::evidence_reader evidence_{*files_, nullptr, io_.executor(), numbers_};
    task_group tasks_;
    std::unique_ptr<store::database> store_;
    std::unique_ptr<net::server> server_;
    std::unique_ptr<api> api_;
};

inline boost::json::value json_of(const reprise::test::raw_answer& answer)
{
    boost::system::error_code ec;
    auto value = boost::json::parse(answer.body, ec);
    if (ec)
        throw std::runtime_error("no JSON: " + answer.body);
    return value;
}

// "work.pause {\"reason\":\"a\"}": what the newest row says was done.
inline std::string last_audit(running_api& on)
{
    const auto rows = on.store().read_blocking([](const store::reader& r) { return store::list_audit(r, 0, 100); });
    return rows->empty() ? std::string() : rows->back().entry.action + " " + rows->back().entry.detail;
}

inline std::string code_of(const reprise::test::raw_answer& answer)
{
    const auto value = json_of(answer);
    const auto* code = value.as_object().if_contains("code");
    return code ? std::string(code->as_string()) : std::string();
}

}  // namespace reprise::http::test
