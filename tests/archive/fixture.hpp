#pragma once

#include "reprise/archive/bundle.hpp"
#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

// A source with every role, and a directory that goes with the test.
namespace reprise::archive {

inline model::evidence_item item_fixture(model::evidence_role role, int number, std::string host = "shop:3000")
{
    model::evidence_item item;
    item.role = role;
    model::exchange& exchange = item.exchange;
    exchange.operation.source = model::source::rrpair;
    exchange.operation.kind = model::operation_kind::server;
    exchange.operation.service = "shop";
    exchange.operation.protocol = "http";
    exchange.operation.method = "POST";
    exchange.operation.route = "/orders/{id}";
    exchange.direction = model::direction::in;
    exchange.outcome = role == model::evidence_role::control ? model::outcome::ok : model::outcome::server_error;
    exchange.status = role == model::evidence_role::control ? 200 : 500;
    exchange.start_ns = 1'763'723'704'000'000'000 + number * 1'000'000LL;
    exchange.duration_ns = 12'000'000;
    exchange.host = std::move(host);
    exchange.method = "POST";
    exchange.path = "/orders/" + std::to_string(1'000 + number);
    exchange.request_headers = {{"content-type", "application/json"}};
    exchange.response_headers = {{"content-type", "application/json"}};
    exchange.request_body = R"({"product":)" + std::to_string(number) + "}";
    exchange.response_body = R"({"error":"no discount code"})";
    exchange.trace = {0x1111, static_cast<std::uint64_t>(number) + 1};
    exchange.span = 7;
    exchange.complete = true;
    exchange.redacted_fields = {"request.header.authorization"};
    return item;
}

class bundle_fixture : public testing::Test {
protected:
    bundle_fixture() : dir_(std::filesystem::temp_directory_path() / ("reprise-bundle-" + random_token(8)))
    {
        std::filesystem::create_directories(dir_);
        using enum model::evidence_role;
        // Not in the order a bundle has.
        for (const auto role : {context, control, trigger, failing}) {
            for (int i = 0; i < 3; ++i)
                items_.push_back(item_fixture(role, static_cast<int>(items_.size())));
        }
    }
    ~bundle_fixture() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(dir_, ignored);
    }

    bundle_source source() const
    {
        bundle_source from;
        from.evidence.id = "01JD6Z0000000000000000000C";
        from.evidence.signal_id = "01JD6Z0000000000000000000B";
        from.evidence.service = "shop";
        from.evidence.fingerprint = std::string(64, 'a');
        from.evidence.window_start_ns = 1'763'723'700'000'000'000;
        from.evidence.created_ns = 1'763'723'770'123'456'789;
        from.signal_json = R"({"kind":"error_rate"})";
        from.redaction_version = "1";
        from.selection = "lowest trace hash";
        from.producer = "reprise 0.1.0";
        from.items = items_;
        return from;
    }

    std::filesystem::path dir_;
    std::vector<model::evidence_item> items_;
};

}  // namespace reprise::archive
