#include "reprise/store/incident_likeness.hpp"

#include "query.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cctype>

namespace reprise::store {
namespace {

constexpr std::size_t word_bytes_min = 3;
constexpr std::size_t word_bytes_max = 64;

constexpr std::string_view insert_sql =
    "INSERT INTO incident_texts (incident_id, service, error_type, description_key, likeness_text)"
    " VALUES (:incident_id, :service, :error_type, :description_key, :likeness_text)"
    " ON CONFLICT (incident_id, error_type, description_key) DO NOTHING RETURNING number";
constexpr std::string_view insert_words_sql =
    "INSERT INTO incident_words (rowid, service_word, words) VALUES (:number, :service_word, :words)";
constexpr std::string_view prune_sql = "DELETE FROM incident_texts WHERE number <= :before";
constexpr std::string_view prune_words_sql = "DELETE FROM incident_words WHERE rowid <= :before";

constexpr std::string_view equal_sql =
    "SELECT incident_id FROM incident_texts WHERE service = :service AND error_type = :error_type"
    " AND description_key = :description_key ORDER BY number DESC LIMIT :limit";

constexpr std::string_view similar_sql =
    "SELECT t.incident_id, t.service, t.error_type, t.description_key, t.likeness_text"
    " FROM (SELECT rowid AS number, rank AS score FROM incident_words WHERE incident_words MATCH :words"
    " ORDER BY rank, rowid DESC LIMIT :limit) AS w JOIN incident_texts t ON t.number = w.number"
    " ORDER BY w.score, t.number DESC";

constexpr std::string_view resolved_from_sql =
    "SELECT from_state FROM incident_events WHERE incident_id = :incident_id AND to_state = 'resolved'"
    " ORDER BY sequence DESC LIMIT 1";

constexpr std::string_view count_hints_sql =
    "SELECT COUNT(*) FROM incident_hints WHERE incident_id = :incident_id";
constexpr std::string_view add_hint_sql =
    "INSERT INTO incident_hints (incident_id, kind, other_id, score, text, at_ns)"
    " VALUES (:incident_id, :kind, :other_id, :score, :text, :at_ns) ON CONFLICT DO NOTHING";
constexpr std::string_view hints_sql =
    "SELECT incident_id, kind, other_id, score, text, at_ns FROM incident_hints WHERE incident_id = :incident_id"
    " ORDER BY kind, other_id DESC LIMIT :limit";

constexpr std::string_view wait_sql =
    "INSERT INTO waiting_incidents (incident_id, due_ns) VALUES (:incident_id, :due_ns)"
    " ON CONFLICT (incident_id) DO UPDATE SET due_ns = excluded.due_ns";
constexpr std::string_view end_waiting_sql = "DELETE FROM waiting_incidents WHERE incident_id = :incident_id";
constexpr std::string_view due_sql =
    "SELECT incident_id FROM waiting_incidents WHERE due_ns <= :now_ns ORDER BY due_ns LIMIT :limit";

struct text_row {
    using value_type = incident_text;
    static auto columns(auto& row)
    {
        return std::tie(row.incident_id, row.service, row.error_type, row.description_key, row.likeness_text);
    }
};

struct hint_row {
    using value_type = incident_hint;
    static auto columns(auto& row)
    {
        return std::tie(row.incident_id, row.kind, row.other_id, row.score, row.text, row.at_ns);
    }
};

// The name of a service may hold anything; its hash is one plain word.
std::string service_word(std::string_view service)
{
    return "s" + sha256_hex(service).substr(0, 24);
}

bool is_word_byte(char one)
{
    return std::isalnum(static_cast<unsigned char>(one)) != 0 || static_cast<unsigned char>(one) >= 0x80;
}

// Lower case, each once, in the order they come.
std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = at;
        while (at < text.size() && is_word_byte(text[at]))
            ++at;
        if (at - begin >= word_bytes_min && at - begin <= word_bytes_max) {
            std::string word(text.substr(begin, at - begin));
            std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) {
                return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
            });
            if (std::find(words.begin(), words.end(), word) == words.end())
                words.push_back(std::move(word));
        }
        at = std::max(at, begin + 1);
    }
    return words;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

// FTS5 syntax; words hold no quotes.
std::string search_of(std::string_view service, const std::vector<std::string>& words)
{
    std::string text = "service_word : \"" + service_word(service) + "\" AND words : (";
    for (std::size_t i = 0; i < std::min(words.size(), likeness_words_max); ++i)
        text += (i > 0 ? " OR \"" : "\"") + words[i] + "\"";
    return text + ")";
}

result<std::vector<std::string>> list_ids(
    const reader& from, std::string_view sql, const auto&... arguments
)
{
    std::vector<std::string> ids;
    std::string id;
    const auto done = for_each_row(from, sql, std::tie(id), [&] { ids.push_back(id); }, arguments...);
    if (!done)
        return done.error();
    return ids;
}

}  // namespace

result<void> add_incident_text(transaction& tx, const incident_text& text)
{
    std::int64_t number = 0;
    const auto added = find_into(tx, insert_sql, std::tie(number), text_row::columns(text));
    if (!added)
        return added.error();
    if (!*added)
        return {};
    const std::string words = joined(words_of(text.likeness_text));
    if (auto done = execute(tx, insert_words_sql, number, service_word(text.service), words); !done)
        return done.error();
    const std::int64_t before = number - incident_texts_kept_max;
    if (auto done = execute(tx, prune_words_sql, before); !done)
        return done.error();
    return without_count(execute(tx, prune_sql, before));
}

result<std::vector<std::string>> find_equal_incidents(
    const reader& from, std::string_view service, std::string_view error_type, std::string_view description_key
)
{
    if (description_key.empty())
        return std::vector<std::string>();
    return list_ids(from, equal_sql, service, error_type, description_key, capped(likeness_candidates_max, 100));
}

result<std::vector<incident_text>> find_similar_texts(
    const reader& from, std::string_view service, std::string_view likeness_text
)
{
    const std::vector<std::string> words = words_of(likeness_text);
    if (words.empty())
        return std::vector<incident_text>();
    return list_all<text_row>(from, similar_sql, search_of(service, words), capped(likeness_candidates_max, 100));
}

result<bool> was_resolved_by_merge(const reader& from, std::string_view incident_id)
{
    std::string before;
    const auto found = find_into(from, resolved_from_sql, std::tie(before), incident_id);
    if (!found)
        return no_answer(found.error());
    return before == "submitted/merged" || before == "submitted/deploying" || before == "submitted/verifying";
}

result<void> add_incident_hint(transaction& tx, const incident_hint& hint)
{
    const auto count = find_value<std::uint64_t>(tx, count_hints_sql, hint.incident_id);
    if (!count)
        return count.error();
    if (*count >= incident_hints_max)
        return {};
    return without_count(execute(tx, add_hint_sql, hint_row::columns(hint)));
}

result<std::vector<incident_hint>> list_incident_hints(const reader& from, std::string_view incident_id)
{
    return list_all<hint_row>(from, hints_sql, incident_id, capped(incident_hints_max, incident_hints_max));
}

result<void> wait_for_evidence(transaction& tx, std::string_view incident_id, std::int64_t due_ns)
{
    return without_count(execute(tx, wait_sql, incident_id, due_ns));
}

result<void> end_waiting(transaction& tx, std::string_view incident_id)
{
    return without_count(execute(tx, end_waiting_sql, incident_id));
}

result<std::vector<std::string>> list_waiting_due(const reader& from, std::int64_t now_ns, std::size_t limit)
{
    return list_ids(from, due_sql, now_ns, capped(limit, 1000));
}

}  // namespace reprise::store
