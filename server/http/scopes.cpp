#include "reprise/http/scopes.hpp"

#include <algorithm>
#include <array>

namespace reprise::http {
namespace {

struct named_scope {
    scope value;
    std::string_view text;
};

constexpr std::array names = {
    named_scope{scope::ingest_write, "ingest:write"},
    named_scope{scope::runs_read, "runs:read"},
    named_scope{scope::runs_write, "runs:write"},
    named_scope{scope::events_write, "events:write"},
    named_scope{scope::deployments_write, "deployments:write"},
    named_scope{scope::admin_read, "admin:read"},
};

}  // namespace

std::string_view to_text(scope value) noexcept
{
    for (const named_scope& one : names) {
        if (one.value == value)
            return one.text;
    }
    return value == scope::any ? "any" : "none";
}

std::optional<scope> find_scope(std::string_view text) noexcept
{
    for (const named_scope& one : names) {
        if (one.text == text)
            return one.value;
    }
    return std::nullopt;
}

std::string list_scopes()
{
    std::string text;
    for (const named_scope& one : names)
        text += (text.empty() ? "" : ", ") + std::string(one.text);
    return text;
}

std::optional<scope_set> scope_set::parse(std::string_view text)
{
    scope_set set;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto one = find_scope(text.substr(0, comma));
        if (!one)
            return std::nullopt;
        set.add(*one);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return set;
}

void scope_set::add(scope one)
{
    const auto at = std::lower_bound(scopes_.begin(), scopes_.end(), one);
    if (at == scopes_.end() || *at != one)
        scopes_.insert(at, one);
}

bool scope_set::has(scope one) const noexcept
{
    if (one == scope::nobody)
        return false;
    return one == scope::any || std::find(scopes_.begin(), scopes_.end(), one) != scopes_.end();
}

std::string scope_set::text() const
{
    std::string text;
    for (const scope one : scopes_)
        text += (text.empty() ? "" : ",") + std::string(to_text(one));
    return text;
}

bool may_grant(scope one, const model::roles& roles) noexcept
{
    switch (one) {
    case scope::nobody:
    case scope::any: return false;
    case scope::runs_read: return roles != model::roles{};
    case scope::ingest_write:
    case scope::runs_write:
    case scope::events_write:
    case scope::deployments_write: return roles.operator_;
    case scope::admin_read: return roles.admin;
    }
    return false;
}

}  // namespace reprise::http
