#include "reprise/store/run_answers.hpp"

#include "query.hpp"

#include "reprise/store/error.hpp"

namespace reprise::store {

template <> struct enum_names<model::answer_arm> { static constexpr auto find = model::find_answer_arm; };

namespace {

constexpr auto answer_names = sql_text("run_id, exchange, arm, evidence_id, bytes, saved_ns, content");

constexpr auto save_sql = "INSERT OR REPLACE INTO run_answers (" + answer_names + ") VALUES (" +
                          placeholders<count_columns(answer_names)>() + ")";
constexpr std::string_view find_sql =
    "SELECT content FROM run_answers WHERE run_id = :run_id AND exchange = :exchange AND arm = :arm";
constexpr std::string_view list_sql =
    "SELECT exchange, arm, content FROM run_answers WHERE run_id = :run_id ORDER BY exchange, arm LIMIT :limit";
constexpr std::string_view count_sql =
    "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM run_answers WHERE run_id = :run_id";
constexpr std::string_view other_evidence_sql =
    "DELETE FROM run_answers WHERE run_id = :run_id AND evidence_id <> :evidence_id";
constexpr std::string_view copy_sql =
    "INSERT OR REPLACE INTO run_answers (run_id, exchange, arm, evidence_id, bytes, saved_ns, content)"
    " SELECT :to_run, exchange, arm, evidence_id, bytes, saved_ns, content FROM run_answers WHERE run_id = :from_run";
constexpr std::string_view delete_sql = "DELETE FROM run_answers WHERE run_id = :run_id";
constexpr std::string_view delete_evidence_sql = "DELETE FROM run_answers WHERE evidence_id = :evidence_id";
constexpr std::string_view sum_sql = "SELECT COUNT(DISTINCT run_id), COALESCE(SUM(bytes), 0) FROM run_answers";
constexpr std::string_view oldest_sql =
    "SELECT run_id, SUM(bytes) FROM run_answers GROUP BY run_id ORDER BY MAX(saved_ns), run_id LIMIT :limit";

struct kept_row {
    std::uint32_t exchange = 0;
    model::answer_arm arm = model::answer_arm::failing;
    std::string content;
};

struct answers_row {
    using value_type = kept_row;
    static auto columns(auto& row) { return std::tie(row.exchange, row.arm, row.content); }
};

struct run_size {
    std::string run_id;
    std::uint64_t bytes = 0;
};

struct run_size_row {
    using value_type = run_size;
    static auto columns(auto& row) { return std::tie(row.run_id, row.bytes); }
};

result<model::exchange_answers> restored(const kept_row& row)
{
    auto answers = model::parse_exchange_answers(row.content);
    if (!answers)
        return reprise::errc::corrupt;
    answers->exchange = row.exchange;
    answers->arm = row.arm;
    return std::move(*answers);
}

void leave_bodies_out(model::exchange_answers& answers)
{
    answers.twin.reset();
    answers.shown.body_left_out = answers.shown.body_left_out || !answers.shown.body.empty();
    answers.shown.body.clear();
}

// What the run takes without this row.
struct run_space {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

result<void> save_one(
    transaction& tx, std::string_view run_id, std::string_view evidence_id, model::exchange_answers answers,
    run_space& space, std::int64_t now_ns
)
{
    const std::string arm(model::to_text(answers.arm));
    std::string known;
    const auto found = find_into(tx, find_sql, std::tie(known), run_id, answers.exchange, arm);
    if (!found)
        return found.error();
    if (*found) {
        auto before = model::parse_exchange_answers(known);
        if (!before)
            return reprise::errc::corrupt;
        space.bytes -= known.size();
        answers = model::merge_answers(std::move(*before), std::move(answers));
    } else if (++space.rows > run_answers_listed_max) {
        return reprise::errc::too_large;
    }
    if (space.bytes + model::weight_of(answers) > run_answers_bytes_max)
        leave_bodies_out(answers);
    const std::string content = model::to_json(answers);
    space.bytes += content.size();
    const auto bytes = static_cast<std::int64_t>(content.size());
    return without_count(execute(tx, save_sql, run_id, answers.exchange, arm, evidence_id, bytes, now_ns, content));
}

}  // namespace

result<void> save_run_answers(
    transaction& tx, std::string_view run_id, std::string_view evidence_id,
    std::span<const model::exchange_answers> answers, std::int64_t now_ns
)
{
    if (answers.empty())
        return {};
    if (auto gone = execute(tx, other_evidence_sql, run_id, evidence_id); !gone)
        return gone.error();
    run_space space;
    const auto counted = find_into(tx, count_sql, std::tie(space.rows, space.bytes), run_id);
    if (!counted)
        return counted.error();
    for (const model::exchange_answers& one : answers) {
        if (auto saved = save_one(tx, run_id, evidence_id, one, space, now_ns); !saved)
            return saved;
    }
    return {};
}

result<std::vector<model::exchange_answers>> list_run_answers(const reader& from, std::string_view run_id)
{
    constexpr auto limit = static_cast<std::int64_t>(run_answers_listed_max);
    const auto rows = list_all<answers_row>(from, list_sql, run_id, limit);
    if (!rows)
        return rows.error();
    std::vector<model::exchange_answers> answers;
    for (const kept_row& row : *rows) {
        auto one = restored(row);
        if (!one)
            return one.error();
        answers.push_back(std::move(*one));
    }
    return answers;
}

result<void> copy_run_answers(transaction& tx, std::string_view from_run, std::string_view to_run)
{
    return without_count(execute(tx, copy_sql, to_run, from_run));
}

result<void> delete_run_answers(transaction& tx, std::string_view run_id)
{
    return without_count(execute(tx, delete_sql, run_id));
}

result<void> delete_evidence_answers(transaction& tx, std::string_view evidence_id)
{
    return without_count(execute(tx, delete_evidence_sql, evidence_id));
}

result<answer_totals> sum_run_answers(const reader& from)
{
    answer_totals totals;
    const auto found = find_into(from, sum_sql, std::tie(totals.runs, totals.bytes));
    if (!found)
        return found.error();
    return totals;
}

result<std::uint64_t> trim_run_answers(transaction& tx, std::uint64_t bytes_max, std::size_t runs_max)
{
    const auto totals = sum_run_answers(tx);
    if (!totals)
        return totals.error();
    if (totals->bytes <= bytes_max)
        return std::uint64_t{0};
    const auto oldest = list_all<run_size_row>(tx, oldest_sql, capped(runs_max, run_answers_listed_max));
    if (!oldest)
        return oldest.error();
    std::uint64_t bytes = totals->bytes;
    std::uint64_t trimmed = 0;
    for (const run_size& run : *oldest) {
        if (bytes <= bytes_max)
            break;
        if (auto gone = delete_run_answers(tx, run.run_id); !gone)
            return gone.error();
        bytes -= run.bytes;
        ++trimmed;
    }
    return trimmed;
}

}  // namespace reprise::store
