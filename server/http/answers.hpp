#pragma once

#include "problems.hpp"

#include "reprise/base/error.hpp"
#include "reprise/net/message.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::http {

// An answer made inside one view of the database.
struct loaded {
    std::string body;
    std::string etag;  // Empty for what has no version.
};

// {"item":..., "as_of_seq":...}; `version` becomes the ETag.
result<loaded> load_item(
    const store::reader& from, boost::json::object item, std::optional<std::int64_t> version = std::nullopt
);
// {"items":[...], "next":..., "as_of_seq":...}; no next on the last page.
result<loaded> load_page(const store::reader& from, boost::json::array items, std::string next = {});

// 200 with the body, or the problem. `what` as in problem_of().
net::response answer(const net::request& req, const result<loaded>& from, std::string_view what);

// Takes the surplus row that tells whether there is a next page; the cursor of the last row that stays.
template <class Rows, class Cursor>
std::string cut_page(Rows& rows, std::size_t limit, Cursor cursor)
{
    if (rows.size() <= limit)
        return {};
    rows.resize(limit);
    return cursor(rows.back());
}

}  // namespace reprise::http
