#pragma once

#include "reprise/archive/s3_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <future>
#include <istream>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// A server that answers what the test wrote down, one connection after the other.
namespace reprise::archive::test {

struct seen_request {
    std::string line;  // "PUT /bucket/key HTTP/1.1".
    std::string head;  // All of it.
    std::string body;
};

inline std::string answer_of(int status, const std::string& body, const std::string& headers = "")
{
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nConnection: close\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string error_of(int status, const std::string& code, const std::string& more = "")
{
    return answer_of(
        status, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>because of " +
                    code + "</Message>" + more + "</Error>"
    );
}

constexpr const char* hang_up = "";  // Instead of an answer.

class scripted_s3 {
public:
    // With `stalls`, the last answer's connection stays open until the end, as if more were to come.
    explicit scripted_s3(std::vector<std::string> answers, bool stalls = false)
        : acceptor_(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)), stalls_(stalls)
    {
        port_ = acceptor_.local_endpoint().port();
        thread_ = std::thread([this, answers = std::move(answers)] { serve(answers); });
    }
    ~scripted_s3()
    {
        over_.set_value();
        // Wakes the accept() of answers that nobody asked for.
        boost::system::error_code ec;
        tcp::socket(context_).connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_), ec);
        stopping_ = true;
        tcp::socket(context_).connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_), ec);
        thread_.join();
    }
    scripted_s3(const scripted_s3&) = delete;
    scripted_s3& operator=(const scripted_s3&) = delete;

    std::vector<seen_request> seen()
    {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    s3_config config() const
    {
        s3_config made;
        made.endpoint = net::parse_url("http://127.0.0.1:" + std::to_string(port_)).value();
        made.bucket = "bucket";
        made.prefix = "reprise/";
        made.keys = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
        made.limits.delay_first = std::chrono::milliseconds(1);
        made.limits.delay_max = std::chrono::milliseconds(2);
        made.limits.attempts_max = 4;
        return made;
    }

private:
    using tcp = boost::asio::ip::tcp;

    void serve(const std::vector<std::string>& answers)
    {
        for (std::size_t i = 0; i < answers.size(); ++i) {
            tcp::socket socket(context_);
            boost::system::error_code ec;
            acceptor_.accept(socket, ec);
            if (ec || stopping_ || !read_request(socket))
                return;
            boost::asio::write(socket, boost::asio::buffer(answers[i]), ec);
            if (stalls_ && i + 1 == answers.size())
                over_.get_future().wait();
        }
    }

    bool read_request(tcp::socket& socket)
    {
        boost::asio::streambuf in;
        boost::system::error_code ec;
        const std::size_t size = boost::asio::read_until(socket, in, "\r\n\r\n", ec);
        if (ec)
            return false;
        seen_request one;
        one.head.resize(size);
        std::istream(&in).read(one.head.data(), static_cast<std::streamsize>(size));
        one.line = one.head.substr(0, one.head.find("\r\n"));
        const auto at = one.head.find("Content-Length: ");
        const std::size_t length = at == std::string::npos ? 0 : std::stoul(one.head.substr(at + 16));
        if (length > in.size())
            boost::asio::read(socket, in, boost::asio::transfer_exactly(length - in.size()), ec);
        one.body.resize(length);
        std::istream(&in).read(one.body.data(), static_cast<std::streamsize>(length));
        const std::lock_guard lock(mutex_);
        seen_.push_back(std::move(one));
        return true;
    }

    boost::asio::io_context context_;
    tcp::acceptor acceptor_;
    bool stalls_;
    std::uint16_t port_ = 0;
    std::promise<void> over_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::vector<seen_request> seen_;
    std::thread thread_;
};

}  // namespace reprise::archive::test
