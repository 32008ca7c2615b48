#pragma once

#include "reprise/base/hash.hpp"
#include "reprise/forge/trackers.hpp"
#include "reprise/net/raw_server.hpp"
#include "support/io_threads.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Test parts: servers in the test's process that speak the wire shapes of trackers' APIs, keep what was made in
// memory, and fail as they are told.
namespace reprise::forge::test {

namespace json = boost::json;

enum class fault {
    none,
    reset_before,      // The connection breaks; nothing was done.
    silence_before,    // No answer; nothing was done.
    error_before,      // 500; nothing was done.
    busy,              // 503 with Retry-After; nothing was done.
    limited,           // 429 with Retry-After.
    secondary_limited, // GitHub's 403 for content made too fast.
    reset_after,       // Done, and the connection breaks.
    silence_after,     // Done, and no answer.
    error_after,       // Done, and 500.
    truncated_after,   // Done, and half an answer.
    garbled_after,     // Done, and an answer that is no JSON.
};

inline const std::vector<fault>& all_faults()
{
    static const std::vector<fault> list = {
        fault::reset_before, fault::silence_before, fault::error_before,  fault::busy,
        fault::limited,      fault::secondary_limited, fault::reset_after, fault::silence_after,
        fault::error_after,  fault::truncated_after, fault::garbled_after};
    return list;
}

struct fake_request {
    std::string method;
    std::string path;  // Decoded.
    std::string raw_path;
    std::map<std::string, std::string> query;
    std::string authorization;
    json::value body;

    std::string text(std::string_view name) const
    {
        const json::object* object = body.if_object();
        const json::value* found = object != nullptr ? object->if_contains(name) : nullptr;
        return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
    }
};

struct fake_answer {
    int status = 200;
    json::value body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string raw;  // Instead of the body, when not empty.

    fake_answer() = default;
    fake_answer(int status_, json::value body_) : status(status_), body(std::move(body_)) {}
};

inline fake_answer says(int status, std::string_view message)
{
    return fake_answer(status, json::object{{"message", message}});
}

class fake_api : public net::raw_responder {
public:
    static constexpr bool has_secondary_limits = false;

    // The request with this number, from 0 on, meets the fault.
    void plan(std::size_t number, fault what)
    {
        const std::lock_guard lock(mutex_);
        planned_[number] = what;
    }

    // Requests whose line ("POST /repos/...") contains `part` get this answer instead, `times` times.
    void answer_with(std::string part, fake_answer answer, int times = 1'000)
    {
        const std::lock_guard lock(mutex_);
        scripted_.push_back({std::move(part), std::move(answer), times});
    }

    std::vector<std::string> lines() const
    {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

    std::size_t count_lines(std::string_view start) const
    {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (const std::string& line : lines_)
            count += line.starts_with(start) ? 1U : 0U;
        return count;
    }

    void respond(const net::raw_request& request, net::raw_answer& answer) final
    {
        const std::lock_guard lock(mutex_);
        const fake_request asked = read(request);
        const std::size_t number = lines_.size();
        lines_.push_back(asked.method + " " + std::string(request.target));
        const auto planned = planned_.find(number);
        const fault what = planned == planned_.end() ? fault::none : planned->second;
        fake_answer made;
        if (!fails_before(what, made, answer)) {
            if (answer.fault != net::raw_fault::none)
                return;
            made = handle_or_script(asked, lines_.back());
            fail_after(what, made, answer);
            if (answer.fault == net::raw_fault::reset || answer.fault == net::raw_fault::silence)
                return;
        }
        write(made, answer);
    }

    void finish(const net::raw_request&, const net::raw_answer&, const net::raw_finish&) noexcept final {}

protected:
    virtual fake_answer handle(const fake_request& request) = 0;

    mutable std::mutex mutex_;

private:
    struct script {
        std::string part;
        fake_answer answer;
        int times = 0;
    };

    static std::string decoded(std::string_view text)
    {
        return net::percent_decode(text, false).value();
    }

    static fake_request read(const net::raw_request& request)
    {
        fake_request asked;
        asked.method = std::string(request.method);
        const auto mark = request.target.find('?');
        asked.raw_path = std::string(request.target.substr(0, mark));
        asked.path = decoded(asked.raw_path);
        std::string_view rest = mark == std::string_view::npos ? std::string_view() : request.target.substr(mark + 1);
        while (!rest.empty()) {
            const auto end = rest.find('&');
            const std::string_view pair = rest.substr(0, end);
            const auto equals = pair.find('=');
            asked.query[decoded(pair.substr(0, equals))] =
                equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1));
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        }
        asked.authorization = std::string(request.header("authorization"));
        if (!request.body.empty())
            asked.body = json::parse(request.body);
        return asked;
    }

    // True when `made` is the answer already.
    static bool fails_before(fault what, fake_answer& made, net::raw_answer& answer)
    {
        switch (what) {
        case fault::reset_before: answer.fault = net::raw_fault::reset; return false;
        case fault::silence_before: answer.fault = net::raw_fault::silence; return false;
        case fault::error_before: made = says(500, "Server Error"); return true;
        case fault::busy:
            made = says(503, "Service Unavailable");
            made.headers.emplace_back("Retry-After", "7");
            return true;
        case fault::limited:
            made = says(429, "Too Many Requests");
            made.headers.emplace_back("Retry-After", "17");
            return true;
        case fault::secondary_limited:
            made = says(403, "You have exceeded a secondary rate limit. Please wait a few minutes.");
            return true;
        default: return false;
        }
    }

    static void fail_after(fault what, fake_answer& made, net::raw_answer& answer)
    {
        switch (what) {
        case fault::reset_after: answer.fault = net::raw_fault::reset; return;
        case fault::silence_after: answer.fault = net::raw_fault::silence; return;
        case fault::error_after: made = says(500, "Server Error"); return;
        case fault::truncated_after:
            answer.fault = net::raw_fault::truncate;
            answer.body_bytes_max = 3;
            return;
        case fault::garbled_after: made.raw = "<html>bad gateway</html>"; return;
        default: return;
        }
    }

    fake_answer handle_or_script(const fake_request& asked, const std::string& line)
    {
        for (script& one : scripted_) {
            if (one.times > 0 && line.find(one.part) != std::string::npos) {
                --one.times;
                return one.answer;
            }
        }
        return handle(asked);
    }

    static void write(const fake_answer& made, net::raw_answer& answer)
    {
        const std::string body =
            !made.raw.empty() ? made.raw : made.body.is_null() ? std::string() : json::serialize(made.body);
        answer.status = made.status;
        answer.own = "HTTP/1.1 " + std::to_string(made.status) + " X\r\nContent-Type: application/json\r\n";
        for (const auto& [name, value] : made.headers)
            answer.own += name + ": " + value + "\r\n";
        answer.own += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        answer.head_bytes = answer.own.size();
        answer.own += body;
        answer.wire = answer.own;
    }

    std::vector<std::string> lines_;
    std::map<std::size_t, fault> planned_;
    std::vector<script> scripted_;
};

// One fake on a port of its own, with the threads that clients of it use, too.
template <class Fake>
class served {
public:
    template <class... Args>
    explicit served(Args&&... args) : fake(std::forward<Args>(args)...)
    {
        server_ = std::make_unique<net::raw_server>(io.executor(), net::raw_server_config(), fake, wall_, numbers);
        server_->listen().value();
        server_->start();
    }
    ~served()
    {
        server_->stop();
        io.run(server_->drain(std::chrono::seconds(5)));
        io.join();
    }
    served(const served&) = delete;
    served& operator=(const served&) = delete;

    std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

    api_place place(const std::string& below = "") const
    {
        api_place made;
        made.base = net::parse_url(origin() + below).value();
        made.limits.answer = patience;
        made.limits.body = patience;
        return made;
    }

    std::chrono::milliseconds patience{8'000};  // Of the client; tests of silence need less.
    metrics numbers;
    manual_clock time{1'764'115'200'000'000'000};  // 2025-11-26T00:00:00Z
    reprise::test::io_threads io;
    Fake fake;

private:
    system_clock wall_;
    std::unique_ptr<net::raw_server> server_;
};

inline effect ticket_effect(std::string target)
{
    effect made;
    made.kind = effect_kind::ticket;
    made.key = "01KAYQ29100000000000000000-g1";
    made.target = std::move(target);
    made.title = "GET /users/{id} answers 500 to 12 of 40 calls";
    made.body = "## Symptom\n\nIt fails.\n";
    made.content_hash = sha256_hex("content");
    return made;
}

inline effect pull_effect(std::string target)
{
    effect made = ticket_effect(std::move(target));
    made.kind = effect_kind::pull_request;
    made.key = "01KAYQ29100000000000000000-g1-fix";
    made.head_branch = "reprise/01KAYQ29100000000000000000-g1";
    made.commit_message = "Answer 404 for unknown users\n\nThe lookup was not checked.";
    made.files.push_back({"src/users.ts", "export const a = 2;\n"});
    made.files.push_back({"bin/run", "#!/bin/sh\nexec node\n"});
    made.files.push_back({"tests/users.test.ts", "test\n"});
    made.files.push_back({"src/old.ts", std::nullopt});
    return made;
}

inline effect comment_effect(std::string target, std::string parent)
{
    effect made = ticket_effect(std::move(target));
    made.kind = effect_kind::comment;
    made.key = "01KAYQ29100000000000000000-g1-c1";
    made.parent = std::move(parent);
    made.body = "It came back.\n";
    return made;
}

// Two processes whose leases overlapped.
inline std::pair<effect_result, effect_result> publish_at_once(
    reprise::test::io_threads& io, tracker& one, tracker& other, const effect& wanted
)
{
    namespace asio = boost::asio;
    const auto first_strand = asio::make_strand(io.executor());
    const auto second_strand = asio::make_strand(io.executor());
    auto first = asio::co_spawn(first_strand, one.publish(wanted), asio::use_future);
    auto second = asio::co_spawn(second_strand, other.publish(wanted), asio::use_future);
    return {first.get(), second.get()};
}

constexpr int tries_max = 12;

// What runs do: try until it is published or refused.
inline effect_result publish_until_settled(reprise::test::io_threads& io, tracker& one, const effect& wanted)
{
    effect_result last = effect_failure();
    for (int i = 0; i < tries_max; ++i) {
        last = io.run(one.publish(wanted));
        if (last || last.error().kind == effect_failure::kind::refused)
            return last;
    }
    return last;
}

// Whatever single request fails, in whatever way: it is published in the end, and once. `make` makes the tracker of a
// server, `count` says how much is outside, `fill` puts in what was there before.
template <class Fake, class Make, class Count>
void expect_once_whatever_fails(const effect& wanted, Make make, Count count)
{
    std::size_t requests = 0;
    {
        served<Fake> outside;
        const auto one = make(outside);
        const auto done = publish_until_settled(outside.io, *one, wanted);
        ASSERT_TRUE(done) << done.error().text;
        ASSERT_EQ(count(outside.fake), 1U);
        requests = outside.fake.lines().size();
    }
    for (std::size_t number = 0; number < requests; ++number) {
        for (const fault what : all_faults()) {
            if (what == fault::secondary_limited && !Fake::has_secondary_limits)
                continue;
            served<Fake> outside;
            outside.fake.plan(number, what);
            if (what == fault::silence_before || what == fault::silence_after)
                outside.patience = std::chrono::milliseconds(250);
            const auto one = make(outside);
            const auto done = publish_until_settled(outside.io, *one, wanted);
            const auto again = publish_until_settled(outside.io, *one, wanted);
            ASSERT_TRUE(done) << "request " << number << ", fault " << static_cast<int>(what) << ": "
                              << done.error().text;
            ASSERT_TRUE(again) << again.error().text;
            EXPECT_TRUE(again->adopted);
            EXPECT_TRUE(again->same_content);
            EXPECT_EQ(again->url, done->url);
            EXPECT_EQ(count(outside.fake), 1U) << "request " << number << ", fault " << static_cast<int>(what);
        }
    }
}

}  // namespace reprise::forge::test
