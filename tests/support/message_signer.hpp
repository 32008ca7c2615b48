#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace reprise::test {

struct signer_options {
    std::string common_name = "sns.amazonaws.com";
    std::string alternatives = "DNS:sns.amazonaws.com";  // Empty: the common name alone.
    long first_day = -10;
    long last_day = 10;
    bool has_rsa_key = true;
};

// An authority of one test that hands out certificates for signing messages. All in memory but the authority's own,
// which lies in a file that goes with the object.
class message_authority {
public:
    message_authority();
    ~message_authority();
    message_authority(const message_authority&) = delete;
    message_authority& operator=(const message_authority&) = delete;

    const std::string& ca_file() const noexcept { return ca_file_; }

private:
    friend class message_signer;
    struct parts;

    std::unique_ptr<parts> parts_;
    std::string ca_file_;
};

// A certificate of that authority with its key.
class message_signer {
public:
    explicit message_signer(const message_authority& authority, const signer_options& options = {});
    ~message_signer();
    message_signer(const message_signer&) = delete;
    message_signer& operator=(const message_signer&) = delete;

    const std::string& pem() const noexcept { return pem_; }
    // The signature's bytes, not base64.
    std::string sign_sha1(std::string_view text) const;
    std::string sign_sha256(std::string_view text) const;

private:
    struct parts;

    std::unique_ptr<parts> parts_;
    std::string pem_;
};

}  // namespace reprise::test
