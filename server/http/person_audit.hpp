#pragma once

#include "reprise/model/person.hpp"
#include "reprise/net/message.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::http {

// What a person did by a request, as the audit keeps it.
struct person_deed {
    std::string_view action;  // "service.change"
    std::string object;       // "service/<name>"
    boost::json::object detail;
    std::string_view auth = "session";
};

// A row of the transaction that does it.
result<void> audit_person(
    store::transaction& tx, const model::person& person, const net::request& req, std::int64_t now_ns,
    const person_deed& done
);

}  // namespace reprise::http
