#include "reprise/rpc/grpc_server.hpp"

#include "reprise/ingest/senders.hpp"
#include "rpc/generic_client.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace reprise::rpc {
namespace {

using test::certificates;
using test::generic_client;
using test::read_text;

class otlp_secure_test : public testing::Test {
protected:
    certificates files;
    metrics counts;
    grpc_server_config config;
    std::atomic<int> calls{0};
    std::unique_ptr<grpc_server> server;

    void serve()
    {
        config.listen = "127.0.0.1:0";
        auto handler = [this](call_message, call_done done) {
            ++calls;
            done({});
        };
        server = grpc_server::start(config, std::move(handler), counts).value();
    }

    std::shared_ptr<grpc::ChannelCredentials> tls(const std::string& cert = {}, const std::string& key = {}) const
    {
        grpc::SslCredentialsOptions options;
        options.pem_root_certs = read_text(files.authority());
        if (!cert.empty()) {
            options.pem_cert_chain = read_text(cert);
            options.pem_private_key = read_text(key);
        }
        return grpc::SslCredentials(options);
    }

    grpc::StatusCode call(const std::shared_ptr<grpc::ChannelCredentials>& credentials)
    {
        generic_client client(server->port(), credentials);
        return client.call(logs_export_path, "x").status.error_code();
    }

    std::uint64_t unauthenticated()
    {
        return counts.add_counter("reprise_rpc_refused_total", "", "reason=\"unauthenticated\"").value();
    }
};

TEST_F(otlp_secure_test, serves_under_tls_and_nobody_without)
{
    config.tls = {read_text(files.server_cert()), read_text(files.server_key()), {}};
    serve();

    EXPECT_EQ(call(tls()), grpc::StatusCode::OK);
    EXPECT_EQ(call(grpc::InsecureChannelCredentials()), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(calls, 1);
}

TEST_F(otlp_secure_test, with_a_client_authority_only_its_clients_are_served)
{
    config.tls = {read_text(files.server_cert()), read_text(files.server_key()), read_text(files.authority())};
    serve();

    EXPECT_EQ(call(tls(files.client_cert(), files.client_key())), grpc::StatusCode::OK);
    EXPECT_EQ(call(tls()), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(call(tls(files.stranger_cert(), files.stranger_key())), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(calls, 1);
}

TEST_F(otlp_secure_test, only_who_knows_a_token_may_call)
{
    const ingest::sender_check senders(counts, ingest::token_list::parse("ci:0123456789abcdef").value());
    config.admits = [&senders](std::string_view authorization) { return senders.admits(authorization); };
    serve();
    generic_client client(server->port());

    EXPECT_TRUE(test::sent_call(client.stub(), logs_export_path, test::to_buffer("x"), GRPC_COMPRESS_NONE,
                                "Bearer 0123456789abcdef").get().status.ok());
    for (const char* wrong : {"", "Bearer 0123456789abcdeX", "Basic 0123456789abcdef"}) {
        const auto end = test::sent_call(
            client.stub(), logs_export_path, test::to_buffer("x"), GRPC_COMPRESS_NONE, wrong
        ).get();
        EXPECT_EQ(end.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << wrong;
        EXPECT_NE(end.status.error_message().find("Bearer"), std::string::npos);
    }
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(unauthenticated(), 3U);
}

TEST_F(otlp_secure_test, a_stranger_is_told_although_the_message_never_ends)
{
    config.admits = [](std::string_view) { return false; };
    serve();
    generic_client client(server->port());
    test::silent_call call(client, logs_export_path);

    EXPECT_EQ(call.wait().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace reprise::rpc
