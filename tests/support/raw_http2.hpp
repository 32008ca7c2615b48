#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

// HTTP/2 by hand, for peers that do what no library would.
namespace reprise::test::http2 {

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum class kind : unsigned char {
    data = 0, headers = 1, priority = 2, reset = 3, settings = 4, ping = 6, go_away = 7, window = 8, continuation = 9,
};

constexpr unsigned end_stream = 1;
constexpr unsigned end_headers = 4;

// `bytes` of them, most significant first.
inline std::string number(std::uint64_t value, int bytes)
{
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        text += static_cast<char>(static_cast<unsigned char>(value >> shift));
    return text;
}

inline std::string frame(kind type, unsigned flags, std::uint32_t stream, std::string_view payload = {})
{
    return number(payload.size(), 3) + static_cast<char>(type) + static_cast<char>(flags) + number(stream, 4) +
           std::string(payload);
}

// HPACK's integer with `first` in the bits above the prefix.
inline std::string hpack_number(std::uint64_t value, int prefix_bits, unsigned first = 0)
{
    const std::uint64_t all = (1U << prefix_bits) - 1U;
    if (value < all)
        return std::string(1, static_cast<char>(first | value));
    std::string text(1, static_cast<char>(first | all));
    for (value -= all; value >= 128; value /= 128)
        text += static_cast<char>(value % 128 + 128);
    return text + static_cast<char>(value);
}

// A header field in full; `kept`: and into the peer's table.
inline std::string literal(std::string_view name, std::string_view value, bool kept = false)
{
    return (kept ? "\x40" : std::string(1, '\0')) + hpack_number(name.size(), 7) + std::string(name) +
           hpack_number(value.size(), 7) + std::string(value);
}

inline std::string call_head(std::string_view path)
{
    return literal(":method", "POST") + literal(":scheme", "http") + literal(":path", path) +
           literal(":authority", "a") + literal("content-type", "application/grpc") + literal("te", "trailers");
}

// A message as gRPC frames it.
inline std::string message(std::string_view bytes, unsigned compressed = 0)
{
    return number(compressed, 1) + number(bytes.size(), 4) + std::string(bytes);
}

struct received {
    kind type = kind::data;
    unsigned flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
    std::map<std::string, std::string> fields;  // Of headers.
};

// Sends exactly what it is told to; blocking, ten seconds at most.
class peer {
public:
    explicit peer(std::uint16_t port, std::string_view greeting = preface) : socket_(context_)
    {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
        const timeval limit{10, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        nghttp2_hd_inflater* made = nullptr;
        nghttp2_hd_inflate_new(&made);
        inflater_.reset(made);
        if (!greeting.empty())
            send(std::string(greeting) + frame(kind::settings, 0, 0));
    }

    // False when the other side has hung up.
    bool send(std::string_view bytes)
    {
        boost::system::error_code ec;
        boost::asio::write(socket_, boost::asio::buffer(bytes), ec);
        return !ec;
    }

    // The next frame of this kind. False: the connection ended before it.
    bool find(kind type, received& into)
    {
        while (next(into)) {
            if (into.type == type)
                return true;
        }
        return false;
    }

    // The field of the headers that end `stream`; empty when the connection ended before them.
    std::string last_field(std::uint32_t stream, const std::string& name)
    {
        received one;
        while (find(kind::headers, one)) {
            if (one.stream == stream && (one.flags & end_stream) != 0)
                return one.fields[name];
        }
        return {};
    }

    // The code with which the other side went away; -1: it hung up without a word.
    int farewell()
    {
        received one;
        if (!find(kind::go_away, one) || one.payload.size() < 8)
            return -1;
        return static_cast<unsigned char>(one.payload[7]);
    }

    bool at_end()
    {
        received one;
        while (next(one)) {
        }
        return true;
    }

private:
    struct free_inflater {
        void operator()(nghttp2_hd_inflater* one) const { nghttp2_hd_inflate_del(one); }
    };

    bool read(std::string& into, std::size_t size)
    {
        into.resize(size);
        boost::system::error_code ec;
        boost::asio::read(socket_, boost::asio::buffer(into), ec);
        return !ec;
    }

    bool next(received& into)
    {
        std::string head;
        if (!read(head, 9))
            return false;
        const auto byte = [&head](std::size_t at) { return static_cast<unsigned char>(head[at]); };
        into = {};
        into.type = static_cast<kind>(byte(3));
        into.flags = byte(4);
        into.stream = static_cast<std::uint32_t>(byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8));
        const std::size_t size = static_cast<std::size_t>(byte(0) << 16 | byte(1) << 8 | byte(2));
        if (!read(into.payload, size))
            return false;
        if (into.type == kind::headers)
            inflate(into);
        return true;
    }

    void inflate(received& into)
    {
        const auto* at = reinterpret_cast<const std::uint8_t*>(into.payload.data());
        std::size_t left = into.payload.size();
        int state = 0;
        while ((state & NGHTTP2_HD_INFLATE_FINAL) == 0) {
            nghttp2_nv one{};
            const auto used = nghttp2_hd_inflate_hd2(inflater_.get(), &one, &state, at, left, 1);
            if (used < 0)
                return;
            at += used;
            left -= static_cast<std::size_t>(used);
            if ((state & NGHTTP2_HD_INFLATE_EMIT) != 0)
                into.fields[{reinterpret_cast<const char*>(one.name), one.namelen}] =
                    std::string(reinterpret_cast<const char*>(one.value), one.valuelen);
        }
        nghttp2_hd_inflate_end_headers(inflater_.get());
    }

    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<nghttp2_hd_inflater, free_inflater> inflater_;
};

}  // namespace reprise::test::http2
