#include "reprise/model/operation.hpp"

#include "reprise/base/hash.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 3> source_texts = {
    "rrpair", "span", "metric"};
constexpr std::array<std::string_view, 5> operation_kind_texts = {
    "server", "client", "db", "messaging", "internal"};
constexpr std::array<std::string_view, 5> outcome_texts = {
    "ok", "client_error", "throttled", "server_error", "cancelled"};

}  // namespace

std::string_view to_text(source value) noexcept
{
    return enum_text(source_texts, value);
}

std::optional<source> find_source(std::string_view text) noexcept
{
    return find_enum<source>(source_texts, text);
}

std::string_view to_text(operation_kind value) noexcept
{
    return enum_text(operation_kind_texts, value);
}

std::optional<operation_kind> find_operation_kind(std::string_view text) noexcept
{
    return find_enum<operation_kind>(operation_kind_texts, text);
}

std::string_view to_text(outcome value) noexcept
{
    return enum_text(outcome_texts, value);
}

std::optional<outcome> find_outcome(std::string_view text) noexcept
{
    return find_enum<outcome>(outcome_texts, text);
}

std::uint64_t operation_id(const operation_view& operation) noexcept
{
    const auto head = static_cast<std::uint64_t>(operation.source) * 16 + static_cast<std::uint64_t>(operation.kind);
    std::uint64_t hash = hash64(operation.service, head);
    hash = hash64(operation.protocol, hash);
    hash = hash64(operation.method, hash);
    return hash64(operation.route, hash);
}

std::string operation_name(const operation_view& operation)
{
    constexpr std::size_t name_bytes_max = 120;
    std::string name;
    if (operation.kind != operation_kind::db && !operation.method.empty())
        name.append(operation.method).append(" ");
    name.append(operation.route.empty() ? operation.method : operation.route);
    if (name.size() <= name_bytes_max)
        return name;
    std::size_t cut = name_bytes_max;
    while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xc0) == 0x80)
        --cut;  // Not inside a UTF-8 sequence.
    return name.substr(0, cut) + "...";
}

}  // namespace reprise::model
