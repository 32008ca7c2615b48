#include "idempotency.hpp"

#include <iterator>
#include <utility>

namespace reprise::http {

std::string idempotency_store::join(std::string_view scope, std::string_view key)
{
    std::string name(scope);
    name += '\n';
    name += key;
    return name;
}

void idempotency_store::erase(position at)
{
    bytes_ -= at->bytes;
    by_name_.erase(at->name);
    entries_.erase(at);
}

// The oldest answers go first; what is in progress stays, its number is bounded by the sessions.
void idempotency_store::make_room(std::int64_t now_ns)
{
    for (auto it = entries_.begin(); it != entries_.end();) {
        const bool old = it->at_ns + kept_ns < now_ns;
        const bool full = entries_.size() >= entries_max || bytes_ > bytes_max;
        if (!old && !full)
            return;
        const auto next = std::next(it);
        if (it->answer)
            erase(it);
        it = next;
    }
}

idempotency_store::claim idempotency_store::begin(
    std::string_view scope, std::string_view key, std::string_view body_hash, std::int64_t now_ns
)
{
    const std::lock_guard lock(mutex_);
    make_room(now_ns);
    const std::string name = join(scope, key);
    const auto known = by_name_.find(name);
    if (known == by_name_.end()) {
        entry fresh;
        fresh.name = name;
        fresh.body_hash = body_hash;
        fresh.at_ns = now_ns;
        fresh.bytes = name.size();
        bytes_ += fresh.bytes;
        entries_.push_back(std::move(fresh));
        by_name_[name] = std::prev(entries_.end());
        return {claim_kind::first, std::nullopt};
    }
    if (known->second->body_hash != body_hash)
        return {claim_kind::other_body, std::nullopt};
    if (!known->second->answer)
        return {claim_kind::in_progress, std::nullopt};
    return {claim_kind::repeated, known->second->answer};
}

void idempotency_store::finish(std::string_view scope, std::string_view key, const net::response& answer)
{
    const std::lock_guard lock(mutex_);
    const auto known = by_name_.find(join(scope, key));
    if (known == by_name_.end())
        return;
    entry& done = *known->second;
    done.answer = answer;
    const std::size_t size = net::view(answer.body).size();
    done.bytes += size;
    bytes_ += size;
}

void idempotency_store::forget(std::string_view scope, std::string_view key)
{
    const std::lock_guard lock(mutex_);
    const auto known = by_name_.find(join(scope, key));
    if (known != by_name_.end())
        erase(known->second);
}

void idempotency_store::prune(std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    make_room(now_ns);
}

std::size_t idempotency_store::size() const
{
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace reprise::http
