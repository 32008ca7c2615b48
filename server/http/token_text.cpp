#include "token_text.hpp"

#include "reprise/base/hash.hpp"

#include <boost/crc.hpp>

#include <algorithm>

namespace reprise::http {
namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view scheme = "Bearer ";

std::string check_of(std::string_view text)
{
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    std::uint32_t left = crc.checksum();
    std::string out(token_check_chars, digits.front());
    for (auto at = out.rbegin(); at != out.rend(); ++at) {
        *at = digits[left % digits.size()];
        left /= static_cast<std::uint32_t>(digits.size());
    }
    return out;
}

bool is_word(std::string_view text, std::size_t size)
{
    return text.size() == size && text.find_first_not_of(digits) == std::string_view::npos;
}

std::string_view take_part(std::string_view& rest)
{
    const auto end = rest.find('_');
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

}  // namespace

std::string make_token_secret()
{
    // Bytes above the last whole multiple of 62 would favour some digits.
    constexpr unsigned fair_max = 256 / digits.size() * digits.size();
    std::string secret;
    while (secret.size() < token_secret_chars) {
        for (const char random : random_bytes(token_secret_chars)) {
            const auto byte = static_cast<unsigned char>(random);
            if (byte < fair_max && secret.size() < token_secret_chars)
                secret += digits[byte % digits.size()];
        }
    }
    return secret;
}

std::string token_text(const token_parts& parts)
{
    std::string text(token_prefix);
    text += '_';
    text += parts.id;
    text += '_';
    text += parts.secret;
    return text + "_" + check_of(text);
}

std::optional<token_parts> parse_token(std::string_view text)
{
    std::string_view rest = text;
    const std::string_view prefix = take_part(rest);
    const std::string_view id = take_part(rest);
    const std::string_view secret = take_part(rest);
    const bool well_formed = prefix == token_prefix && is_word(id, token_id_chars) &&
                             is_word(secret, token_secret_chars) && is_word(rest, token_check_chars);
    if (!well_formed || check_of(text.substr(0, text.size() - token_check_chars - 1)) != rest)
        return std::nullopt;
    return token_parts{std::string(id), std::string(secret)};
}

std::string_view find_bearer(std::string_view authorization) noexcept
{
    const bool is_bearer =
        authorization.size() > scheme.size() &&
        std::equal(scheme.begin(), scheme.end(), authorization.begin(), [](char wanted, char given) {
            return wanted == given || (wanted >= 'A' && (wanted | 0x20) == (given | 0x20));
        });
    return is_bearer ? authorization.substr(scheme.size()) : std::string_view();
}

}  // namespace reprise::http
