#include "reprise/pipeline/close_order.hpp"

#include <cstring>

namespace reprise::pipeline {
namespace {

constexpr std::size_t fixed_bytes = 12;  // Time and length of the name.

}  // namespace

std::string encode_orders(const std::vector<close_order>& orders)
{
    std::string bytes;
    for (const close_order& one : orders) {
        char fixed[fixed_bytes];
        const auto name_bytes = static_cast<std::uint32_t>(one.service.size());
        std::memcpy(fixed, &one.through_ns, sizeof one.through_ns);
        std::memcpy(fixed + sizeof one.through_ns, &name_bytes, sizeof name_bytes);
        bytes.append(fixed, sizeof fixed);
        bytes += one.service;
    }
    return bytes;
}

result<std::vector<close_order>> parse_orders(std::string_view bytes)
{
    std::vector<close_order> orders;
    while (!bytes.empty()) {
        if (bytes.size() < fixed_bytes)
            return errc::corrupt;
        close_order one;
        std::uint32_t name_bytes = 0;
        std::memcpy(&one.through_ns, bytes.data(), sizeof one.through_ns);
        std::memcpy(&name_bytes, bytes.data() + sizeof one.through_ns, sizeof name_bytes);
        bytes.remove_prefix(fixed_bytes);
        if (name_bytes > bytes.size())
            return errc::corrupt;
        one.service = bytes.substr(0, name_bytes);
        bytes.remove_prefix(name_bytes);
        orders.push_back(std::move(one));
    }
    return orders;
}

}  // namespace reprise::pipeline
