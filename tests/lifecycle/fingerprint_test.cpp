#include "reprise/lifecycle/fingerprint.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace reprise::lifecycle {
namespace {

struct vector_row {
    std::string name;
    fingerprint_parts parts;
    std::string text;
    std::string sha256;
};

std::string text_of(const boost::json::value& value)
{
    return std::string(value.as_string());
}

// The published vectors: what others implement against.
std::vector<vector_row> published_vectors()
{
    std::vector<vector_row> rows;
    std::ifstream page(REPRISE_SOURCE_DIR "/docs/formats/fingerprint.md");
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("{\""))
            continue;
        const auto row = boost::json::parse(line).as_object();
        vector_row one;
        one.name = text_of(row.at("name"));
        one.parts = {text_of(row.at("service")), text_of(row.at("message")), text_of(row.at("route")), {}};
        for (const auto& frame : row.at("frames").as_array())
            one.parts.frames.push_back(text_of(frame));
        one.text = text_of(row.at("text"));
        one.sha256 = text_of(row.at("sha256"));
        rows.push_back(std::move(one));
    }
    return rows;
}

model::signal signal_of(model::signal_kind kind, model::operation_kind operation_kind)
{
    model::signal signal;
    signal.kind = kind;
    signal.operation.kind = operation_kind;
    signal.operation.service = "shop";
    signal.operation.method = "POST";
    signal.operation.route = "/orders";
    return signal;
}

TEST(fingerprint, agrees_with_the_published_vectors)
{
    const auto rows = published_vectors();

    ASSERT_GE(rows.size(), 8U);
    std::set<std::string> different;
    for (const vector_row& row : rows) {
        EXPECT_EQ(fingerprint_text(row.parts), row.text) << row.name;
        EXPECT_EQ(fingerprint(row.parts), row.sha256) << row.name;
        different.insert(row.sha256);
    }
    EXPECT_EQ(different.size(), rows.size());
}

TEST(fingerprint, the_fourth_frame_does_not_count)
{
    const fingerprint_parts three = {"s", "m", "r", {"a", "b", "c"}};
    const fingerprint_parts four = {"s", "m", "r", {"a", "b", "c", "d"}};

    EXPECT_EQ(fingerprint(three), fingerprint(four));
    EXPECT_NE(fingerprint(three), fingerprint(fingerprint_parts{"s", "m", "r", {"a", "b", "d"}}));
}

TEST(fingerprint, no_text_moves_from_one_component_to_the_next)
{
    EXPECT_NE(fingerprint(fingerprint_parts{"a|b", "c", "", {}}), fingerprint(fingerprint_parts{"a", "b|c", "", {}}));
    EXPECT_NE(fingerprint(fingerprint_parts{"a\\", "b", "", {}}), fingerprint(fingerprint_parts{"a", "\\b", "", {}}));
    const fingerprint_parts one_frame = {"", "", "", {"a\nb"}};
    const fingerprint_parts two_frames = {"", "", "", {"a", "b"}};
    EXPECT_NE(fingerprint(one_frame), fingerprint(two_frames));
}

TEST(fingerprint, the_source_of_a_signal_makes_no_difference)
{
    auto from_span = signal_of(model::signal_kind::error_rate, model::operation_kind::server);
    auto from_rrpair = from_span;
    from_span.operation.source = model::source::span;
    from_rrpair.operation.source = model::source::rrpair;

    EXPECT_EQ(fingerprint(from_span), fingerprint(from_rrpair));
}

TEST(fingerprint, without_a_message_latency_and_errors_of_one_route_differ)
{
    const auto errors = signal_of(model::signal_kind::error_rate, model::operation_kind::server);
    const auto latency = signal_of(model::signal_kind::latency, model::operation_kind::server);

    EXPECT_EQ(fingerprint_parts_of(errors).message, "error_rate:POST /orders");
    EXPECT_NE(fingerprint(errors), fingerprint(latency));
}

TEST(fingerprint, a_message_takes_the_place_of_the_kind)
{
    auto errors = signal_of(model::signal_kind::error_rate, model::operation_kind::server);
    errors.message = "no such table: orders";

    EXPECT_EQ(fingerprint_text(fingerprint_parts_of(errors)), "shop|no such table: orders|/orders|");
}

TEST(fingerprint, a_statement_is_not_given_its_verb_twice)
{
    auto slow = signal_of(model::signal_kind::slow_query, model::operation_kind::db);
    slow.operation.method = "SELECT";
    slow.operation.route = "SELECT * FROM items WHERE id = ?";

    EXPECT_EQ(fingerprint_parts_of(slow).message, "slow_query:SELECT * FROM items WHERE id = ?");
}

}  // namespace
}  // namespace reprise::lifecycle
