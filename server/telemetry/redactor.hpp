#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::telemetry {

// Rewrites one exchange's texts under one key and notes where it changed something. The functions
// return the text as it may be stored; unchanged text comes back byte by byte.
class redactor {
public:
    explicit redactor(std::string_view key) : key_(key) {}

    // `place` names what is looked at: "request.body".
    std::string text(std::string_view text, std::string_view place);
    std::string json(std::string_view text, std::string_view place);
    std::string form(std::string_view text, std::string_view place);
    std::string path(std::string_view path);
    std::string sql(std::string_view statement, std::string_view place);

    // `value` in full, whatever it holds. A token or an empty text stays.
    std::string token(std::string_view type, std::string_view value) const;
    // What is no text: digest and size.
    std::string digest(std::string_view bytes) const;
    void note(std::string_view place);

    std::vector<std::string> take_fields() { return std::move(fields_); }

private:
    friend class json_redaction;

    std::string scan(std::string_view text, int depth) const;
    bool take_secret(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_named_value(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_element(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_login(std::string_view text, std::size_t& at, std::string& out) const;
    bool take_encoded(std::string_view text, std::size_t& at, std::string& out, int depth) const;
    bool take_base64(std::string_view text, std::size_t& at, std::string& out, int depth) const;
    std::string form_value(std::string_view name, std::string_view raw) const;
    std::string quoted_token(std::string_view literal) const;

    std::string_view key_;
    std::vector<std::string> fields_;
};

// '9's for the digits of a number that must not be told.
std::string nines(std::string_view number);
// Whether a number's digits are a secret by their form (a card).
bool is_secret_number(std::string_view number);

std::string percent_decoded(std::string_view text, bool plus_is_blank);
std::string percent_encoded(std::string_view text);

}  // namespace reprise::telemetry
