#include "http2_session.hpp"

#include "grpc_text.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace reprise::rpc {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t header_list_bytes_max = 16 * 1024;  // Counted as RFC 9113 does: 32 more for each field.
constexpr std::size_t header_list_bytes_read_max = 64 * 1024;  // Beyond it nobody is told what was wrong.
constexpr std::size_t path_bytes_kept = 256;
constexpr std::size_t send_bytes_max = 64 * 1024;
constexpr std::uint32_t stream_window_bytes = 4 * 1024 * 1024;
constexpr std::int32_t connection_window_bytes = 16 * 1024 * 1024;
constexpr std::size_t control_frames_per_second_max = 10'000;  // Beyond those that go with calls:
constexpr std::size_t control_frames_per_call = 16;
constexpr std::size_t unsent_acks_max = 1'000;     // A peer that makes us answer and does not read.
constexpr std::uint64_t resets_max = 1'000;        // At once; then so many per second come back:
constexpr std::uint64_t resets_per_second = 100;
constexpr auto keepalive = 60s;                    // Finds peers that vanished without a word.
constexpr auto keepalive_timeout = 20s;

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

call_answer refusal(grpc_code code, std::string message)
{
    return {static_cast<int>(code), std::move(message), {}};
}

}  // namespace

struct http2_session::call {
    call(call_service& service_, std::int32_t stream_)
        : service(service_), stream(stream_), message(service_.config().message_bytes_max)
    {
    }
    ~call() { release_bytes(); }
    call(const call&) = delete;
    call& operator=(const call&) = delete;

    void release_bytes() { service.release_bytes(std::exchange(held_bytes, 0)); }

    call_service& service;
    const std::int32_t stream;
    call_head head;
    std::size_t header_bytes = 0;
    message_assembly message;
    std::size_t held_bytes = 0;
    std::shared_ptr<call_service::seat> seat;
    time_point deadline = time_point::max();  // For the message to be whole, or for the answer to be taken.
    bool remote_ended = false;
    bool handed_over = false;
    bool answered = false;
    int http_status = 200;
    call_answer reply;
    std::string body;  // Framed as gRPC does.
    std::size_t body_sent = 0;
};

// What nghttp2 calls, from within nghttp2_session_mem_recv() and nghttp2_session_mem_send().
struct http2_session::callbacks {
    static http2_session& self(void* user) { return *static_cast<http2_session*>(user); }

    static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user)
    {
        http2_session& me = self(user);
        me.block_began_ = me.now_;
        me.block_stream_ = frame->hd.stream_id;
        if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            me.calls_.emplace(frame->hd.stream_id, std::make_unique<call>(me.service_, frame->hd.stream_id));
            me.last_call_ = me.now_;
        }
        return 0;
    }

    static int header(
        nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
        const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user
    )
    {
        call* const one = self(user).find(frame->hd.stream_id);
        if (one == nullptr)
            return 0;
        one->header_bytes += name_size + value_size + 32;
        // A few bytes may stand for kilobytes; from here on nghttp2 does not look at them and ends the stream.
        if (one->header_bytes > header_list_bytes_read_max)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        if (one->header_bytes > header_list_bytes_max || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
            return 0;
        const std::string_view key = text_of(name, name_size);
        const std::string_view text = text_of(value, value_size);
        if (key == ":path")
            one->head.path = text.substr(0, path_bytes_kept);
        else if (key == "content-type")
            one->head.content_type = text;
        else if (key == "grpc-encoding")
            one->head.encoding = text;
        else if (key == "authorization")
            one->head.authorization = text;
        return 0;
    }

    static int data(
        nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size, void* user
    )
    {
        if (call* const one = self(user).find(stream))
            self(user).add_data(*one, text_of(bytes, size));
        return 0;
    }

    static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user)
    {
        http2_session& me = self(user);
        const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        call* const one = me.find(frame->hd.stream_id);
        switch (frame->hd.type) {
        case NGHTTP2_HEADERS:
            me.block_began_.reset();
            if (one != nullptr && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
                me.begin_call(*one);
            break;
        case NGHTTP2_DATA:
            if (frame->hd.length <= frame->data.padlen && !ends)
                me.count_control_frame();
            break;
        case NGHTTP2_SETTINGS: me.greeted_ = true; [[fallthrough]];
        default: me.count_control_frame(); return 0;
        }
        if (one != nullptr && ends)
            me.end_message(*one);
        return 0;
    }

    // A call that was answered before its end: nothing more of it is wanted.
    static int sent(nghttp2_session* session, const nghttp2_frame* frame, void* user)
    {
        if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR && !self(user).flooded_)
            self(user).service_.count_broken();
        const bool last = frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        const call* const one = last ? self(user).find(frame->hd.stream_id) : nullptr;
        if (one != nullptr && !one->remote_ended)
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, one->stream, NGHTTP2_NO_ERROR);
        return 0;
    }

    static int stream_closed(nghttp2_session*, std::int32_t stream, std::uint32_t, void* user)
    {
        http2_session& me = self(user);
        const call* const one = me.find(stream);
        if (one == nullptr)
            return 0;
        if (!one->handed_over && !one->answered)
            me.service_.count_unread();
        if (me.block_stream_ == stream)
            me.block_began_.reset();
        me.calls_.erase(stream);
        me.last_call_ = me.now_;
        return 0;
    }

    static ssize_t read_body(
        nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t size, std::uint32_t* flags,
        nghttp2_data_source*, void* user
    )
    {
        call* const one = self(user).find(stream);
        if (one == nullptr)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        const std::size_t part = std::min(size, one->body.size() - one->body_sent);
        std::memcpy(into, one->body.data() + one->body_sent, part);
        one->body_sent += part;
        if (one->body_sent == one->body.size()) {
            *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
            self(user).submit_trailers(*one);
        }
        return static_cast<ssize_t>(part);
    }

    static nghttp2_session* make_session(http2_session& me)
    {
        nghttp2_session_callbacks* all = nullptr;
        nghttp2_option* options = nullptr;
        nghttp2_session* made = nullptr;
        if (nghttp2_session_callbacks_new(&all) == 0 && nghttp2_option_new(&options) == 0) {
            nghttp2_session_callbacks_set_on_begin_headers_callback(all, begin_headers);
            nghttp2_session_callbacks_set_on_header_callback(all, header);
            nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, data);
            nghttp2_session_callbacks_set_on_frame_recv_callback(all, frame);
            nghttp2_session_callbacks_set_on_frame_send_callback(all, sent);
            nghttp2_session_callbacks_set_on_stream_close_callback(all, stream_closed);
            nghttp2_option_set_max_outbound_ack(options, unsent_acks_max);
            nghttp2_option_set_stream_reset_rate_limit(options, resets_max, resets_per_second);
            nghttp2_option_set_no_closed_streams(options, 1);
            nghttp2_session_server_new2(&made, all, &me, options);
        }
        nghttp2_option_del(options);
        nghttp2_session_callbacks_del(all);
        if (made == nullptr)
            throw std::bad_alloc();
        return made;
    }
};

http2_session::http2_session(call_service& service, message_handler on_message, time_point now)
    : service_(service), on_message_(std::move(on_message)), now_(now), born_(now), heard_(now), last_call_(now),
      control_since_(now)
{
    session_ = callbacks::make_session(*this);
    const std::array<nghttp2_settings_entry, 3> settings = {{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
         static_cast<std::uint32_t>(service.config().streams_per_connection_max)},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window_bytes},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, header_list_bytes_max},
    }};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window_bytes);
}

http2_session::~http2_session()
{
    nghttp2_session_del(session_);
}

http2_session::call* http2_session::find(std::int32_t stream)
{
    const auto found = calls_.find(stream);
    return found == calls_.end() ? nullptr : found->second.get();
}

bool http2_session::receive(std::string_view bytes, time_point now)
{
    now_ = now;
    heard_ = now;
    pinged_.reset();
    const auto* const from = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto used = nghttp2_session_mem_recv(session_, from, bytes.size());
    if (used == NGHTTP2_ERR_FLOODED)
        flooded_ = true;
    if (used == NGHTTP2_ERR_NOMEM)
        throw std::bad_alloc();
    if (flooded_) {
        service_.count_flood();
        nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
    }
    return used >= 0 && !flooded_;
}

void http2_session::count_control_frame()
{
    if (now_ - control_since_ >= 1s) {
        control_since_ = now_;
        control_frames_ = 0;
    }
    flooded_ = flooded_ || ++control_frames_ > control_frames_per_second_max;
}

void http2_session::begin_call(call& one)
{
    if (!one.head.content_type.starts_with("application/grpc")) {
        refuse_form(one);
        return;
    }
    if (may_begin(one))
        one.deadline = now_ + service_.config().receive_timeout;
}

bool http2_session::may_begin(call& one)
{
    if (one.header_bytes > header_list_bytes_max) {
        service_.count_unread();
        const std::string limit = std::to_string(header_list_bytes_max);
        conclude(one, refusal(grpc_code::resource_exhausted, "the metadata is over the limit of " + limit + " bytes"));
        return false;
    }
    if (auto why = service_.refuse(one.head)) {
        conclude(one, std::move(*why));
        return false;
    }
    one.seat = service_.find_seat();
    if (!one.seat)
        conclude(one, service_.busy());
    return one.seat != nullptr;
}

void http2_session::add_data(call& one, std::string_view piece)
{
    if (one.answered || one.handed_over)
        return;
    if (!service_.hold_bytes(piece.size())) {
        conclude(one, service_.busy());
        return;
    }
    one.held_bytes += piece.size();
    switch (one.message.add(piece)) {
    case message_assembly::state::incomplete:
    case message_assembly::state::whole: return;
    case message_assembly::state::too_large: {
        service_.count_unread();
        const std::string text = "the message of " + std::to_string(one.message.announced_bytes()) +
                                 " bytes is over the limit of " +
                                 std::to_string(service_.config().message_bytes_max) + " bytes; send smaller batches";
        conclude(one, refusal(grpc_code::resource_exhausted, text));
        return;
    }
    case message_assembly::state::second_message:
        service_.count_unread();
        conclude(one, refusal(grpc_code::invalid_argument, "there is one message in a call, and this one has more"));
        return;
    case message_assembly::state::malformed:
        service_.count_unread();
        conclude(one, refusal(grpc_code::internal, "the message does not begin with 0 or 1 for its compression"));
        return;
    }
}

void http2_session::end_message(call& one)
{
    one.remote_ended = true;
    if (one.answered || one.handed_over)
        return;
    if (one.message.now() != message_assembly::state::whole) {
        service_.count_unread();
        const bool none = one.message.empty();
        conclude(one, refusal(
            grpc_code::invalid_argument, none ? "the call carried no message" : "the message is cut off"
        ));
        return;
    }
    if (one.message.compressed() && one.head.encoding != "gzip") {
        service_.count_unread();
        conclude(one, refusal(grpc_code::internal, "the message is marked compressed, but no grpc-encoding says how"));
        return;
    }
    // Busy clients open windows and ping as they go.
    control_frames_ -= std::min(control_frames_, control_frames_per_call);
    one.handed_over = true;
    one.deadline = time_point::max();
    one.release_bytes();
    on_message_({one.stream, one.seat, service_.find_path(one.head.path), one.message.take()});
}

void http2_session::answer(std::int32_t stream, call_answer given)
{
    call* const one = find(stream);
    if (one == nullptr || one->answered)
        return;
    conclude(*one, std::move(given));
}

// Whatever the answer is, the call has had it.
void http2_session::conclude(call& one, call_answer reply)
{
    one.answered = true;
    one.deadline = now_ + service_.config().receive_timeout;
    one.message.drop();
    one.release_bytes();
    if (one.seat)
        one.seat->leave();
    one.reply = std::move(reply);
    submit_answer(one);
}

// Not gRPC, so that its form is HTTP's.
void http2_session::refuse_form(call& one)
{
    service_.count_unread();
    one.http_status = 415;
    conclude(one, refusal(grpc_code::internal, "the content-type must be application/grpc"));
}

void http2_session::submit_answer(call& one)
{
    const std::string status = std::to_string(one.http_status);
    std::vector<nghttp2_nv> fields = {
        field(":status", status), field("content-type", "application/grpc"),
        field("grpc-accept-encoding", "identity,gzip"),
    };
    if (one.reply.code == 0) {
        one.body = frame_grpc_message(one.reply.body);
        std::string().swap(one.reply.body);
        const nghttp2_data_provider from{{}, callbacks::read_body};
        nghttp2_submit_response(session_, one.stream, fields.data(), fields.size(), &from);
        return;
    }
    const std::string code = std::to_string(one.reply.code);
    const std::string message = encode_grpc_message(one.reply.message);
    const std::string details = encode_binary_header(one.reply.body);
    fields.push_back(field("grpc-status", code));
    fields.push_back(field("grpc-message", message));
    if (!details.empty())
        fields.push_back(field("grpc-status-details-bin", details));
    nghttp2_submit_response(session_, one.stream, fields.data(), fields.size(), nullptr);
}

void http2_session::submit_trailers(call& one)
{
    const nghttp2_nv status = field("grpc-status", "0");
    nghttp2_submit_trailer(session_, one.stream, &status, 1);
}

void http2_session::produce(std::string& out)
{
    while (out.size() < send_bytes_max) {
        const std::uint8_t* bytes = nullptr;
        const auto size = nghttp2_session_mem_send(session_, &bytes);
        if (size <= 0)
            return;
        out.append(text_of(bytes, static_cast<std::size_t>(size)));
    }
}

// Ends calls whose message does not come, and those whose answer is not taken.
bool http2_session::watch_calls()
{
    std::vector<call*> overdue;
    for (const auto& [stream, one] : calls_) {
        if (one->deadline <= now_)
            overdue.push_back(one.get());
    }
    for (call* one : overdue) {
        if (one->answered) {
            nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, one->stream, NGHTTP2_CANCEL);
            one->deadline = time_point::max();
            continue;
        }
        service_.count_unread();
        conclude(*one, refusal(grpc_code::cancelled, "the message did not arrive whole in time"));
    }
    return !block_began_ || now_ - *block_began_ < service_.config().receive_timeout;
}

bool http2_session::watch_peer()
{
    const grpc_server_config& config = service_.config();
    if (!greeted_ && now_ - born_ >= config.greeting_timeout)
        return false;
    if (pinged_ && now_ - *pinged_ >= keepalive_timeout)
        return false;
    if (!pinged_ && now_ - heard_ >= keepalive) {
        nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
        pinged_ = now_;
    }
    if (went_away_)
        return now_ - *went_away_ < config.receive_timeout;
    if (now_ - born_ >= config.connection_age_max || (idle() && now_ - last_call_ >= config.idle_close))
        go_away();
    return true;
}

bool http2_session::tick(time_point now)
{
    now_ = now;
    const bool in_time = watch_calls() && watch_peer();
    if (!in_time)
        service_.count_stalled();
    return in_time;
}

void http2_session::go_away()
{
    if (went_away_)
        return;
    went_away_ = now_;
    const auto last = nghttp2_session_get_last_proc_stream_id(session_);
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

bool http2_session::done() const
{
    return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

}  // namespace reprise::rpc
