#include "sns_verify.hpp"

#include "hook_json.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace asio = boost::asio;

namespace reprise::ingest {
namespace {

constexpr std::int64_t certificate_kept_ns_max = 24 * 3600 * ns_per_s;
constexpr std::int64_t minute_ns = 60 * ns_per_s;

hook_refusal refuse(std::string_view reason, std::string detail, int status = 401)
{
    return {status, reason, std::move(detail)};
}

bool is_listed(const std::vector<std::string>& list, const std::string& one)
{
    return std::find(list.begin(), list.end(), one) != list.end();
}

std::array<std::string, 3> names_of(const sns_topic& topic)
{
    const std::string suffix = topic.partition == "aws-cn" ? ".amazonaws.com.cn" : ".amazonaws.com";
    return {sns_host(topic), "sns" + suffix, "sns.amazonaws.com"};
}

bool is_fresh(const sns_message& message, std::int64_t now_ns)
{
    const std::int64_t signed_ns = time_of(message.timestamp);
    return signed_ns >= now_ns - sns_message_age_ns_max && signed_ns <= now_ns + sns_message_age_ns_max;
}

// Everything that is known without asking anybody.
std::optional<hook_refusal> refuse_unasked(
    const sns_settings& settings, const sns_message& message, std::int64_t now_ns
)
{
    if (!is_listed(settings.topics, message.topic_arn) || !find_sns_topic(message.topic_arn))
        return refuse("topic", "Messages of this topic are not taken; intake.hooks.sns.topics names those that are.");
    if (!is_fresh(message, now_ns))
        return refuse("stale", "The message's Timestamp is more than an hour from the server's clock.");
    if (message.signature_version == "1" && !settings.takes_sha1)
        return refuse(
            "sha1",
            "The topic signs with SignatureVersion 1 (SHA-1). Set its attribute SignatureVersion to 2, or "
            "intake.hooks.sns.sha1 to allow."
        );
    if (message.signature_version != "1" && message.signature_version != "2")
        return refuse("malformed", "SignatureVersion is 1 or 2.", 400);
    return std::nullopt;
}

}  // namespace

sns_certificates::sns_certificates(
    sns_port& port, std::shared_ptr<net::certificate_trust> trust, metrics& numbers
)
    : port_(port), trust_(std::move(trust)),
      fetches_(numbers.add_counter("reprise_sns_certificate_fetches_total", "Certificates asked of SNS.")),
      refused_fetches_(numbers.add_counter(
          "reprise_sns_certificate_fetches_refused_total", "Certificates not asked for: too many a minute or at once."
      ))
{
}

std::optional<net::signing_certificate> sns_certificates::find_kept(const std::string& url, std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    const auto at = std::find_if(kept_.begin(), kept_.end(), [&url](const entry& one) { return one.url == url; });
    if (at == kept_.end())
        return std::nullopt;
    if (now_ns >= at->certificate.ends_ns() || now_ns >= at->fetched_ns + certificate_kept_ns_max) {
        kept_.erase(at);
        return std::nullopt;
    }
    kept_.splice(kept_.begin(), kept_, at);
    return kept_.front().certificate;
}

void sns_certificates::keep(std::string url, net::signing_certificate certificate, std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    std::erase_if(kept_, [&url](const entry& one) { return one.url == url; });
    kept_.push_front({std::move(url), std::move(certificate), now_ns});
    if (kept_.size() > sns_certificates_max)
        kept_.pop_back();
}

bool sns_certificates::may_fetch(std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    if (now_ns < minute_ns_ || now_ns >= minute_ns_ + minute_ns) {
        minute_ns_ = now_ns;
        fetched_in_minute_ = 0;
    }
    if (fetched_in_minute_ == sns_fetches_max || fetching_ == sns_fetches_at_once_max)
        return false;
    ++fetched_in_minute_;
    ++fetching_;
    return true;
}

void sns_certificates::end_fetch()
{
    const std::lock_guard lock(mutex_);
    --fetching_;
}

asio::awaitable<result<net::signing_certificate>> sns_certificates::find(
    const net::url& from, const sns_topic& topic, std::int64_t now_ns
)
{
    std::string url = from.origin() + from.target;
    if (auto kept = find_kept(url, now_ns))
        co_return std::move(*kept);
    if (!trust_ || !may_fetch(now_ns)) {
        refused_fetches_.add();
        co_return reprise::errc::unavailable;
    }
    struct fetch_end {
        explicit fetch_end(sns_certificates& all_) : all(all_) {}
        ~fetch_end() { all.end_fetch(); }
        fetch_end(const fetch_end&) = delete;
        fetch_end& operator=(const fetch_end&) = delete;
        sns_certificates& all;
    };
    const fetch_end counted(*this);
    fetches_.add();
    const auto pem = co_await port_.fetch(from);
    if (!pem)
        co_return pem.error();
    const auto names = names_of(topic);
    auto opened = net::signing_certificate::open(*pem, *trust_, names, now_ns);
    if (!opened)
        co_return opened.error();
    keep(std::move(url), *opened, now_ns);
    co_return std::move(*opened);
}

asio::awaitable<std::optional<hook_refusal>> sns_verifier::verify(const sns_message& message, std::int64_t now_ns)
{
    if (auto refused = refuse_unasked(settings_, message, now_ns))
        co_return refused;
    const auto topic = find_sns_topic(message.topic_arn);
    const auto url = find_certificate_url(message.signing_cert_url, *topic);
    if (!url)
        co_return refuse("certificate_url", "SigningCertURL is no certificate of the topic's SNS.");
    const std::string signature = from_base64(message.signature);
    if (signature.empty())
        co_return refuse("malformed", "Signature is no base64.", 400);
    const auto certificate = co_await certificates_.find(*url, *topic, now_ns);
    if (!certificate) {
        const std::string why = certificate.error().message();
        log_warn("hooks.sns", "no usable certificate at " + message.signing_cert_url + ": " + why);
        co_return refuse("certificate", "The certificate of SNS cannot be had or trusted: " + why + ".", 503);
    }
    const auto digest =
        message.signature_version == "1" ? net::signing_digest::sha1 : net::signing_digest::sha256;
    if (!certificate->made(signature, sns_signed_text(message), digest))
        co_return refuse("mismatch", "The message is not what SNS signed.");
    co_return std::nullopt;
}

}  // namespace reprise::ingest
