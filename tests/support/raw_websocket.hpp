#pragma once

#include "raw_http.hpp"

#include <boost/asio/read.hpp>

#include <cstdint>
#include <future>
#include <string>
#include <string_view>

namespace reprise::test {

struct raw_frame {
    static constexpr int lost = -1;

    int opcode = lost;         // 1 text, 2 binary, 8 close, 9 ping, 10 pong; lost: the connection ended.
    std::string text;
    std::uint16_t close_code = 0;
};

// The client's end of a WebSocket by hand, blocking; answers nothing by itself.
class raw_websocket {
public:
    raw_websocket(std::uint16_t port, const std::string& target, const std::string& headers = {}) : http_(port)
    {
        http_.send(
            "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers + "\r\n"
        );
        // Byte by byte: what follows the header belongs to the frames.
        std::string head;
        char byte = 0;
        boost::system::error_code ec;
        while (!head.ends_with("\r\n\r\n") && !ec) {
            boost::asio::read(http_.socket(), boost::asio::buffer(&byte, 1), ec);
            head += byte;
        }
        if (!ec)
            status_ = std::atoi(head.substr(9, 3).c_str());
        head_ = head;
    }

    int status() const noexcept { return status_; }
    const std::string& head() const noexcept { return head_; }

    void send_text(std::string_view text) { send_frame(0x1, text); }

    void send_frame(int opcode, std::string_view text)
    {
        std::string frame(1, static_cast<char>(0x80 | opcode));
        if (text.size() < 126) {
            frame += static_cast<char>(0x80 | text.size());
        } else {
            const int bytes = text.size() < 65536 ? 2 : 8;
            frame += static_cast<char>(0x80 | (bytes == 2 ? 126 : 127));
            for (int i = bytes - 1; i >= 0; --i)
                frame += static_cast<char>(text.size() >> (8 * i) & 0xFF);
        }
        frame += std::string(4, '\0');  // A mask of zeros changes nothing.
        frame += text;
        send_raw(frame);
    }

    bool send_raw(std::string_view bytes) { return http_.send(bytes); }

    raw_frame receive()
    {
        raw_frame frame;
        const std::string head = read(2);
        if (head.size() < 2)
            return frame;
        std::uint64_t size = static_cast<unsigned char>(head[1]) & 0x7FU;
        if (size >= 126) {
            const std::string more = read(size == 126 ? 2 : 8);
            size = 0;
            for (const char c : more)
                size = size << 8 | static_cast<unsigned char>(c);
        }
        frame.text = read(size);
        if (frame.text.size() < size)
            return frame;
        frame.opcode = static_cast<unsigned char>(head[0]) & 0x0F;
        if (frame.opcode == 8 && size >= 2) {
            const auto high = static_cast<unsigned char>(frame.text[0]);
            const auto low = static_cast<unsigned char>(frame.text[1]);
            frame.close_code = static_cast<std::uint16_t>(high << 8 | low);
        }
        return frame;
    }

    // Reads until a close frame, answers it, keeps its code.
    void answer_close_in_background()
    {
        background_ = std::async(std::launch::async, [this] {
            for (;;) {
                const raw_frame frame = receive();
                if (frame.opcode == 8)
                    send_frame(0x8, frame.text);
                if (frame.opcode == 8 || frame.opcode == raw_frame::lost)
                    return frame.close_code;
            }
        });
    }
    std::uint16_t background_close_code() { return background_.get(); }

    raw_client& http() { return http_; }

private:
    std::string read(std::uint64_t size)
    {
        std::string bytes(size, '\0');
        boost::system::error_code ec;
        const std::size_t got = boost::asio::read(http_.socket(), boost::asio::buffer(bytes), ec);
        bytes.resize(got);
        return bytes;
    }

    raw_client http_;
    int status_ = 0;
    std::string head_;
    std::future<std::uint16_t> background_;
};

}  // namespace reprise::test
