#pragma once

#include "reprise/model/exchange.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

// Secrets made by hand, the places where they are put, and what looks for them afterwards.
namespace reprise::support {

// Seeded: the same secrets in every run.
class canaries {
public:
    explicit canaries(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t limit) { return random_() % limit; }

    std::string chars(std::string_view alphabet, std::size_t count)
    {
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += alphabet[below(alphabet.size())];
        return text;
    }
    std::string digits(std::size_t count) { return chars("0123456789", count); }
    std::string word(std::size_t count) { return chars("abcdefghijkmnpqrstuvwxyz", count); }
    std::string mixed(std::size_t count)
    {
        return chars("ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789", count);
    }

    std::string card()
    {
        std::string number = "4" + digits(14);
        for (char check = '0'; check <= '9'; ++check) {
            int sum = 0;
            const std::string whole = number + check;
            for (std::size_t i = 0; i < whole.size(); ++i) {
                const int digit = whole[whole.size() - 1 - i] - '0';
                sum += i % 2 == 1 ? digit * 2 / 10 + digit * 2 % 10 : digit;
            }
            if (sum % 10 == 0)
                return whole;
        }
        return {};
    }

    std::string iban()
    {
        const std::string account = digits(18);
        int rest = 0;
        for (const char c : account + "131400")  // "DE00"
            rest = (rest * 10 + (c - '0')) % 97;
        const int check = 98 - rest;
        return "DE" + std::string(check < 10 ? "0" : "") + std::to_string(check) + account;
    }

    // Recognisable wherever it stands.
    std::string by_form()
    {
        switch (below(11)) {
        case 0: return word(8) + "." + word(5) + "@" + word(7) + ".example.org";
        case 1: return "eyJ" + mixed(24) + ".eyJ" + mixed(40) + "." + mixed(43);
        case 2: return "AKIA" + chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        case 3: return "ghp_" + mixed(36);
        case 4: return "github_pat_" + mixed(22) + "_" + mixed(40);
        case 5: return "glpat-" + mixed(20);
        case 6: return "xoxb-" + digits(11) + "-" + mixed(24);
        case 7: return "sk-" + mixed(40);
        case 8: return card();
        case 9: return iban();
        default: return "+49" + digits(10);
        }
    }

    std::string secret_name()
    {
        static const std::vector<std::string> names = {
            "password", "db_password", "clientSecret", "access_token", "refreshToken", "apiKey", "x-api-key",
            "session_id", "ssn", "cardNumber", "iban", "email", "phone_number", "privateKey", "pin", "cvv",
            "Authorization", "dob"};
        return names[below(names.size())];
    }

private:
    std::mt19937_64 random_;
};

// Puts `secret` somewhere, under `name` where the place has names.
using secret_place = std::function<void(model::exchange&, const std::string& name, const std::string& secret)>;

// Where a name tells that the value is secret, whatever it looks like.
const std::vector<std::pair<std::string, secret_place>>& named_places();
// Where only the form of the secret tells.
const std::vector<std::pair<std::string, secret_place>>& plain_places();

std::string url_encoded(std::string_view text);

// Looks for many secrets at once: as they are, percent-encoded, in hex, and in base64 whatever stood
// before them. Each secret has 8 bytes at least.
class leak_finder {
public:
    void add(const std::string& secret);
    std::size_t size() const noexcept { return secrets_; }

    // The first secret that stands in `bytes`, in the form in which it was found; empty: none does.
    std::string find(std::string_view bytes) const;

private:
    void add_form(const std::string& form);

    std::size_t secrets_ = 0;
    std::vector<bool> beginnings_;  // Whether some form may begin so; most bytes are told by this alone.
    std::unordered_multimap<std::uint64_t, std::string> forms_;  // By their first 8 bytes.
};

}  // namespace reprise::support
