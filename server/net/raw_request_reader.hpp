#pragma once

#include "reprise/net/raw_message.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::net {

constexpr std::size_t raw_kept_bytes_max = 256 * 1024;  // Of a text's memory after the request; what is beyond goes.

// The text of one request, in memory that is used again for the next one.
class request_text {
public:
    void clear();

    // Valid until anything is added.
    std::string_view method() const noexcept { return view(method_); }
    std::string_view target() const noexcept { return view(target_); }
    std::span<const raw_header> headers();
    int version() const noexcept { return version_; }
    std::string body;

private:
    friend class raw_request_reader;

    struct place {
        std::size_t at = 0;
        std::size_t size = 0;
    };
    struct header_place {
        place name;
        place value;
    };

    place keep(std::string_view text);
    std::string_view view(place where) const noexcept { return std::string_view(text_).substr(where.at, where.size); }

    std::string text_;
    place method_;
    place target_;
    int version_ = 11;
    std::vector<header_place> places_;
    std::vector<raw_header> headers_;
};

// Beast's parser, which has seen more hostile bytes than we have, writing to a request_text. Trailers are dropped.
class raw_request_reader final : public boost::beast::http::basic_parser<true> {
public:
    raw_request_reader(request_text& into, std::size_t header_bytes_max, std::size_t body_bytes_max);

private:
    using text = boost::beast::string_view;
    using error = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb, text method, text target, int version, error& ec) override;
    void on_response_impl(int, text, int, error& ec) override;
    void on_field_impl(boost::beast::http::field, text name, text value, error& ec) override;
    void on_header_impl(error& ec) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error& ec) override;
    std::size_t on_body_impl(text part, error& ec) override;
    void on_chunk_header_impl(std::uint64_t, text, error& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t, text part, error& ec) override;
    void on_finish_impl(error& ec) override;

    request_text& into_;
    bool header_done_ = false;
};

// Where a request goes, taken from its line and headers.
struct request_place {
    std::string_view authority;
    std::string_view target;  // Begins with '/', or "*".
    bool whole_url = false;
    bool secure = false;      // An https URL.
};

// Why the framing or the place of a request is not taken: status, code and a sentence; empty code when it is.
struct raw_refusal {
    int status = 400;
    std::string_view code;
    std::string_view detail;
};

// `rooted` gets the target of a URL without a path ("http://host?x").
raw_refusal find_place(request_text& from, request_place& place, std::string& rooted);

// "host:port" of CONNECT; the host in lower case without brackets. Empty when it is none.
std::string parse_tunnel_host(std::string_view target);

}  // namespace reprise::net
