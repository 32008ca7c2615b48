#include "hook_box.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/seal.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace asio = boost::asio;

namespace reprise::ingest {
namespace {

// Each key seals one text.
constexpr std::uint64_t only_text = 0;

}  // namespace

hook_box::hook_box(store::database& store, const clock& time, metrics& numbers, std::string sealing_key)
    : store_(store), time_(time), sealing_key_(std::move(sealing_key)),
      waiting_gauge_(numbers.add_gauge("reprise_hooks_waiting", "Webhooks that are kept and not worked on yet."))
{
    assert(sealing_key_.size() == sealing_key_bytes);
    for (std::size_t source = 0; source < hook_source_texts.size(); ++source) {
        for (std::size_t what = 0; what < hook_result_texts.size(); ++what) {
            const std::string labels = "source=\"" + std::string(hook_source_texts[source]) + "\",result=\"" +
                                       std::string(hook_result_texts[what]) + "\"";
            counts_[source][what] =
                &numbers.add_counter("reprise_hooks_total", "Webhooks by what became of the request.", labels);
        }
    }
}

std::string hook_box::key_of(std::string_view id) const
{
    const sha256_digest key = hmac_sha256(sealing_key_, std::string("hook/").append(id));
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string hook_box::seal(std::string_view id, std::string_view source, std::string_view body) const
{
    std::string sealed(body.size() + seal_tag_bytes, '\0');
    sealer(key_of(id)).seal(only_text, source, body, sealed.data());
    return sealed;
}

result<std::string> hook_box::open(const store::kept_hook& kept) const
{
    return sealer(key_of(kept.delivery.id)).open(only_text, kept.delivery.source, kept.body);
}

asio::awaitable<result<store::hook_receipt>> hook_box::keep(
    std::string_view source, const hook_identity& identity, const std::string& body
)
{
    if (waiting() >= hooks_waiting_max)
        co_return reprise::errc::unavailable;
    store::kept_hook made;
    made.delivery.received_ns = time_.now_ns();
    made.delivery.id = make_ulid(made.delivery.received_ns);
    made.delivery.source = source;
    made.delivery.dedup_key = identity.key;
    if (identity.body_is_identity)
        made.delivery.body_key = sha256_hex(body);
    made.delivery.event = identity.event;
    made.body = seal(made.delivery.id, source, body);
    made.delivery.body_bytes = made.body.size();
    auto insert = [&made](store::transaction& tx) { return store::insert_hook(tx, made); };
    const auto kept = co_await store_.write(std::move(insert));
    if (kept && kept->is_new)
        waiting_gauge_.set(waiting_.fetch_add(1) + 1);
    co_return kept;
}

void hook_box::count(hook_source source, hook_result what)
{
    counts_[static_cast<std::size_t>(source)][static_cast<std::size_t>(what)]->add();
}

void hook_box::set_waiting(std::uint64_t count)
{
    waiting_.store(static_cast<std::int64_t>(count));
    waiting_gauge_.set(static_cast<std::int64_t>(count));
}

void hook_box::take_waiting(std::uint64_t count)
{
    waiting_gauge_.set(waiting_.fetch_sub(static_cast<std::int64_t>(count)) - static_cast<std::int64_t>(count));
}

}  // namespace reprise::ingest
