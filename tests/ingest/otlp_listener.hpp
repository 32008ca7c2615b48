#pragma once

#include "reprise/ingest/otlp_routes.hpp"

#include "ingest/requests.hpp"
#include "reprise/net/client.hpp"
#include "reprise/net/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace reprise::ingest::test {

namespace asio = boost::asio;

constexpr std::string_view protobuf = "application/x-protobuf";
constexpr std::string_view json = "application/json";

// A real OTLP/HTTP listener and a real client.
class otlp_listener : public testing::Test {
protected:
    reprise::test::remembering_intake stream;
    metrics counts;
    door_config config = make_config();
    net::server_config listen = make_listen();
    asio::thread_pool pool{2};
    asio::thread_pool cpu_pool{1};
    system_clock time;
    door entrance{config, stream, counts};
    std::unique_ptr<sender_check> senders = std::make_unique<sender_check>(counts);
    net::router routes;
    std::unique_ptr<net::server> server;
    net::http_client client{net::target_guard::allow_all(), {}};

    static door_config make_config()
    {
        door_config made;
        made.body_bytes_max = 300'000;
        return made;
    }

    static net::server_config make_listen()
    {
        net::server_config made;
        made.name = "otlp";
        return made;
    }

    void SetUp() override { start(); }
    void TearDown() override { stop(); }

    void start()
    {
        routes = net::router();
        add_otlp_routes(routes, entrance, *senders, cpu_pool.get_executor());
        server = std::make_unique<net::server>(pool.get_executor(), listen, routes, time, counts);
        ASSERT_TRUE(server->listen());
        server->start();
    }

    void stop()
    {
        client.close_idle();
        server->stop();
        const bool drained = wait(server->drain(std::chrono::seconds(10)));
        EXPECT_TRUE(drained);
        server.reset();
    }

    template <class T>
    T wait(asio::awaitable<T> work)
    {
        return asio::co_spawn(pool, std::move(work), asio::use_future).get();
    }

    net::client_response send(std::string method, std::string path, net::header_list headers, std::string body)
    {
        const std::string text = "http://127.0.0.1:" + std::to_string(server->port()) + path;
        net::client_request request(std::move(method), net::parse_url(text).value());
        request.headers = std::move(headers);
        request.body = std::move(body);
        return wait(client.send(std::move(request))).value();
    }

    net::client_response post(
        std::string path, std::string_view type, std::string body, std::string_view content = {}
    )
    {
        net::header_list headers{{"Content-Type", std::string(type)}};
        if (!content.empty())
            headers.emplace_back("Content-Encoding", std::string(content));
        return send("POST", std::move(path), std::move(headers), std::move(body));
    }

    static std::string_view type_of(const net::client_response& reply)
    {
        return net::find_header(reply.headers, "content-type");
    }
};

}  // namespace reprise::ingest::test
