#include "store_fixture.hpp"

namespace reprise::store {
namespace {

TEST_F(store_test, a_new_database_has_an_identity_and_no_events)
{
    EXPECT_EQ(db->epoch().size(), 26U);
    EXPECT_EQ(db->last_seq(), 0);
    EXPECT_TRUE(db->healthy());
}

}  // namespace
}  // namespace reprise::store
