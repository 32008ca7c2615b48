#include "reprise/rpc/otlp_server.hpp"

#include "call_board.hpp"
#include "export_call.hpp"
#include "listen_address.hpp"
#include "reprise/base/log.hpp"
#include "reprise/telemetry/otlp_answer.hpp"

#include <grpc/support/log.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <mutex>
#include <utility>

namespace reprise::rpc {
namespace {

constexpr std::size_t method_bytes_shown = 100;
constexpr int metadata_bytes_max = 16 * 1024;
constexpr int keepalive_ms = 60'000;           // Finds peers that vanished without a word.
constexpr int keepalive_timeout_ms = 20'000;
constexpr int ping_interval_ms_min = 10'000;   // Peers that ping more often are sent away.

// gRPC writes to stderr on its own; its lines belong into our log.
void log_of_grpc(gpr_log_func_args* line)
{
    log(line->severity == GPR_LOG_SEVERITY_ERROR ? log_level::warn : log_level::debug, "grpc", line->message);
}

void adopt_grpc_log()
{
    static std::once_flag once;
    std::call_once(once, [] { gpr_set_log_function(log_of_grpc); });
}

struct refusals {
    counter& unread;
    counter& calls;
    counter& unknown;
    counter& unauthenticated;

    explicit refusals(metrics& counts)
        : unread(add(counts, "unread")), calls(add(counts, "calls")), unknown(add(counts, "unknown_method")),
          unauthenticated(add(counts, "unauthenticated"))
    {
    }

    static counter& add(metrics& counts, std::string_view reason)
    {
        return counts.add_counter(
            "reprise_rpc_refused_total", "gRPC calls that ended before their message was handed over",
            "reason=\"" + std::string(reason) + "\""
        );
    }
};

class export_service final : public grpc::CallbackGenericService {
public:
    export_service(const otlp_server_config& config, export_handler handler, metrics& counts)
        : board_(config.calls_max, config.receive_timeout), handler_(std::move(handler)), refused_(counts),
          admits_(config.admits), busy_(busy_status(config))
    {
    }

    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override
    {
        const std::string_view path = find_path(context->method());
        if (path.empty()) {
            refused_.unknown.add();
            return new refused_call(unknown_method(context->method()));
        }
        if (admits_ && !admits_(find_authorization(*context))) {
            refused_.unauthenticated.add();
            constexpr auto message = "the call needs 'authorization: Bearer TOKEN' with a token that may send";
            return new refused_call({grpc::StatusCode::UNAUTHENTICATED, message});
        }
        if (!board_.enter()) {
            refused_.calls.add();
            return new refused_call(busy_);
        }
        return new export_call(board_, handler_, refused_.unread, *context, path);
    }

private:
    static std::string_view find_path(std::string_view method)
    {
        for (const std::string_view path : {logs_export_path, trace_export_path, metrics_export_path}) {
            if (method == path)
                return path;
        }
        return {};
    }

    static grpc::Status unknown_method(std::string_view method)
    {
        return {
            grpc::StatusCode::UNIMPLEMENTED, "no method " + std::string(method.substr(0, method_bytes_shown)) +
                                                 "; there is Export of LogsService, TraceService and MetricsService"};
    }

    static std::string_view find_authorization(const grpc::GenericCallbackServerContext& context)
    {
        const auto& metadata = context.client_metadata();
        const auto found = metadata.find("authorization");
        return found == metadata.end() ? std::string_view()
                                       : std::string_view(found->second.data(), found->second.size());
    }

    static grpc::Status busy_status(const otlp_server_config& config)
    {
        constexpr auto code = grpc::StatusCode::RESOURCE_EXHAUSTED;
        const std::string message = "too many calls at once, try again later";
        return {code, message, telemetry::encode_status(code, message, config.retry_after)};
    }

    call_board board_;
    const export_handler handler_;
    refusals refused_;
    const call_check admits_;
    const grpc::Status busy_;
};

std::shared_ptr<grpc::ServerCredentials> credentials_of(const otlp_server_tls& tls)
{
    if (tls.cert.empty())
        return grpc::InsecureServerCredentials();
    grpc::SslServerCredentialsOptions options(
        tls.client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                              : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
    );
    options.pem_root_certs = tls.client_ca;
    options.pem_key_cert_pairs.push_back({tls.key, tls.cert});
    return grpc::SslServerCredentials(options);
}

void set_limits(grpc::ServerBuilder& builder, const otlp_server_config& config)
{
    builder.SetMaxReceiveMessageSize(static_cast<int>(config.message_bytes_max));
    builder.SetResourceQuota(grpc::ResourceQuota("otlp").Resize(config.transport_bytes_max));
    // Left on, gRPC inflates a message in full before it looks at the limit.
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    // Else two servers share a port without a word.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    // The handler is told gzip by its magic; deflate has none, so that gRPC refuses it.
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, config.streams_per_connection_max);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, metadata_bytes_max);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, ping_interval_ms_min);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, static_cast<int>(config.idle_close.count()));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, static_cast<int>(config.connection_age_max.count()));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, static_cast<int>(config.receive_timeout.count()));
}

class running_server final : public otlp_server {
public:
    running_server(const otlp_server_config& config, export_handler handler, metrics& counts)
        : service_(config, std::move(handler), counts)
    {
    }

    ~running_server() override { stop(std::chrono::milliseconds(0)); }

    result<void> listen(const otlp_server_config& config)
    {
        int port = 0;
        grpc::ServerBuilder builder;
        builder.AddListeningPort(config.listen, credentials_of(config.tls), &port);
        builder.RegisterCallbackGenericService(&service_);
        set_limits(builder, config);
        server_ = builder.BuildAndStart();
        if (!server_ || port <= 0)
            return errc::address_refused;
        port_ = static_cast<std::uint16_t>(port);
        return {};
    }

    std::uint16_t port() const noexcept override { return port_; }

    void stop(std::chrono::milliseconds grace) override
    {
        if (!server_)
            return;
        server_->Shutdown(std::chrono::system_clock::now() + grace);
        server_.reset();
    }

private:
    export_service service_;
    std::unique_ptr<grpc::Server> server_;
    std::uint16_t port_ = 0;
};

}  // namespace

result<std::unique_ptr<otlp_server>> otlp_server::start(
    otlp_server_config config, export_handler handler, metrics& counts
)
{
    adopt_grpc_log();
    // gRPC does not say why it could not listen, so ask first.
    if (const auto usable = check_listen_address(config.listen); !usable)
        return usable.error();
    auto made = std::make_unique<running_server>(config, std::move(handler), counts);
    if (const auto listening = made->listen(config); !listening)
        return listening.error();
    return std::unique_ptr<otlp_server>(std::move(made));
}

}  // namespace reprise::rpc
