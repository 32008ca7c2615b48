#include "http2_link.hpp"

#include "request_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace asio = boost::asio;

namespace reprise::net {
namespace {

using steady = std::chrono::steady_clock;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t send_bytes_max = 256 * 1024;
constexpr std::uint32_t stream_window_bytes = 1024 * 1024;
constexpr std::int32_t connection_window_bytes = 4 * 1024 * 1024;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size)
{
    return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(std::string_view name, std::string_view value)
{
    // nghttp2 copies both and writes to neither.
    const auto bytes_of = [](std::string_view text) {
        return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
    };
    return {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string lower(std::string_view name)
{
    std::string out(name);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

}  // namespace

// A request under way; lives in the frame of exchange().
struct http2_link::call {
    call(const client_request& req_, const asio::any_io_executor& strand, time_point begin_)
        : req(req_), begin(begin_), changed(strand)
    {
    }

    void wake() { changed.cancel(); }
    std::int64_t since_begin_ns() const { return std::chrono::nanoseconds(steady::now() - begin).count(); }

    const client_request& req;
    time_point begin;
    asio::steady_timer changed;  // Also the deadline of what is waited for.
    std::size_t body_sent = 0;
    std::size_t header_bytes = 0;
    client_response answer;
    bool headed = false;
    bool ended = false;   // The answer is whole, or there will be none.
    bool closed = false;  // nghttp2 has done with the stream.
    std::uint64_t received_before = 0;
    error_code failed;
};

// A link that does not get ready is dead, however the coroutine that dialled ended; who waits for it is told.
struct http2_link::dialling {
    explicit dialling(http2_link& link_) : link(link_) { link.phase_ = phase::dialling; }
    ~dialling()
    {
        if (link.phase_ == phase::dialling) {
            // Only the request that dialled was given up; the others may dial anew.
            if (!link.dead_because_)
                link.dead_because_ = errc::stream_refused;
            link.close();
        }
        link.ready_.cancel();
    }
    dialling(const dialling&) = delete;
    dialling& operator=(const dialling&) = delete;

    http2_link& link;
};

struct http2_link::listing {
    listing(http2_link& link_, std::int32_t stream_, call& one_) : link(link_), stream(stream_), one(one_)
    {
        one.received_before = link.received_;
        link.calls_.emplace(stream, &one);
    }
    // A stream whose answer nobody awaits any more is given back, also one that is not sent yet.
    ~listing()
    {
        link.calls_.erase(stream);
        if (link.phase_ != phase::ready)
            return;
        if (!one.closed) {
            nghttp2_submit_rst_stream(link.session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
            link.flush();
            // Nothing at all came while it waited: the peer may be gone without a word.
            if (link.received_ == one.received_before)
                link.usable_ = false;
        }
        // Nobody would close it: it is out of the pool.
        if (!link.usable_ && link.calls_.empty())
            link.close();
    }
    listing(const listing&) = delete;
    listing& operator=(const listing&) = delete;

    http2_link& link;
    std::int32_t stream;
    call& one;
};

struct http2_link::callbacks {
    static http2_link& self(void* user) { return *static_cast<http2_link*>(user); }

    static call* find_call(http2_link& link, std::int32_t stream)
    {
        const auto found = link.calls_.find(stream);
        return found == link.calls_.end() ? nullptr : found->second;
    }

    static ssize_t read_body(
        nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t size, std::uint32_t* flags,
        nghttp2_data_source*, void* user
    )
    {
        call* const one = find_call(self(user), stream);
        if (one == nullptr)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        const std::size_t part = std::min(size, one->req.body.size() - one->body_sent);
        std::memcpy(into, one->req.body.data() + one->body_sent, part);
        one->body_sent += part;
        if (one->body_sent == one->req.body.size())
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(part);
    }

    static int on_header(
        nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
        const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user
    )
    {
        http2_link& link = self(user);
        call* const one = find_call(link, frame->hd.stream_id);
        if (one == nullptr || one->ended)
            return 0;
        const auto key = text_of(name, name_size);
        const auto text = text_of(value, value_size);
        one->header_bytes += name_size + value_size + 32;
        if (one->header_bytes > link.limits_.header_bytes_max) {
            link.give_up(*one, errc::header_too_large);
            return 0;
        }
        if (key == ":status")
            one->answer.status = std::atoi(std::string(text).c_str());
        else
            one->answer.headers.emplace_back(std::string(key), std::string(text));
        return 0;
    }

    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user)
    {
        http2_link& link = self(user);
        if (frame->hd.type == NGHTTP2_GOAWAY) {
            link.usable_ = false;
            return 0;
        }
        call* const one = find_call(link, frame->hd.stream_id);
        const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (one == nullptr || one->ended || !carries)
            return 0;
        if (!one->headed && one->answer.status < 200) {  // An interim answer; the real one follows.
            one->answer.headers.clear();
            return 0;
        }
        if (!std::exchange(one->headed, true))
            one->answer.answered_after_ns = one->since_begin_ns();
        one->ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (one->ended)
            one->answer.done_after_ns = one->since_begin_ns();
        one->wake();
        return 0;
    }

    static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user)
    {
        const bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (!carries || !last)
            return 0;
        if (call* const one = find_call(self(user), frame->hd.stream_id))
            one->answer.sent_after_ns = one->since_begin_ns();
        return 0;
    }

    static int on_data(
        nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size, void* user
    )
    {
        http2_link& link = self(user);
        call* const one = find_call(link, stream);
        if (one == nullptr || one->ended)
            return 0;
        if (one->answer.body.size() + size > link.limits_.body_bytes_max) {
            link.give_up(*one, errc::body_too_large);
            return 0;
        }
        one->answer.body.append(reinterpret_cast<const char*>(bytes), size);
        return 0;
    }

    static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user)
    {
        call* const one = find_call(self(user), stream);
        if (one == nullptr)
            return 0;
        one->closed = true;
        if (std::exchange(one->ended, true))
            return 0;
        if (code == NGHTTP2_REFUSED_STREAM)
            one->failed = errc::stream_refused;
        else if (code == NGHTTP2_PROTOCOL_ERROR)
            one->failed = errc::bad_message;
        else
            one->failed = errc::stream_reset;  // Whatever it says: the answer is not whole.
        one->wake();
        return 0;
    }
};

http2_link::http2_link(const asio::any_io_executor& strand, const client_limits& limits)
    : strand_(strand), limits_(limits), ready_(strand, time_point::max()), output_(strand, time_point::max()),
      tasks_(strand)
{
}

http2_link::~http2_link()
{
    nghttp2_session_del(session_);
}

void http2_link::close()
{
    usable_ = false;
    phase_ = phase::dead;
    if (!dead_because_)
        dead_because_ = errc::closed;
    fail_all(dead_because_);
    ready_.cancel();
    output_.cancel();
    if (line_)
        line_->stream.close();
}

void http2_link::fail_all(error_code why)
{
    for (const auto& [stream, one] : calls_) {
        if (std::exchange(one->ended, true))
            continue;
        one->failed = why;
        one->wake();
    }
}

void http2_link::give_up(call& one, error_code why)
{
    one.ended = true;
    one.failed = why;
    one.wake();
}

result<void> http2_link::begin_session()
{
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0)
        return make_error_code(boost::system::errc::not_enough_memory);
    nghttp2_session_callbacks_set_on_header_callback(made, callbacks::on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, callbacks::on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, callbacks::on_frame_sent);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, callbacks::on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, callbacks::on_close);
    const int begun = nghttp2_session_client_new(&session_, made, this);
    nghttp2_session_callbacks_del(made);
    const std::array<nghttp2_settings_entry, 3> settings = {{
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window_bytes},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits_.header_bytes_max)},
    }};
    if (begun != 0 ||
        nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0 ||
        nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window_bytes) != 0)
        return make_error_code(boost::system::errc::not_enough_memory);
    return {};
}

asio::awaitable<result<void>> http2_link::get_ready(const url& target, const target_guard& guard, client_tls* tls)
{
    while (phase_ == phase::dialling)
        co_await ready_.async_wait(as_result);
    if (phase_ == phase::ready)
        co_return result<void>();
    if (phase_ == phase::dead)
        co_return dead_because_;
    const dialling trying(*this);
    const auto connected = co_await connect(target, guard, tls);
    if (!connected)
        dead_because_ = connected.error();
    co_return connected;
}

asio::awaitable<result<void>> http2_link::connect(const url& target, const target_guard& guard, client_tls* tls)
{
    const auto addresses = co_await find_addresses(target, guard, limits_.resolve);
    if (!addresses)
        co_return addresses.error();
    auto reached = co_await dial(target, *addresses, limits_, tls, offer::http2);
    if (!reached)
        co_return reached.error();
    if (phase_ == phase::dead)
        co_return dead_because_;
    line_.emplace(std::move(*reached));
    const auto begun = begin_session();
    if (!begun)
        co_return begun;
    phase_ = phase::ready;
    tasks_.spawn("http2 reader", run_reader(shared_from_this()));
    tasks_.spawn("http2 writer", run_writer(shared_from_this()));
    co_return result<void>();
}

asio::awaitable<void> http2_link::run_reader(std::shared_ptr<http2_link> self)
{
    std::vector<std::uint8_t> bytes(read_bytes);
    while (self->phase_ == phase::ready) {
        self->line_->stream.expires_never();  // Each request has its own deadline.
        const auto [ec, size] = co_await self->line_->stream.async_read_some(asio::buffer(bytes), as_result);
        if (ec || nghttp2_session_mem_recv(self->session_, bytes.data(), size) < 0)
            break;
        self->received_ += size;
        self->flush();
        if (!self->usable_ && self->calls_.empty())
            break;
        if (nghttp2_session_want_read(self->session_) == 0 && nghttp2_session_want_write(self->session_) == 0)
            break;
    }
    self->close();
}

void http2_link::flush()
{
    output_.cancel();
}

// Into out_; false when the session is beyond repair.
bool http2_link::collect_output()
{
    out_.clear();
    const std::uint8_t* bytes = nullptr;
    ssize_t size = 0;
    while (out_.size() < send_bytes_max && (size = nghttp2_session_mem_send(session_, &bytes)) > 0)
        out_.insert(out_.end(), bytes, bytes + size);
    return size >= 0;
}

asio::awaitable<void> http2_link::run_writer(std::shared_ptr<http2_link> self)
{
    while (self->phase_ == phase::ready) {
        if (!self->collect_output())
            break;
        if (self->out_.empty()) {
            co_await self->output_.async_wait(as_result);
            continue;
        }
        self->line_->stream.expires_after(self->limits_.write);
        const auto [ec, sent] =
            co_await asio::async_write(self->line_->stream, asio::buffer(self->out_), as_result);
        if (ec) {
            self->dead_because_ = ec == boost::beast::error::timeout ? errc::write_timed_out : errc::closed;
            break;
        }
    }
    self->close();
}

result<std::int32_t> http2_link::submit(call& one)
{
    const client_request& req = one.req;
    const std::string authority = req.url.authority();
    const std::string length = std::to_string(req.body.size());
    std::vector<std::string> names;
    names.reserve(req.headers.size());
    std::vector<nghttp2_nv> fields = {
        field(":method", req.method), field(":scheme", req.url.scheme), field(":authority", authority),
        field(":path", req.url.target),
    };
    for (const auto& [name, value] : req.headers) {
        if (!is_framing(name))
            fields.push_back(field(names.emplace_back(lower(name)), value));
    }
    if (tells_length(req))
        fields.push_back(field("content-length", length));
    nghttp2_data_provider body{};
    body.read_callback = callbacks::read_body;
    const auto* const provider = req.body.empty() ? nullptr : &body;
    const std::int32_t stream =
        nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), provider, nullptr);
    if (stream == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE) {
        usable_ = false;
        return errc::stream_refused;
    }
    if (stream < 0)
        return errc::bad_message;
    return stream;
}

asio::awaitable<result<void>> http2_link::wait_for_answer(call& one)
{
    bool was_headed = false;
    one.changed.expires_after(limits_.write + limits_.answer);
    while (!one.ended) {
        const auto [ec] = co_await one.changed.async_wait(as_result);
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (one.ended)
            break;
        if (cancelled.cancelled() != asio::cancellation_type::none)
            co_return make_error_code(asio::error::operation_aborted);
        if (!ec)
            co_return one.headed ? errc::read_timed_out : errc::answer_timed_out;
        if (one.headed && !std::exchange(was_headed, true))
            one.changed.expires_after(limits_.body);
    }
    if (one.failed)
        co_return one.failed;
    co_return result<void>();
}

asio::awaitable<result<client_response>> http2_link::exchange(
    const client_request& req, const target_guard& guard, client_tls* tls, time_point begin
)
{
    if (phase_ == phase::dead)  // Since it was taken from the pool; nothing was sent.
        co_return errc::stream_refused;
    const auto ready = co_await get_ready(req.url, guard, tls);
    if (!ready)
        co_return ready.error();
    call one(req, strand_, begin);
    const auto stream = submit(one);
    if (!stream)
        co_return stream.error();
    one.answer.remote_address = line_->remote.address().to_string();
    one.answer.reused_connection = std::exchange(reused_, true);
    const listing listed(*this, *stream, one);
    flush();
    const auto answered = co_await wait_for_answer(one);
    if (!answered)
        co_return answered.error();
    co_return std::move(one.answer);
}

}  // namespace reprise::net
