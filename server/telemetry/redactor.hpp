#pragma once

#include "text_class.hpp"

#include "reprise/telemetry/redact.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::telemetry {

// Rewrites one exchange's texts under one key and notes where it changed something. The functions
// return the text as it may be stored; unchanged text comes back byte by byte. `rules` must outlive it.
class redactor {
public:
    explicit redactor(std::string_view key) : key_(key) {}
    // `changes`: where every replacement is told; may be nullptr.
    redactor(
        std::string_view key, const redaction_rules& rules, const model::operation_key& operation,
        std::vector<redaction_change>* changes
    );

    // `place` names what is looked at: "request.body".
    std::string text(std::string_view text, std::string_view place);
    std::string json(std::string_view text, std::string_view place);
    std::string form(std::string_view text, std::string_view place);
    std::string path(std::string_view path);
    std::string sql(std::string_view statement, std::string_view place);
    std::string header(std::string_view name, std::string_view value, std::string_view place);

    // `value` in full, whatever it holds. A token or an empty text stays.
    std::string token(std::string_view type, std::string_view value) const;
    // Digest and size, for what is no text ("binary") and what must not be kept ("body").
    std::string digest(std::string_view type, std::string_view bytes) const;
    // '9's for the digits of a number that must not be told.
    std::string number(std::string_view number) const;

    // The type of secret under this name, or empty: the product's names and the operator's.
    std::string_view secret_name(std::string_view name) const;

    // `kept` instead of `said` at `place`: noted, unless the operator allowed what stands there.
    std::string settle(std::string_view place, std::string_view said, std::string kept);

    std::vector<std::string> take_fields() { return std::move(fields_); }

private:
    friend class json_redaction;

    // How far words of one text were undone in vain: what is left of them is not undone again, or every
    // escape in a word would cost as much as the word.
    struct tried_words {
        const char* encoded_end = nullptr;
        const char* base64_end = nullptr;
        const char* part_end = nullptr;  // Of the part between slashes within the last one.
    };

    struct value_span {
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    static std::size_t find_sign_end(std::string_view text, std::size_t at, std::size_t name_end);
    static value_span find_value(
        std::string_view text, std::size_t sign_end, std::string_view type, std::string_view name
    );
    std::string secret_header(std::string_view name, std::string_view value) const;
    std::string authorization(std::string_view type, std::string_view value) const;
    std::string cookie(std::string_view pair) const;
    std::string cookies(std::string_view value, bool is_answer) const;
    std::string clean(std::string_view text) const;
    std::string scan(std::string_view text, int undone) const;
    bool take_secret(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_named_value(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_element(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_tag(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_user_option(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_login(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_encoded(
        std::string_view text, std::size_t& at, std::string& out, int undone, tried_words& tried
    ) const;
    bool take_base64(std::string_view text, std::size_t& at, std::string& out, int undone, tried_words& tried) const;
    std::string form_value(std::string_view name, std::string_view raw, bool plus_is_blank = true) const;
    std::string sql_once(std::string_view statement) const;
    std::string quoted_token(std::string_view literal) const;

    bool is_allowed(std::string_view place) const;
    void note(std::string_view place);
    // Replacements told since `mark` do not happen after all.
    std::size_t mark() const noexcept { return changes_ != nullptr ? changes_->size() : 0; }
    void forget(std::size_t mark) const;
    void tell(std::string_view type, std::string_view value, std::string_view becomes) const;

    std::string_view key_;
    std::span<const std::string> secret_names_;
    std::span<const std::string> allow_headers_;
    std::vector<std::string_view> allow_fields_;
    std::vector<redaction_change>* changes_ = nullptr;
    std::vector<std::string> fields_;
};

template <class Is>
std::size_t run_from(std::string_view text, std::size_t at, Is is)
{
    while (at < text.size() && is(text[at]))
        ++at;
    return at;
}

constexpr bool is_name_char(char c) noexcept { return is_alnum(c) || c == '_' || c == '-' || c == '.'; }

// Where a replacement changes how the text around it reads, once is not enough: until nothing changes.
template <class Redact>
std::string until_stable(std::string_view text, Redact redact)
{
    constexpr int passes_max = 8;
    std::string out(text);
    for (int pass = 0; pass < passes_max; ++pass) {
        std::string next = redact(out);
        if (next == out)
            break;
        out = std::move(next);
    }
    return out;
}

// Whether a number's digits are a secret by their form (a card).
bool is_secret_number(std::string_view number);

// By content type, by look when there is none.
bool is_form(std::string_view body, std::string_view content_type);

std::string percent_decoded(std::string_view text, bool plus_is_blank);
std::string percent_encoded(std::string_view text);

}  // namespace reprise::telemetry
