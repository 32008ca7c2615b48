#pragma once

#include "column.hpp"

#include "reprise/base/error.hpp"

#include <soci/soci.h>

#include <cassert>
#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>
#include <tuple>
#include <vector>

namespace reprise::store {

class connection;

// One prepared statement. Its variables are bound once, at the first execution; each execution fills
// them and runs. The types of arguments and columns belong to the text and never change. Errors are
// translated by the connection.
class statement {
public:
    statement(connection& owner, soci::session& session, std::string_view sql);

    // Arguments in the order of the placeholders; tuples and filter values count as their elements.
    template <class... Args>
    void bind(const Args&... args)
    {
        next_ = 0;
        (put(args), ...);
        assert(next_ == arguments_.size());
    }

    // What the rows hold, in the order of the columns: a tuple of references.
    template <class... Columns>
    void expect(const std::tuple<Columns...>&)
    {
        if (!bound_)
            (add_result(column<std::remove_cvref_t<Columns>>::kind), ...);
    }

    result<bool> execute();  // True when there is a row.
    result<bool> fetch();    // The next row.
    result<std::uint64_t> changed_rows();
    void reset() noexcept;   // Gives up what is left of the rows.

    // The current row.
    template <class... Columns>
    bool read(const std::tuple<Columns...>& into)
    {
        take_results();
        std::size_t index = 0;
        const auto one = [&](auto&& value) {
            const cell& from = results_[index++].value;
            using type = std::remove_cvref_t<decltype(value)>;
            return (is_optional_column<type> || !from.null) && column<type>::get(from, value);
        };
        return std::apply([&](auto&&... value) { return (one(value) && ...); }, into);
    }

private:
    struct slot {
        cell value;
        soci::indicator indicator = soci::i_ok;
        std::unique_ptr<soci::blob> bytes;
    };

    template <class T>
    void put(const T& value)
    {
        cell& to = next_argument(column<T>::kind);
        to.null = false;
        column<T>::put(to, value);
    }
    template <class... Members>
    void put(const std::tuple<Members...>& values)
    {
        std::apply([this](const auto&... value) { (this->put(value), ...); }, values);
    }
    void put(const std::vector<sql_value>& values)
    {
        for (const sql_value& value : values)
            std::visit([this](const auto& one) { this->put(one); }, value);
    }

    cell& next_argument(cell_kind kind);
    void add_result(cell_kind kind);
    void give_arguments();
    void take_results();

    connection& owner_;
    soci::session& session_;
    soci::statement statement_;
    std::deque<slot> arguments_;  // SOCI keeps their addresses.
    std::deque<slot> results_;
    std::size_t next_ = 0;
    bool bound_ = false;
};

}  // namespace reprise::store
