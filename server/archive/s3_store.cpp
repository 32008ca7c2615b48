#include "reprise/archive/s3_store.hpp"

#include "s3_answer.hpp"
#include "s3_attempts.hpp"
#include "s3_request.hpp"
#include "s3_xml.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/net/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace asio = boost::asio;

namespace reprise::archive {
namespace {

constexpr const char* where = "archive.s3";

net::client_limits client_limits_of(
    const s3_limits& limits, std::size_t body_bytes_max, std::chrono::milliseconds body_limit
)
{
    net::client_limits client;
    client.connect = limits.connect;
    client.write = limits.write;
    client.answer = limits.answer;
    client.body = body_limit;
    client.body_bytes_max = body_bytes_max;
    return client;
}

net::client_transport transport_of(const s3_config& config)
{
    net::client_transport transport;
    transport.tls = config.tls;
    return transport;
}

// In [0, 1).
double chance()
{
    return static_cast<double>(hash64(random_bytes(8)) >> 11) * 0x1p-53;
}

std::string place_of(const s3_config& config)
{
    return "s3://" + config.bucket + "/" + config.prefix + " at " + config.endpoint.origin();
}

class s3_store final : public object_store {
public:
    s3_store(s3_config config, const clock& time, metrics& numbers)
        : config_(std::move(config)),
          time_(time),
          place_(place_of(config_)),
          server_(config_.endpoint.origin()),
          objects_(
              net::target_guard::allow_all(),
              client_limits_of(config_.limits, object_bytes_max, config_.limits.read), transport_of(config_)
          ),
          answers_(
              net::target_guard::allow_all(),
              client_limits_of(config_.limits, config_.limits.answer_bytes_max, config_.limits.read_answer),
              transport_of(config_)
          ),
          requests_(numbers.add_counter("reprise_archive_requests_total", "Requests sent to the object store.")),
          retries_(numbers.add_counter("reprise_archive_retries_total", "Requests to the object store sent again."))
    {
    }

    asio::awaitable<store_result<void>> put(std::string key, std::string bytes) override;
    asio::awaitable<store_result<std::string>> get(std::string key) override;
    asio::awaitable<store_result<object_info>> head(std::string key) override;
    asio::awaitable<store_result<object_page>> list(std::string prefix, std::string next) override;
    asio::awaitable<store_result<void>> remove(std::string key) override;
    const std::string& place() const noexcept override { return place_; }

private:
    asio::awaitable<result<net::client_response>> send(const s3_call& call);
    asio::awaitable<store_result<net::client_response>> perform(s3_call call);
    asio::awaitable<store_result<void>> put_in_parts(const std::string& key, const std::string& bytes);
    asio::awaitable<store_result<std::vector<std::string>>> put_parts(
        const std::string& key, const std::string& bytes, const std::string& upload
    );
    asio::awaitable<store_result<void>> end_upload(
        const std::string& key, std::size_t bytes, const std::string& upload, std::string parts
    );
    store_failure malformed(const std::string& what) const;

    const s3_config config_;
    const clock& time_;
    const std::string place_;
    const std::string server_;
    net::http_client objects_;  // For answers that are objects ...
    net::http_client answers_;  // ... and for those that are not: they have another limit.
    counter& requests_;
    counter& retries_;
};

store_failure s3_store::malformed(const std::string& what) const
{
    return {
        errc::answer_malformed,
        what + " at " + server_ + ": the answer is not that of S3; check that the endpoint is an S3 server"};
}

asio::awaitable<result<net::client_response>> s3_store::send(const s3_call& call)
{
    net::client_request request = call.request;
    const net::sigv4_scope scope = {config_.region, "s3", net::sigv4_rule::s3};
    const auto is_signed = net::sign_request(request, config_.keys, scope, time_.now_ns());
    if (!is_signed)
        co_return is_signed.error();
    requests_.add();
    net::http_client& client = call.is_object ? objects_ : answers_;
    co_return co_await client.send(std::move(request));
}

asio::awaitable<store_result<net::client_response>> s3_store::perform(s3_call call)
{
    s3_attempts attempts(config_.limits, call.repeatable);
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        auto answer = co_await send(call);
        s3_outcome outcome = judge(call, server_, answer);
        if (!outcome.failure)
            co_return std::move(*answer);
        const auto delay = attempts.next(outcome.end, chance(), outcome.asked_for);
        if (!delay) {
            if (attempts.count() > 1)
                outcome.failure->text += " (" + std::to_string(attempts.count()) + " attempts)";
            co_return std::move(*outcome.failure);
        }
        retries_.add();
        pause.expires_after(*delay);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<store_result<void>> s3_store::put(std::string key, std::string bytes)
{
    if (bytes.size() > object_bytes_max)
        co_return store_failure(reprise::errc::too_large, key + " is larger than an object may be");
    if (bytes.size() >= config_.limits.multipart_from_bytes)
        co_return co_await put_in_parts(key, bytes);
    s3_call call = put_call(config_, key, std::move(bytes));
    const auto done = co_await perform(std::move(call));
    if (!done)
        co_return done.error();
    co_return store_result<void>();
}

asio::awaitable<store_result<std::string>> s3_store::get(std::string key)
{
    s3_call call = get_call(config_, key);
    auto answer = co_await perform(std::move(call));
    if (!answer)
        co_return answer.error();
    co_return std::move(answer->body);
}

asio::awaitable<store_result<object_info>> s3_store::head(std::string key)
{
    s3_call call = head_call(config_, key);
    const std::string what = call.what;
    const auto answer = co_await perform(std::move(call));
    if (!answer)
        co_return answer.error();
    object_info info;
    info.key = std::move(key);
    const auto bytes = parse_size(net::find_header(answer->headers, "content-length"));
    if (!bytes)
        co_return malformed(what);
    info.bytes = *bytes;
    co_return info;
}

asio::awaitable<store_result<object_page>> s3_store::list(std::string prefix, std::string next)
{
    s3_call call = list_call(config_, prefix, next);
    const std::string what = call.what;
    const auto answer = co_await perform(std::move(call));
    if (!answer)
        co_return answer.error();
    auto page = parse_list(answer->body);
    if (!page)
        co_return malformed(what);
    for (object_info& object : page->objects) {
        if (!object.key.starts_with(config_.prefix + prefix))
            co_return malformed(what);
        object.key.erase(0, config_.prefix.size());
    }
    co_return std::move(*page);
}

asio::awaitable<store_result<void>> s3_store::remove(std::string key)
{
    s3_call call = remove_call(config_, key);
    const auto done = co_await perform(std::move(call));
    if (!done && done.error().code != reprise::errc::not_found)
        co_return done.error();
    co_return store_result<void>();
}

asio::awaitable<store_result<void>> s3_store::put_in_parts(const std::string& key, const std::string& bytes)
{
    s3_call begin = begin_upload_call(config_, key);
    const std::string what = begin.what;
    const auto begun = co_await perform(std::move(begin));
    if (!begun)
        co_return begun.error();
    const auto upload = parse_upload_id(begun->body);
    if (!upload)
        co_return malformed(what);
    auto parts = co_await put_parts(key, bytes, *upload);
    store_result<void> done;
    if (parts)
        done = co_await end_upload(key, bytes.size(), *upload, write_parts(*parts));
    else
        done = parts.error();
    if (done)
        co_return done;
    // Parts of an upload that nobody ends are kept, and paid for.
    s3_call abort = abort_upload_call(config_, key, *upload);
    const auto aborted = co_await perform(std::move(abort));
    if (!aborted && aborted.error().code != reprise::errc::not_found)
        log_warn(where, "the parts of an upload that failed stay: " + aborted.error().text);
    co_return done;
}

asio::awaitable<store_result<std::vector<std::string>>> s3_store::put_parts(
    const std::string& key, const std::string& bytes, const std::string& upload
)
{
    std::vector<std::string> tags;
    for (std::size_t at = 0; at < bytes.size(); at += config_.limits.part_bytes) {
        s3_call part = part_call(config_, key, upload, tags.size() + 1, bytes.substr(at, config_.limits.part_bytes));
        const std::string what = part.what;
        const auto done = co_await perform(std::move(part));
        if (!done)
            co_return done.error();
        tags.emplace_back(net::find_header(done->headers, "etag"));
        if (tags.back().empty())
            co_return malformed(what);
    }
    co_return tags;
}

asio::awaitable<store_result<void>> s3_store::end_upload(
    const std::string& key, std::size_t bytes, const std::string& upload, std::string parts
)
{
    s3_call end = end_upload_call(config_, key, upload, std::move(parts));
    const auto done = co_await perform(std::move(end));
    if (done)
        co_return store_result<void>();
    if (done.error().code != reprise::errc::not_found)
        co_return done.error();
    // No such upload any more: an attempt whose answer was lost may have ended it.
    const auto found = co_await head(key);
    if (found && found->bytes == bytes)
        co_return store_result<void>();
    co_return done.error();
}

}  // namespace

std::unique_ptr<object_store> make_s3_store(s3_config config, const clock& time, metrics& numbers)
{
    return std::make_unique<s3_store>(std::move(config), time, numbers);
}

}  // namespace reprise::archive
