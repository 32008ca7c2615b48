#include "call_service.hpp"

#include "grpc_text.hpp"

#include "reprise/base/log.hpp"
#include "reprise/telemetry/otlp_answer.hpp"

#include <exception>
#include <new>
#include <utility>

namespace reprise::rpc {
namespace {

constexpr std::size_t method_bytes_shown = 100;

counter& add_refusal(metrics& counts, const grpc_server_config& config, std::string_view reason)
{
    return counts.add_counter(
        config.metrics_prefix + "_refused_total", "gRPC calls that ended before their message was handed over",
        "reason=\"" + std::string(reason) + "\""
    );
}

counter& add_cut(metrics& counts, const grpc_server_config& config, std::string_view reason)
{
    return counts.add_counter(
        config.metrics_prefix + "_connections_cut_total",
        "gRPC connections that were ended because of what the peer did",
        "reason=\"" + std::string(reason) + "\""
    );
}

call_answer refusal(grpc_code code, std::string message)
{
    return {static_cast<int>(code), std::move(message), {}};
}

call_answer busy_answer(const grpc_server_config& config)
{
    constexpr auto code = static_cast<int>(grpc_code::resource_exhausted);
    const std::string message = "too much at once, try again later";
    return {code, message, telemetry::encode_status(code, message, config.retry_after)};
}

std::string list_of(const std::vector<std::string>& methods)
{
    std::string list;
    for (const std::string& method : methods)
        list += (list.empty() ? "" : ", ") + method;
    return list;
}

call_answer fault(std::string_view path, const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
        return refusal(grpc_code::unavailable, "out of memory, try again later");
    } catch (...) {
        log_exception(path, error);
        return refusal(grpc_code::internal, "internal error, see the server's log");
    }
}

}  // namespace

call_service::call_service(const grpc_server_config& config, call_handler handler, metrics& counts)
    : config_(config), handler_(std::move(handler)), busy_(busy_answer(config)),
      unread_(add_refusal(counts, config, "unread")), refused_calls_(add_refusal(counts, config, "calls")),
      unknown_(add_refusal(counts, config, "unknown_method")),
      unauthenticated_(add_refusal(counts, config, "unauthenticated")), broken_(add_cut(counts, config, "protocol")),
      floods_(add_cut(counts, config, "flood")), stalled_(add_cut(counts, config, "stalled")),
      refused_connections_(counts.add_counter(
          config.metrics_prefix + "_connections_refused_total",
          "gRPC connections closed at once because connections_max are open"
      )),
      connections_(counts.add_gauge(config.metrics_prefix + "_connections", "Open gRPC connections")),
      calls_(counts.add_gauge(config.metrics_prefix + "_calls", "gRPC calls in progress")),
      bytes_(counts.add_gauge(
          config.metrics_prefix + "_message_bytes", "Bytes of gRPC messages that are not whole yet"
      ))
{
}

std::string_view call_service::find_path(std::string_view path) const noexcept
{
    for (const std::string& known : config_.methods) {
        if (path == known)
            return known;
    }
    return {};
}

std::optional<call_answer> call_service::refuse(const call_head& head)
{
    if (find_path(head.path).empty()) {
        unknown_.add();
        return refusal(
            grpc_code::unimplemented, "no method " + head.path.substr(0, method_bytes_shown) +
                                          "; there is " + list_of(config_.methods)
        );
    }
    if (config_.admits && !config_.admits(head.authorization)) {
        unauthenticated_.add();
        return refusal(
            grpc_code::unauthenticated, "the call needs 'authorization: Bearer TOKEN' with a token that may send"
        );
    }
    if (!head.encoding.empty() && head.encoding != "identity" && head.encoding != "gzip") {
        unread_.add();
        return refusal(grpc_code::unimplemented, "the grpc-encoding must be gzip or identity");
    }
    return std::nullopt;
}

std::shared_ptr<call_service::seat> call_service::find_seat()
{
    {
        const std::lock_guard lock(mutex_);
        if (seats_taken_ >= config_.calls_max) {
            refused_calls_.add();
            return nullptr;
        }
        ++seats_taken_;
    }
    calls_.add(1);
    return std::make_shared<seat>(*this);
}

void call_service::leave() noexcept
{
    calls_.add(-1);
    const std::lock_guard lock(mutex_);
    if (--seats_taken_ == 0)
        left_.notify_all();  // Under the lock: whoever waits may destroy this afterwards.
}

void call_service::wait_for_calls()
{
    std::unique_lock lock(mutex_);
    left_.wait(lock, [this] { return seats_taken_ == 0; });
}

bool call_service::hold_bytes(std::size_t bytes)
{
    bytes_.add(static_cast<std::int64_t>(bytes));
    if (bytes_.value() <= static_cast<std::int64_t>(config_.transport_bytes_max))
        return true;
    release_bytes(bytes);
    refused_calls_.add();
    return false;
}

void call_service::handle(call_message message, const call_done& done)
{
    const std::string_view path = message.path;
    try {
        handler_(std::move(message), done);
    } catch (...) {
        done(fault(path, std::current_exception()));
    }
}

}  // namespace reprise::rpc
