#pragma once

#include "hook_verify.hpp"
#include "sns_message.hpp"

#include "reprise/ingest/hooks.hpp"

#include <boost/asio/awaitable.hpp>

#include <list>
#include <mutex>
#include <optional>
#include <string>

namespace reprise::ingest {

// The certificates that SNS signs with, fetched once each and kept while they are good, at most
// sns_certificates_max. Any thread.
class sns_certificates {
public:
    sns_certificates(sns_port& port, std::shared_ptr<net::certificate_trust> trust, metrics& numbers);

    // Errors: reprise::errc::unavailable beyond the limits of fetching; those of the port and of
    // net::signing_certificate::open().
    boost::asio::awaitable<result<net::signing_certificate>> find(
        const net::url& from, const sns_topic& topic, std::int64_t now_ns
    );

private:
    struct entry {
        std::string url;
        net::signing_certificate certificate;
        std::int64_t fetched_ns = 0;
    };

    std::optional<net::signing_certificate> find_kept(const std::string& url, std::int64_t now_ns);
    void keep(std::string url, net::signing_certificate certificate, std::int64_t now_ns);
    bool may_fetch(std::int64_t now_ns);
    void end_fetch();

    sns_port& port_;
    const std::shared_ptr<net::certificate_trust> trust_;
    counter& fetches_;
    counter& refused_fetches_;
    std::mutex mutex_;
    std::list<entry> kept_;  // The last used first.
    std::int64_t minute_ns_ = 0;
    std::size_t fetched_in_minute_ = 0;
    std::size_t fetching_ = 0;
};

// Whether a message may be believed: its topic is ours, it is fresh, and SNS signed it. In this order, so that
// nothing is fetched for a topic that is not ours.
class sns_verifier {
public:
    sns_verifier(const sns_settings& settings, sns_certificates& certificates)
        : settings_(settings), certificates_(certificates)
    {
    }

    // Nothing: it is good. A certificate that cannot be had is trouble of ours: 503.
    boost::asio::awaitable<std::optional<hook_refusal>> verify(const sns_message& message, std::int64_t now_ns);

private:
    const sns_settings& settings_;
    sns_certificates& certificates_;
};

}  // namespace reprise::ingest
