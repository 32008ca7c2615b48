#pragma once

#include "reprise/telemetry/body_fields.hpp"
#include "reprise/telemetry/value_flow.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where values stand in requests and answers, and how they are read and written there.
namespace reprise::telemetry {

struct placed_value {
    value_place place;
    std::string before;  // Requests only.
    std::string value;
    std::string after;
    bool encoded = false;  // The value is what is written there, percent-decoded: cookies that need it.
};

// Every value that could be one on its way; pieces of paths and URLs apart.
std::vector<placed_value> list_sent_values(const model::exchange& exchange);
std::vector<placed_value> list_answered_values(const model::exchange& exchange);

// Reads places of one answer; what it was made from must outlive it.
class answer_reader {
public:
    explicit answer_reader(const answer_parts& answer);
    // `decodes`: percent-decoded.
    std::optional<std::string> find(const value_place& place, bool decodes) const;

private:
    std::optional<std::string> find_whole(const value_place& place) const;

    const answer_parts& answer_;
    mutable std::optional<body_fields> fields_;
};

// Writes values into one request, those of the body at the end. A place that is not there any more or holds another
// value than the captured one is left alone: somebody else decided about it. Each returns the reason when the value
// cannot stand there, else nothing.
class request_writer {
public:
    explicit request_writer(const request_parts& request);
    std::string write(const value_flow& flow, std::string_view value);
    std::string finish();

private:
    struct body_change {
        std::string path;
        std::string captured;
        std::string value;
    };

    void write_segment(const value_flow& flow, std::string_view text);
    std::string write_query(const value_flow& flow, std::string_view text);
    std::string write_header(const value_flow& flow, std::string text);
    std::string write_cookie(const value_flow& flow, std::string_view text);

    const request_parts& request_;
    std::vector<body_change> changes_;
};

// What stands between the slashes of a path, without its query; empty ones are left out.
std::vector<std::string_view> split_segments(std::string_view path);

// A path or URL: parts between / ? & = # . Everything else is one piece.
std::vector<std::string_view> split_pieces(std::string_view text);
bool looks_like_path(std::string_view text);

}  // namespace reprise::telemetry
