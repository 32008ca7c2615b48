#pragma once

#include "connection.hpp"
#include "sql_text.hpp"

#include "reprise/store/transaction.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// What the repositories are written with. A row type says once which columns a value has:
//   struct x_row { using value_type = model::x;
//                  static constexpr auto names = sql_text("a, b");
//                  static auto columns(auto& x) { return std::tie(x.a, x.b); } };
namespace reprise::store {

// An error in place of a bool: error_code converts to bool, so result<bool> wants it said.
inline result<bool> no_answer(error_code error)
{
    return {boost::system::in_place_error, error};
}

// A change that is made many times: the statement is looked up once.
class repeated_change {
public:
    repeated_change(const reader& on, std::string_view sql) : prepared_(on.session().prepare(sql)) {}

    template <class... Args>
    result<void> run(const Args&... args)
    {
        if (!prepared_)
            return prepared_.error();
        (*prepared_)->bind(args...);
        const auto done = (*prepared_)->execute();
        if (!done)
            return done.error();
        return {};
    }

private:
    result<statement*> prepared_;
};

// Rows changed.
template <class... Args>
result<std::uint64_t> execute(const reader& on, std::string_view sql, const Args&... args)
{
    const auto prepared = on.session().prepare(sql);
    if (!prepared)
        return prepared.error();
    (*prepared)->bind(args...);
    const auto done = (*prepared)->execute();
    if (!done)
        return done.error();
    return (*prepared)->changed_rows();
}

// Calls take() for each row, after its values stand in `into`.
template <class... Columns, class Take, class... Args>
result<void> for_each_row(
    const reader& on, std::string_view sql, const std::tuple<Columns...>& into, Take take, const Args&... args
)
{
    const auto prepared = on.session().prepare(sql);
    if (!prepared)
        return prepared.error();
    statement& query = **prepared;
    query.bind(args...);
    query.expect(into);
    auto more = query.execute();
    while (more && *more) {
        if (!query.read(into)) {
            query.reset();
            return reprise::errc::corrupt;
        }
        take();
        more = query.fetch();
    }
    if (!more)
        return more.error();
    return {};
}

// The only row, straight into variables; false when there is none.
template <class... Columns, class... Args>
result<bool> find_into(
    const reader& on, std::string_view sql, const std::tuple<Columns...>& into, const Args&... args
)
{
    bool found = false;
    const auto done = for_each_row(on, sql, into, [&found] { found = true; }, args...);
    if (!done)
        return no_answer(done.error());
    return found;
}

template <class Row, class... Args>
result<std::optional<typename Row::value_type>> find_one(const reader& on, std::string_view sql, const Args&... args)
{
    typename Row::value_type value;
    const auto found = find_into(on, sql, Row::columns(value), args...);
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<typename Row::value_type>();
    return std::optional<typename Row::value_type>(std::move(value));
}

template <class Row, class... Args>
result<std::vector<typename Row::value_type>> list_all(const reader& on, std::string_view sql, const Args&... args)
{
    std::vector<typename Row::value_type> list;
    typename Row::value_type value;
    const auto done =
        for_each_row(on, sql, Row::columns(value), [&] { list.push_back(std::exchange(value, {})); }, args...);
    if (!done)
        return done.error();
    return list;
}

// One number; the statement always has a row.
template <class T, class... Args>
result<T> find_value(const reader& on, std::string_view sql, const Args&... args)
{
    T value{};
    const auto found = find_into(on, sql, std::tie(value), args...);
    if (!found)
        return found.error();
    return value;
}

inline result<void> without_count(const result<std::uint64_t>& changed)
{
    if (!changed)
        return changed.error();
    return {};
}

// For compare-and-set: why no row changed. `version_sql` selects the row's version by its key.
inline result<void> stale_or_missing(const reader& on, std::string_view version_sql, std::string_view key)
{
    std::int64_t version = 0;
    const auto found = find_into(on, version_sql, std::tie(version), key);
    if (!found)
        return found.error();
    return *found ? reprise::errc::stale : reprise::errc::not_found;
}

// What it means when no row changed.
inline result<void> changed_or(const result<std::uint64_t>& changed, error_code otherwise)
{
    if (!changed)
        return changed.error();
    if (*changed == 0)
        return otherwise;
    return {};
}

inline std::int64_t capped(std::uint64_t limit, std::uint64_t max) noexcept
{
    return static_cast<std::int64_t>(std::min(limit, max));
}

// WHERE of a list whose conditions depend on the filter. Clauses are constants, values are bound.
class conditions {
public:
    template <class... T>
    void add(std::string_view clause, const T&... values)
    {
        where_ += where_.empty() ? " WHERE " : " AND ";
        where_ += clause;
        (keep(values), ...);
    }

    std::string statement(std::string_view select, std::string_view order) const
    {
        std::string text(select);
        text += where_;
        text += order;
        return text;
    }
    const std::vector<sql_value>& values() const noexcept { return values_; }

private:
    template <class T>
    void keep(const T& value)
    {
        if constexpr (std::convertible_to<T, std::string_view>)
            values_.emplace_back(std::string(std::string_view(value)));
        else
            values_.emplace_back(std::int64_t{value});
    }

    std::string where_;
    std::vector<sql_value> values_;
};

}  // namespace reprise::store
