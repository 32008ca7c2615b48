#include "reprise/ingest/senders.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace reprise::ingest {
namespace {

constexpr std::string_view scheme = "bearer ";

std::string_view trim(std::string_view text) noexcept
{
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// What a header can carry: visible ASCII.
bool is_visible(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view find_bearer(std::string_view authorization) noexcept
{
    if (authorization.size() <= scheme.size())
        return {};
    const bool same = std::equal(scheme.begin(), scheme.end(), authorization.begin(), [](char want, char c) {
        return want == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
    });
    return same ? trim(authorization.substr(scheme.size())) : std::string_view();
}

std::string_view as_text(const sha256_digest& digest) noexcept
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

boost::system::result<token_list, token_error> token_list::parse(std::string_view text)
{
    token_list made;
    std::size_t number = 0;
    const auto complain = [&number](std::string_view what) {
        return token_error{"line " + std::to_string(number) + ": " + std::string(what)};
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        // A token may hold colons; a name may not.
        const auto colon = line.find(':');
        const std::string_view token = colon == std::string_view::npos ? line : trim(line.substr(colon + 1));
        if (token.size() < sender_token_bytes_min || token.size() > sender_token_bytes_max)
            return complain("a token has 16 to 512 characters, like the output of 'openssl rand -hex 32'");
        if (!is_visible(token))
            return complain("a token holds no blanks and no characters beyond ASCII");
        if (made.digests_.size() == sender_tokens_max)
            return complain("there are more than 1000 tokens");
        made.digests_.push_back(sha256(token));
    }
    if (made.digests_.empty())
        return token_error{"it holds no token; nobody could send"};
    return made;
}

bool token_list::admits(std::string_view authorization) const noexcept
{
    const std::string_view token = find_bearer(authorization);
    if (token.empty() || token.size() > sender_token_bytes_max)
        return false;
    const sha256_digest digest = sha256(token);
    bool found = false;
    for (const sha256_digest& known : digests_)
        found |= equal_in_constant_time(as_text(known), as_text(digest));
    return found;
}

sender_check::sender_check(metrics& counts)
    : refused_(counts.add_counter(
          "reprise_intake_unauthenticated_total", "Export requests without a token that may send"
      )),
      open_(true)
{
}

sender_check::sender_check(metrics& counts, token_list tokens) : sender_check(counts)
{
    tokens_ = std::move(tokens);
    open_ = false;
}

bool sender_check::admits(std::string_view authorization) const noexcept
{
    if (open_ || tokens_.admits(authorization))
        return true;
    refused_.add();
    return false;
}

void throw_exception_from_error(const token_error& error, const boost::source_location&)
{
    throw std::logic_error("value of a failed token_list taken: " + error.text);
}

}  // namespace reprise::ingest
