#pragma once

#include "reprise/model/incident.hpp"
#include "reprise/store/transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What incidents that alarms opened said, for finding those that a new alarm may be about. An index: it finds
// candidates and knows nothing of their status. Whoever asks reads the incident itself in the same transaction.
namespace reprise::store {

// The newest entries; with twice as many the words of a search would take over 10 ms of the store's thread.
constexpr std::int64_t incident_texts_kept_max = 5'000;
constexpr std::size_t likeness_candidates_max = 20;
constexpr std::size_t likeness_words_max = 24;  // Of an alarm that are searched for.

struct incident_text {
    std::string incident_id;
    std::string service;
    std::string error_type;
    std::string description_key;  // Empty: never equal to another.
    std::string likeness_text;
};

// Adding the same key of an incident again changes nothing.
result<void> add_incident_text(transaction& tx, const incident_text& text);

// Incidents that once said exactly this, newest first, at most likeness_candidates_max.
result<std::vector<std::string>> find_equal_incidents(
    const reader& from, std::string_view service, std::string_view error_type, std::string_view description_key
);

// Entries of the service that share rare words with the text, the best first. Deterministic.
result<std::vector<incident_text>> find_similar_texts(
    const reader& from, std::string_view service, std::string_view likeness_text
);

// Whether the incident was last resolved from where only a merged change gets: submitted/merged, deploying or
// verifying.
result<bool> was_resolved_by_merge(const reader& from, std::string_view incident_id);

// What was like an incident when it was opened.
struct incident_hint {
    std::string incident_id;
    std::string kind;      // "regression", "similar"
    std::string other_id;
    double score = 0;      // 1 for a regression: the keys are equal.
    std::string text;      // One sentence.
    std::int64_t at_ns = 0;
};

constexpr std::size_t incident_hints_max = 5;  // Per incident.

result<void> add_incident_hint(transaction& tx, const incident_hint& hint);
result<std::vector<incident_hint>> list_incident_hints(const reader& from, std::string_view incident_id);

// Until when an incident waits for captured traffic; asking again moves it.
result<void> wait_for_evidence(transaction& tx, std::string_view incident_id, std::int64_t due_ns);
result<void> end_waiting(transaction& tx, std::string_view incident_id);
result<std::vector<std::string>> list_waiting_due(const reader& from, std::int64_t now_ns, std::size_t limit);

}  // namespace reprise::store
