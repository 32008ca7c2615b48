#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace reprise::test {

struct raw_answer {
    int status = 0;  // 0: the connection ended without an answer.
    std::map<std::string, std::string> headers;  // Names in lower case.
    std::string body;

    std::string header(const std::string& name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

// A socket that sends exactly the bytes it is told to; blocking, ten seconds at most.
class raw_client {
public:
    explicit raw_client(std::uint16_t port) : socket_(context_)
    {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
        const timeval limit{10, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }

    // False when the other side has hung up.
    bool send(std::string_view bytes)
    {
        boost::system::error_code ec;
        boost::asio::write(socket_, boost::asio::buffer(bytes), ec);
        return !ec;
    }

    // One answer with Content-Length; `head` for the answer to a HEAD request.
    raw_answer receive(bool head = false)
    {
        raw_answer answer;
        std::size_t end = 0;
        while ((end = text_.find("\r\n\r\n")) == std::string::npos) {
            if (!more())
                return answer;
        }
        parse(text_.substr(0, end), answer);
        text_.erase(0, end + 4);
        const std::string length = answer.header("content-length");
        const std::size_t wanted = head || length.empty() ? 0 : std::strtoull(length.c_str(), nullptr, 10);
        while (text_.size() < wanted && more()) {
        }
        answer.body = text_.substr(0, wanted);
        text_.erase(0, std::min(wanted, text_.size()));
        return answer;
    }

    // True when nothing more comes and the connection ends.
    bool at_end()
    {
        if (!text_.empty())
            return false;
        return !more();
    }

    boost::asio::ip::tcp::socket& socket() { return socket_; }

private:
    bool more()
    {
        char part[16384];
        boost::system::error_code ec;
        const std::size_t size = socket_.read_some(boost::asio::buffer(part), ec);
        text_.append(part, size);
        return !ec;
    }

    static void parse(std::string_view head, raw_answer& answer)
    {
        answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
        std::size_t begin = head.find("\r\n");
        while (begin != std::string_view::npos) {
            const std::size_t end = head.find("\r\n", begin + 2);
            const std::string_view line = head.substr(begin + 2, end == std::string_view::npos ? end : end - begin - 2);
            const std::size_t colon = line.find(": ");
            std::string name(line.substr(0, colon));
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            if (colon != std::string_view::npos)
                answer.headers[name] = std::string(line.substr(colon + 2));
            begin = end;
        }
    }

    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_;
    std::string text_;
};

}  // namespace reprise::test
