// The mock under load, its arrival log on: requests per processor second of the mock's side (all its threads, user and
// kernel), how late arrivals are stamped, and allocations per request. The driver is one thread of its own: its
// processor time is taken off.

#include "figure.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/replay/mock_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

std::atomic<std::uint64_t> allocations{0};
thread_local bool is_driver = false;

}  // namespace

void* operator new(std::size_t bytes)
{
    if (!is_driver)
        allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* const memory = std::malloc(bytes))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace {

using namespace reprise;

constexpr std::size_t connections = 64;
constexpr std::size_t requests = 200'000;
constexpr int rounds = 5;
constexpr std::size_t recordings = 500;

std::int64_t thread_cpu_ns()
{
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return used.tv_sec * ns_per_s + used.tv_nsec;
}

std::int64_t steady_now_ns()
{
    return system_clock().steady_ns();
}

std::vector<model::exchange> make_calls()
{
    std::vector<model::exchange> calls;
    for (std::size_t i = 0; i < recordings; ++i) {
        model::exchange one;
        one.operation.protocol = "http";
        one.direction = model::direction::out;
        one.host = "api.test";
        one.method = i % 2 == 0 ? "GET" : "POST";
        one.path = "/v1/messages/" + std::to_string(i) + "?format=full";
        one.status = i % 7 == 0 ? 429 : 200;
        one.start_ns = static_cast<std::int64_t>(i) * ns_per_ms;
        one.request_headers = {{"content-type", "application/json"}};
        one.request_body = i % 2 == 0 ? "" : R"({"ids":[1,2,3],"label":"inbox","dry":false})";
        one.response_headers = {{"content-type", "application/json"}, {"etag", "\"abcdef\""}};
        one.response_body = R"({"id":")" + std::string(800, 'x') + "\"}";
        one.complete = true;
        calls.push_back(std::move(one));
    }
    return calls;
}

// What a client library sends. The trace id carries the request's number.
std::string make_request(const model::exchange& call)
{
    std::string text = call.method + ' ' + call.path + " HTTP/1.1\r\nHost: api.test\r\nUser-Agent: bench/1.0\r\n"
                       "Accept: application/json\r\nAccept-Encoding: gzip, deflate\r\n"
                       "Content-Type: application/json\r\n"
                       "traceparent: 00-0000000000000001NNNNNNNNNNNNNNNN-00f067aa0ba902b7-01\r\n";
    if (!call.request_body.empty())
        text += "Content-Length: " + std::to_string(call.request_body.size()) + "\r\n";
    return text + "\r\n" + call.request_body;
}

void put_number(std::string& request, std::uint64_t number)
{
    static constexpr char digits[] = "0123456789abcdef";
    char* at = request.data() + request.find("-0000000000000001") + 17;
    for (int i = 15; i >= 0; --i, number >>= 4)
        at[i] = digits[number & 15];
}

struct connection {
    int socket = -1;
    std::string received;
};

// Sends on many connections, one request under way on each, and takes the answers.
class driver {
public:
    explicit driver(std::uint16_t port) : epoll_(::epoll_create1(0)), open_(connections)
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (std::size_t i = 0; i < open_.size(); ++i) {
            open_[i].socket = ::socket(AF_INET, SOCK_STREAM, 0);
            const int on = 1;
            ::setsockopt(open_[i].socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (::connect(open_[i].socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
                throw std::runtime_error("cannot connect to the mock");
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = i;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, open_[i].socket, &event);
        }
        for (const model::exchange& call : make_calls())
            texts_.push_back(make_request(call));
    }
    ~driver()
    {
        for (const connection& one : open_)
            ::close(one.socket);
        ::close(epoll_);
    }
    driver(const driver&) = delete;
    driver& operator=(const driver&) = delete;

    // `count` requests; when each was sent stands in sent_ns by its number.
    void run(std::size_t count)
    {
        const std::size_t end = sent_ns.size() + count;
        std::size_t answered = sent_ns.size();
        for (std::size_t i = 0; i < open_.size() && sent_ns.size() < end; ++i)
            send(open_[i]);
        std::array<epoll_event, connections> events{};
        while (answered < end) {
            const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10'000);
            if (ready <= 0)
                throw std::runtime_error("the mock does not answer");
            for (int i = 0; i < ready; ++i) {
                connection& one = open_[events[static_cast<std::size_t>(i)].data.u64];
                if (!receive(one))
                    continue;
                ++answered;
                if (sent_ns.size() < end)
                    send(one);
            }
        }
    }

    std::vector<std::int64_t> sent_ns;

private:
    void send(const connection& by)
    {
        std::string& text = texts_[sent_ns.size() % texts_.size()];
        put_number(text, sent_ns.size());
        sent_ns.push_back(steady_now_ns());
        if (::send(by.socket, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
            throw std::runtime_error("a request did not go out whole");
    }

    // True when the answer is whole. Its body ends with a brace that stands nowhere else.
    static bool receive(connection& by)
    {
        std::array<char, 4096> part;
        const ssize_t size = ::recv(by.socket, part.data(), part.size(), 0);
        if (size <= 0)
            throw std::runtime_error("the mock hung up");
        by.received.append(part.data(), static_cast<std::size_t>(size));
        if (!by.received.ends_with("\"}"))
            return false;
        if (by.received.find("x-reprise-mock: hit") == std::string::npos)
            throw std::runtime_error("an answer that is no hit");
        by.received.clear();
        return true;
    }

    int epoll_;
    std::vector<connection> open_;
    std::vector<std::string> texts_;
};

struct measured {
    std::vector<double> per_cpu_s;
    std::vector<double> per_s;
    double allocations_each = 0;
};

measured drive(driver& load)
{
    measured made;
    load.run(requests / 10);
    for (int round = 0; round < rounds; ++round) {
        const std::uint64_t allocated = allocations.load();
        const std::int64_t all_ns = process_cpu_ns();
        const std::int64_t own_ns = thread_cpu_ns();
        const std::int64_t begun_ns = steady_now_ns();
        load.run(requests);
        const double took_s = static_cast<double>(steady_now_ns() - begun_ns) / 1e9;
        const std::int64_t mock_ns = process_cpu_ns() - all_ns - (thread_cpu_ns() - own_ns);
        made.per_cpu_s.push_back(static_cast<double>(requests) / (static_cast<double>(mock_ns) / 1e9));
        made.per_s.push_back(static_cast<double>(requests) / took_s);
        made.allocations_each = static_cast<double>(allocations.load() - allocated) / static_cast<double>(requests);
    }
    return made;
}

// How long after the send each arrival was stamped, in microseconds, sorted.
std::vector<double> list_lateness(const driver& load, const std::vector<replay::arrival>& arrivals)
{
    std::vector<double> late_us;
    for (const replay::arrival& one : arrivals)
        late_us.push_back(static_cast<double>(one.steady_ns - load.sent_ns.at(one.trace.low)) / 1e3);
    std::sort(late_us.begin(), late_us.end());
    return late_us;
}

double quantile(const std::vector<double>& sorted, double share)
{
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

int run()
{
    replay::mock_options options;
    options.repeat = replay::mock_repeat::cycle;
    options.redaction_key = "bench";
    replay::mock_server_config config;
    config.spool_directory = "/tmp";
    boost::asio::io_context context(1);
    const system_clock time;
    metrics numbers;
    auto answers = replay::mock::make(make_calls(), std::move(options)).value();
    replay::mock_server server(context.get_executor(), std::move(config), std::move(answers), time, numbers);
    server.start().value();
    auto work = boost::asio::make_work_guard(context);
    std::thread mock([&context] { context.run(); });

    is_driver = true;
    measured made;
    std::vector<double> late_us;
    {
        driver load(server.port());
        made = drive(load);
        server.stop();
        boost::asio::co_spawn(context, server.drain(std::chrono::seconds(5)), boost::asio::use_future).get();
        const auto arrivals = server.log().list();
        if (arrivals.size() != load.sent_ns.size() || server.log().losses().requests > 0)
            throw std::runtime_error("requests were lost: a figure for lost work is worth nothing");
        late_us = list_lateness(load, arrivals);
    }
    work.reset();
    mock.join();
    using bench::print_figure;
    print_figure("mock_requests_per_s", bench::median(made.per_cpu_s), "1/s", bench::spread(made.per_cpu_s));
    print_figure("mock_requests_wall_per_s", bench::median(made.per_s), "1/s", bench::spread(made.per_s));
    print_figure("mock_stamp_late_p50_us", quantile(late_us, 0.5), "us");
    print_figure("mock_stamp_late_p99_us", quantile(late_us, 0.99), "us");
    print_figure("mock_request_allocations", made.allocations_each, "count");
    return 0;
}

}  // namespace

int main()
{
    try {
        return run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mock_bench: %s\n", error.what());
        return 1;
    }
}
