#include "reprise/forge/sealed_secrets.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/seal.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

namespace reprise::forge {
namespace {

constexpr std::size_t number_bytes = sizeof(std::uint64_t);
constexpr const char* purpose = "webhook secret of ";

}  // namespace

sealed_secrets::sealed_secrets(std::string key) : key_(std::move(key)) {}

std::string sealed_secrets::seal(std::string_view owner, std::string_view secret) const
{
    // Drawn, not counted: a few thousand numbers of 64 bits do not meet.
    std::string bytes = random_bytes(number_bytes);
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), number_bytes);
    bytes.resize(number_bytes + secret.size() + seal_tag_bytes);
    sealer(key_).seal(number, purpose + std::string(owner), secret, bytes.data() + number_bytes);
    return to_base64(bytes);
}

result<std::string> sealed_secrets::open(std::string_view owner, std::string_view sealed) const
{
    const std::string bytes = from_base64(sealed);
    if (bytes.size() < number_bytes + seal_tag_bytes)
        return errc::corrupt;
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), number_bytes);
    return sealer(key_).open(number, purpose + std::string(owner), std::string_view(bytes).substr(number_bytes));
}

}  // namespace reprise::forge
