#include "store_fixture.hpp"

#include "reprise/store/operations.hpp"

#include <array>

namespace reprise::store {
namespace {

constexpr std::int64_t minute_ns = 60LL * 1'000'000'000;

// Windows as a back-test reads them: of one service, all its operations together.
class service_windows_test : public store_test {
protected:
    static model::operation_key key_of(const std::string& service, const std::string& route)
    {
        model::operation_key key;
        key.service = service;
        key.route = route;
        return key;
    }

    // One row of each operation in each of `count` minutes.
    void store_windows(const std::vector<model::operation_key>& keys, int count)
    {
        std::vector<operation_window> rows;
        for (int i = 0; i < count; ++i) {
            for (const model::operation_key& key : keys) {
                operation_window row;
                row.operation = model::operation_id(key.view());
                row.window_start_ns = t0 + i * minute_ns;
                row.window_ns = minute_ns;
                row.counts[0] = 10;
                row.sketch = "sketch";
                if (i > 0) {
                    row.failing_traces = 2;
                    row.max_arrivals = static_cast<std::uint32_t>(i);
                }
                rows.push_back(row);
            }
        }
        write([&](transaction& tx) -> result<void> {
            if (auto known = upsert_operations(tx, keys, t0); !known)
                return known;
            return insert_windows(tx, rows);
        }).value();
    }

    std::vector<operation_window> list(const std::string& service, std::int64_t from_ns, std::int64_t to_ns)
    {
        return db->read_blocking([&](reader& r) { return list_service_windows(r, service, from_ns, to_ns, 100); })
            .value();
    }
    std::optional<std::int64_t> start_of(std::int64_t to_ns, std::uint64_t count)
    {
        return db->read_blocking([&](reader& r) { return find_window_start(r, to_ns, count); }).value();
    }
};

TEST_F(service_windows_test, all_operations_of_one_service_come_by_time)
{
    store_windows({key_of("shop", "/a"), key_of("shop", "/b"), key_of("cart", "/a")}, 4);

    const auto rows = list("shop", t0 + minute_ns, t0 + 3 * minute_ns);

    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].window_start_ns, t0 + minute_ns);
    EXPECT_EQ(rows[3].window_start_ns, t0 + 2 * minute_ns);
    for (const operation_window& row : rows) {
        EXPECT_NE(row.operation, model::operation_id(key_of("cart", "/a").view()));
        EXPECT_EQ(row.sketch, "sketch");
        EXPECT_EQ(row.failing_traces, 2U);
    }
    EXPECT_EQ(rows[3].max_arrivals, 2U);
    EXPECT_TRUE(list("other", t0, t0 + minute_ns).empty());
}

TEST_F(service_windows_test, what_a_row_does_not_know_is_nothing)
{
    store_windows({key_of("shop", "/a")}, 1);
    const auto rows = list("shop", t0, t0 + minute_ns);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_FALSE(rows[0].failing_traces);
    EXPECT_FALSE(rows[0].max_arrivals);
}

TEST_F(service_windows_test, starts_are_counted_back_from_a_time)
{
    EXPECT_FALSE(start_of(t0, 5)) << "nothing is stored";
    store_windows({key_of("shop", "/a")}, 4);
    EXPECT_EQ(start_of(t0 + 4 * minute_ns, 1), t0 + 3 * minute_ns);
    EXPECT_EQ(start_of(t0 + 4 * minute_ns, 3), t0 + minute_ns);
    EXPECT_EQ(start_of(t0 + 4 * minute_ns, 100), t0);
    EXPECT_EQ(start_of(t0 + 2 * minute_ns, 1), t0 + minute_ns);
    EXPECT_FALSE(start_of(t0, 1));

    const auto starts = db->read_blocking([](reader& r) {
        return list_window_starts(r, t0 + minute_ns, t0 + 10 * minute_ns, 2);
    }).value();
    EXPECT_EQ(starts, (std::vector<std::int64_t>{t0 + minute_ns, t0 + 2 * minute_ns}));
}

}  // namespace
}  // namespace reprise::store
