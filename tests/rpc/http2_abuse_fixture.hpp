#pragma once

#include "reprise/rpc/grpc_server.hpp"

#include "ingest/peak_memory.hpp"
#include "support/raw_http2.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// A server to be harmed, and what must hold afterwards.
namespace reprise::rpc {

using namespace std::chrono_literals;
using namespace test::http2;

constexpr std::size_t growth_bytes_max = (8U << 20) * test::keeps_freed_factor;

inline std::uint32_t stream_of(int number)
{
    return static_cast<std::uint32_t>(2 * number + 1);
}

inline std::string repeat(std::string_view text, int times)
{
    std::string all;
    all.reserve(text.size() * static_cast<std::size_t>(times));
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

class http2_abuse_test : public testing::Test {
protected:
    metrics counts;
    grpc_server_config config = make_config();
    std::atomic<int> handled{0};
    std::unique_ptr<grpc_server> server;

    static grpc_server_config make_config()
    {
        grpc_server_config made;
        made.listen = "127.0.0.1:0";
        return made;
    }

    void serve()
    {
        serve([this](call_message, call_done done) {
            ++handled;
            done({});
        });
    }

    void serve(call_handler handler) { server = grpc_server::start(config, std::move(handler), counts).value(); }

    std::uint16_t port() const { return server->port(); }

    // Whoever came before: a stranger is served, and once the server has stopped nothing is left. A stranger may
    // have to come again where a test has limits of milliseconds.
    void expect_unharmed()
    {
        const int before = handled;
        bool served = false;
        for (int tries = 0; tries < 20 && !served; ++tries)
            served = call_once();
        EXPECT_TRUE(served);
        EXPECT_GT(handled, before);
        server->stop(20ms);
        EXPECT_EQ(gauge_of("reprise_rpc_calls"), 0);
        EXPECT_EQ(gauge_of("reprise_rpc_message_bytes"), 0);
        EXPECT_EQ(gauge_of("reprise_rpc_connections"), 0);
    }

    // What a good client does.
    bool call_once()
    {
        peer good(port());
        good.send(frame(kind::headers, end_headers, 1, call_head(logs_export_path)) +
                  frame(kind::data, end_stream, 1, message("good")));
        return good.last_field(1, "grpc-status") == "0";
    }

    std::int64_t gauge_of(std::string_view name) { return counts.add_gauge(name, "").value(); }

    std::uint64_t cut(std::string_view reason)
    {
        const std::string label = "reason=\"" + std::string(reason) + "\"";
        return counts.add_counter("reprise_rpc_connections_cut_total", "", label).value();
    }

    // Memory that may be touched for the first time by any call is none of an attack's.
    void warm_up()
    {
        EXPECT_TRUE(call_once());
    }
};

}  // namespace reprise::rpc
