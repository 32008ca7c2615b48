#include "store_fixture.hpp"

#include "reprise/store/services.hpp"

#include <vector>

namespace reprise::store {
namespace {

class closed_services : public store_test {
protected:
    void see(const std::string& name, std::optional<std::int64_t> closed_through_ns)
    {
        const std::vector<service_sight> seen = {{name, t0, 1, closed_through_ns}};
        ASSERT_TRUE(write([&seen](transaction& tx) { return touch_services(tx, seen, t0); }));
    }

    std::vector<std::pair<std::string, std::int64_t>> list(std::size_t limit = 100)
    {
        std::vector<std::pair<std::string, std::int64_t>> found;
        const auto rows = read([limit](reader& r) { return list_closed_services(r, limit); });
        for (const closed_service& one : rows.value())
            found.emplace_back(one.name, one.through_ns);
        return found;
    }
};

using found = std::vector<std::pair<std::string, std::int64_t>>;

TEST_F(closed_services, lists_only_services_with_a_stored_window)
{
    see("seen", std::nullopt);
    see("closed", t0 + 60);
    EXPECT_EQ(list(), (found{{"closed", t0 + 60}}));
}

TEST_F(closed_services, the_end_moves_forward_only)
{
    see("shop", t0);
    see("shop", t0 + 60);
    see("shop", t0 + 30);
    see("shop", std::nullopt);
    EXPECT_EQ(list(), (found{{"shop", t0 + 60}}));
}

TEST_F(closed_services, at_most_as_many_as_asked_for_by_name)
{
    see("b", t0);
    see("a", t0);
    EXPECT_EQ(list(1), (found{{"a", t0}}));
}

}  // namespace
}  // namespace reprise::store
