#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace reprise::net::test {

// A test's HTTP/2 server by prior knowledge on nghttp2: one connection after the other, each on the thread of the
// server. What a request gets is decided by its path (see answer()).
class http2_server {
public:
    struct stream {
        std::map<std::string, std::string> fields;
        std::string body;
        std::string answer;
        std::size_t sent = 0;
        bool endless = false;
    };

    explicit http2_server(std::uint32_t streams_max = 100)
        : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}), streams_max_(streams_max)
    {
        thread_ = std::thread([this] { run(); });
    }
    ~http2_server()
    {
        over_ = true;
        boost::system::error_code ec;
        boost::asio::ip::tcp::socket last(context_);
        last.connect(acceptor_.local_endpoint(), ec);  // Wakes accept().
        last.close(ec);
        thread_.join();
    }
    http2_server(const http2_server&) = delete;
    http2_server& operator=(const http2_server&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    int connections() const { return connections_; }
    int requests() const { return requests_; }
    int resets() const { return resets_; }

private:
    static http2_server& self(void* user) { return *static_cast<http2_server*>(user); }

    static ssize_t read_answer(
        nghttp2_session*, std::int32_t id, std::uint8_t* into, std::size_t size, std::uint32_t* flags,
        nghttp2_data_source*, void* user
    )
    {
        stream& one = self(user).streams_[id];
        if (one.endless) {
            std::memset(into, 'e', size);
            return static_cast<ssize_t>(size);
        }
        const std::size_t part = std::min(size, one.answer.size() - one.sent);
        std::memcpy(into, one.answer.data() + one.sent, part);
        one.sent += part;
        if (one.sent == one.answer.size())
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(part);
    }

    static nghttp2_nv field(const std::string& name, const std::string& value)
    {
        const auto bytes = [](const std::string& text) {
            return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
        };
        return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
    }

    void respond(nghttp2_session* session, std::int32_t id)
    {
        static const std::string status = ":status";
        static const std::string ok = "200";
        static const std::string kind = "content-type";
        static const std::string text = "text/plain";
        const std::array<nghttp2_nv, 2> head = {field(status, ok), field(kind, text)};
        nghttp2_data_provider body{};
        body.read_callback = read_answer;
        nghttp2_submit_response(session, id, head.data(), head.size(), &body);
    }

    void answer(nghttp2_session* session, std::int32_t id)
    {
        stream& one = streams_[id];
        const std::string path = one.fields[":path"];
        ++requests_;
        if (path == "/never")
            return;
        if (path == "/reset") {
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
            return;
        }
        if (path == "/refuse-first" && requests_ == 1) {
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
            return;
        }
        if (path == "/half") {  // The end of the body never comes, though the stream does end.
            static const std::string name = ":status";
            static const std::string ok = "200";
            const nghttp2_nv status = field(name, ok);
            nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr);
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
            return;
        }
        if (path == "/hang-up") {
            hang_up_ = true;
            return;
        }
        if (path == "/hold") {  // Until three of them are there: they must share the connection at once.
            held_.push_back(id);
            if (held_.size() < 3)
                return;
            for (const std::int32_t each : held_) {
                streams_[each].answer = "held";
                respond(session, each);
            }
            return;
        }
        one.endless = path == "/endless";
        one.answer = path == "/big" ? std::string(3 * 1024 * 1024, 'b') : one.fields[":method"] + " " + path + "\n";
        for (const auto& [name, value] : one.fields) {
            if (name.front() != ':' && path != "/big")
                one.answer += name + ": " + value + "\n";
        }
        one.answer += one.body;
        respond(session, id);
    }

    static int on_header(
        nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
        const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user
    )
    {
        const auto text = [](const std::uint8_t* bytes, std::size_t size) {
            return std::string(reinterpret_cast<const char*>(bytes), size);
        };
        self(user).streams_[frame->hd.stream_id].fields[text(name, name_size)] = text(value, value_size);
        return 0;
    }

    static int on_data(
        nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size, void* user
    )
    {
        self(user).streams_[id].body.append(reinterpret_cast<const char*>(bytes), size);
        return 0;
    }

    static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user)
    {
        http2_server& server = self(user);
        if (frame->hd.type == NGHTTP2_RST_STREAM)
            ++server.resets_;
        const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (carries && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
            server.answer(session, frame->hd.stream_id);
        return 0;
    }

    static bool send_all(nghttp2_session* session, boost::asio::ip::tcp::socket& socket)
    {
        const std::uint8_t* bytes = nullptr;
        ssize_t size = 0;
        boost::system::error_code ec;
        while (!ec && (size = nghttp2_session_mem_send(session, &bytes)) > 0)
            boost::asio::write(socket, boost::asio::buffer(bytes, static_cast<std::size_t>(size)), ec);
        return !ec && size == 0;
    }

    void talk(boost::asio::ip::tcp::socket& socket)
    {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
        nghttp2_session* session = nullptr;
        nghttp2_session_server_new(&session, callbacks, this);
        nghttp2_session_callbacks_del(callbacks);
        const nghttp2_settings_entry limit{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams_max_};
        nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, &limit, 1);
        std::array<std::uint8_t, 16384> bytes{};
        bool going = send_all(session, socket);
        while (going && !hang_up_) {
            boost::system::error_code ec;
            const std::size_t size = socket.read_some(boost::asio::buffer(bytes), ec);
            going = !ec && nghttp2_session_mem_recv(session, bytes.data(), size) >= 0 && !hang_up_ &&
                    send_all(session, socket);
        }
        nghttp2_session_del(session);
    }

    void run()
    {
        while (!over_) {
            boost::asio::ip::tcp::socket socket(context_);
            boost::system::error_code ec;
            acceptor_.accept(socket, ec);
            if (ec || over_)
                return;
            ++connections_;
            hang_up_ = false;
            streams_.clear();
            talk(socket);
        }
    }

    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint32_t streams_max_;
    std::thread thread_;
    std::map<std::int32_t, stream> streams_;
    std::vector<std::int32_t> held_;
    std::atomic<bool> over_{false};
    bool hang_up_ = false;
    std::atomic<int> connections_{0};
    std::atomic<int> requests_{0};
    std::atomic<int> resets_{0};
};

}  // namespace reprise::net::test
