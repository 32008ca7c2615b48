#pragma once

#include "sql_text.hpp"

#include "reprise/model/person.hpp"

#include <tuple>

namespace reprise::store {

struct person_row {
    using value_type = model::person;

    static constexpr auto names = sql_text("id, name, roles, disabled, created_ns, kind");
    static auto columns(auto& row)
    {
        return std::tie(row.id, row.name, row.roles, row.disabled, row.created_ns, row.kind);
    }
};

}  // namespace reprise::store
