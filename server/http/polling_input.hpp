#pragma once

#include "access.hpp"
#include "inputs.hpp"

#include "reprise/store/polling.hpp"

#include <boost/json/object.hpp>

#include <string_view>

// What of a service's log is wanted, as it is written: in our own words and in sentinel's.
namespace reprise::http {

struct polling_names {
    std::string_view enabled;
    std::string_view classes;
    std::string_view minimum;
};

constexpr polling_names own_names = {"enabled", "error_classes", "min_occurrences"};
constexpr polling_names sentinel_names = {"enabled", "errorClassFilter", "minOccurrences"};

// `known` with what the body says; members it does not have stay.
checked<store::service_polling> read_polling(
    const boost::json::object& body, const polling_names& names, store::service_polling known
);

// Stores it with its audit row. errc::denied unless `who` is an operator now.
result<void> keep_polling(
    store::transaction& tx, const caller& who, const net::request& req, const store::service_polling& settings
);

}  // namespace reprise::http
