#pragma once

#include "reprise/ingest/door.hpp"
#include "reprise/rpc/grpc_server.hpp"

#include "ingest/requests.hpp"
#include "rpc/generic_client.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace reprise::test {

// The gRPC server and the door behind it, wired as the program wires them.
class otlp_fixture : public testing::Test {
protected:
    remembering_intake stream;
    metrics counts;
    ingest::door entrance{{}, stream, counts};
    std::unique_ptr<rpc::grpc_server> server = start();

    generic_client client() const { return generic_client(server->port()); }

private:
    std::unique_ptr<rpc::grpc_server> start()
    {
        rpc::grpc_server_config config;
        config.listen = "127.0.0.1:0";
        auto handler = [this](rpc::call_message message, rpc::call_done done) {
            ingest::export_request request;
            request.signal = message.path == rpc::logs_export_path    ? ingest::otlp_signal::logs
                             : message.path == rpc::trace_export_path ? ingest::otlp_signal::traces
                                                                      : ingest::otlp_signal::metrics;
            request.body = std::move(message.bytes);
            entrance.accept(std::move(request), [done = std::move(done)](ingest::answer given) {
                done({given.grpc_code, std::move(given.message), std::move(given.body)});
            });
        };
        return rpc::grpc_server::start(config, std::move(handler), counts).value();
    }
};

}  // namespace reprise::test
