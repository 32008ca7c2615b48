#include "reprise/archive/evidence_reader.hpp"

#include "fixture.hpp"
#include "scripted_s3.hpp"

#include "support/io_threads.hpp"

#include <gmock/gmock.h>

namespace reprise::archive {
namespace {

using test::answer_of;
using test::error_of;
using test::scripted_s3;

class evidence_reader_test : public bundle_fixture {
protected:
    evidence_reader_test()
    {
        local = make_file_store(dir_, io.executor());
        written = write_bundle(dir_, source()).value();
        bytes = io.run(local->get(written.path)).value();
    }
    result<bundle> read(object_store* remote)
    {
        evidence_reader reader(*local, remote, io.executor(), numbers);
        return io.run(reader.read(written));
    }
    result<bundle> read(scripted_s3& server)
    {
        const auto s3 = make_s3_store(server.config(), time, numbers);
        return read(s3.get());
    }
    void lose_local() { ASSERT_TRUE(io.run(local->remove(written.path))); }
    std::size_t fetched()
    {
        const std::string text = numbers.render();
        const auto at = text.find("\nreprise_archive_fetches_total ");
        return std::stoul(text.substr(at + 31));
    }

    manual_clock time;
    metrics numbers;
    reprise::test::io_threads io;
    std::unique_ptr<object_store> local;
    model::evidence written;
    std::string bytes;
};

TEST_F(evidence_reader_test, takes_the_local_copy_while_there_is_one)
{
    scripted_s3 server({});

    const auto found = read(server);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->items.size(), items_.size());
    EXPECT_TRUE(server.seen().empty());
    EXPECT_EQ(fetched(), 0);
}

TEST_F(evidence_reader_test, fetches_what_is_no_longer_on_the_disk)
{
    lose_local();
    scripted_s3 server({answer_of(200, bytes)});

    const auto found = read(server);

    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->evidence.sha256, written.sha256);
    EXPECT_EQ(found->evidence.id, written.id);
    EXPECT_EQ(fetched(), 1);
}

TEST_F(evidence_reader_test, fetches_when_the_local_copy_is_spoilt)
{
    ASSERT_TRUE(io.run(local->put(written.path, "spoilt")));
    scripted_s3 server({answer_of(200, bytes)});

    EXPECT_TRUE(read(server));
    EXPECT_EQ(read(nullptr).error(), errc::bundle_changed);
}

TEST_F(evidence_reader_test, what_comes_must_be_what_was_kept)
{
    lose_local();
    std::string other = bytes;
    other.back() = static_cast<char>(other.back() ^ 1);
    scripted_s3 server({answer_of(200, other), answer_of(200, bytes + "x")});

    EXPECT_EQ(read(server).error(), errc::bundle_changed);
    EXPECT_EQ(read(server).error(), errc::bundle_changed);
    EXPECT_EQ(fetched(), 0);
}

TEST_F(evidence_reader_test, tells_gone_from_not_now)
{
    lose_local();
    scripted_s3 server({error_of(404, "NoSuchKey"), error_of(403, "AccessDenied")});

    EXPECT_EQ(read(server).error(), reprise::errc::not_found);
    EXPECT_EQ(read(server).error(), reprise::errc::denied);
    EXPECT_EQ(read(nullptr).error(), reprise::errc::not_found);
}

}  // namespace
}  // namespace reprise::archive
