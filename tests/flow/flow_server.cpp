#include "flow_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <unistd.h>

namespace reprise::flow {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr auto patience = std::chrono::seconds(60);

net::client_limits user_limits()
{
    net::client_limits limits;
    limits.body_bytes_max = 16 * 1024 * 1024;
    return limits;
}

}  // namespace

json::value answer::json() const
{
    boost::system::error_code ec;
    auto value = json::parse(body, ec);
    return ec ? json::value() : value;
}

std::string answer::code() const
{
    const auto value = json();
    const auto* object = value.if_object();
    const auto* text = object ? object->if_contains("code") : nullptr;
    return text && text->is_string() ? std::string(text->get_string()) : std::string();
}

http_user::http_user() : client_(net::target_guard::allow_all(), user_limits()) {}

http_user::~http_user()
{
    client_.close_idle();
    pool_.join();
}

answer http_user::send(
    const std::string& method, const std::string& url, std::string body, model::header_list headers
)
{
    net::client_request request(method, net::parse_url(url).value());
    request.headers = std::move(headers);
    request.body = std::move(body);
    auto sent = asio::co_spawn(pool_, client_.send(std::move(request)), asio::use_future).get();
    if (!sent)
        throw std::runtime_error(url + ": " + sent.error().message());
    return {sent->status, std::move(sent->headers), std::move(sent->body)};
}

person::person(http_user& http, std::string base, const std::string& link) : http_(http), base_(std::move(base))
{
    const std::string token = link.substr(link.find("token=") + 6);
    const auto signed_in = http_.send(
        "POST", base_ + "/api/v1/auth/link", json::serialize(json::object{{"token", token}}),
        {{"Content-Type", "application/json"}, {"Origin", base_}}
    );
    if (signed_in.status != 200)
        throw std::runtime_error("sign-in answered " + std::to_string(signed_in.status) + ": " + signed_in.body);
    const std::string set(model::find_header(signed_in.headers, "set-cookie"));
    cookie_ = set.substr(0, set.find(';'));
    csrf_ = std::string(signed_in.json().at("item").at("csrf").as_string());
}

model::header_list person::headers() const
{
    return {
        {"Cookie", cookie_}, {"X-CSRF-Token", csrf_}, {"Origin", base_}, {"Content-Type", "application/json"}};
}

answer person::get(const std::string& path)
{
    return http_.send("GET", base_ + "/api/v1" + path, {}, headers());
}

answer person::post(const std::string& path, const json::value& body, model::header_list extra)
{
    auto all = headers();
    all.insert(all.end(), extra.begin(), extra.end());
    return http_.send("POST", base_ + "/api/v1" + path, json::serialize(body), std::move(all));
}

answer person::put(const std::string& path, const json::value& body, const std::string& version)
{
    auto all = headers();
    all.emplace_back("If-Match", "\"" + version + "\"");
    return http_.send("PUT", base_ + "/api/v1" + path, json::serialize(body), std::move(all));
}

answer person::remove(const std::string& path)
{
    return http_.send("DELETE", base_ + "/api/v1" + path, {}, headers());
}

json::value person::wait_for(
    const std::string& path, const std::string& what, const std::function<bool(const json::value&)>& done
)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    answer last;
    while (std::chrono::steady_clock::now() < deadline) {
        last = get(path);
        if (last.status == 200 && done(last.json()))
            return last.json();
    }
    ADD_FAILURE() << what << " did not happen; " << path << " last said " << last.status << " "
                  << last.body.substr(0, 4000);
    throw std::runtime_error(what);
}

target_service::target_service(decision answer_to, dressing dress)
    : decide_(std::move(answer_to)), dress_(std::move(dress))
{
    for (const auto method : {net::method::get, net::method::post})
        routes_.add(method, "/orders", [this](net::request& req) { return handle(req); });
    net::server_config settings;
    settings.name = "target";
    server_ = std::make_unique<net::server>(pool_.get_executor(), settings, routes_, time_, numbers_);
    if (!server_->listen())
        throw std::runtime_error("the target cannot listen");
    server_->start();
}

target_service::~target_service()
{
    server_->stop();
    asio::co_spawn(pool_, server_->drain(std::chrono::seconds(5)), asio::use_future).get();
    pool_.join();
}

std::string target_service::url() const
{
    return "http://127.0.0.1:" + std::to_string(server_->port());
}

asio::awaitable<net::response> target_service::handle(net::request& req)
{
    ++requests_;
    net::response made(decide_(req), "application/json", std::string("{}"));
    dress_(made);
    co_return made;
}

void flow_test::SetUp()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "reprise-flow-XXXXXX").string();
    data_dir_ = ::mkdtemp(pattern.data());
    settings_.data_dir = data_dir_.string();
    settings_.listen = "127.0.0.1:0";
    settings_.otlp_grpc = "127.0.0.1:0";
    settings_.otlp_http = "127.0.0.1:0";
    settings_.window_length = app::milliseconds(1000);
    settings_.window_lateness = app::milliseconds(1000);
    settings_.window_idle_close = app::milliseconds(500);
    settings_.run_lease = app::milliseconds(2000);
    settings_.replay_settle = app::milliseconds(500);
}

void flow_test::TearDown()
{
    server_.reset();
    std::filesystem::remove_all(data_dir_);
}

void flow_test::launch()
{
    auto started = app::running_server::start(settings_, time_);
    if (const auto* wrong = std::get_if<app::config_error>(&started))
        throw std::runtime_error(wrong->text);
    server_ = std::move(std::get<std::unique_ptr<app::running_server>>(started));
    admin_ = std::make_unique<person>(http_, api(), server_->make_sign_in_link().value());
}

void flow_test::start(std::vector<std::string> targets)
{
    settings_.replay_targets = std::move(targets);
    launch();
}

void flow_test::restart()
{
    server_.reset();
    launch();
}

std::string flow_test::api(const std::string& path) const
{
    return server_->addresses().public_url + path;
}

std::string flow_test::otlp_http(const std::string& path) const
{
    return "http://127.0.0.1:" + std::to_string(server_->addresses().otlp_http_port) + path;
}

int flow_test::send_logs(std::string bytes)
{
    return http_.send("POST", otlp_http("/v1/logs"), std::move(bytes), {{"Content-Type", "application/x-protobuf"}})
        .status;
}

std::unique_ptr<person> flow_test::add_person(const std::string& name, const std::vector<std::string>& roles)
{
    json::array list;
    for (const std::string& role : roles)
        list.emplace_back(role);
    const auto added = admin_->post("/users", json::object{{"name", name}, {"roles", std::move(list)}});
    if (added.status != 201 && added.status != 200)
        throw std::runtime_error("POST /users answered " + std::to_string(added.status) + ": " + added.body);
    return std::make_unique<person>(http_, api(), std::string(added.json().at("link").as_string()));
}

void flow_test::set_target(const std::string& service, const std::string& url, const std::string& last_good)
{
    const auto now = admin_->wait_for("/services/" + service, "service " + service, [](const auto&) { return true; });
    const auto set = admin_->put(
        "/services/" + service,
        json::object{
            {"replay_target", url},
            {"replay_last_good_target", last_good},
            {"replay_unsafe_methods", true},
            {"owner", "orders team"}
        },
        std::to_string(now.at("item").at("version").as_int64())
    );
    ASSERT_EQ(set.status, 200) << set.body;
}

void flow_test::wait_until_committed()
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (metric("reprise_journal_segments") > 0) {
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("windows are not committed");
    }
}

double flow_test::metric(const std::string& sample)
{
    const auto answered = http_.send("GET", api("/metrics"));
    const auto at = answered.body.find("\n" + sample + " ");
    return at == std::string::npos ? 0 : std::stod(answered.body.substr(at + sample.size() + 2));
}

}  // namespace reprise::flow
