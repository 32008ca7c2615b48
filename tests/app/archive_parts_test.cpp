#include "../../server/app/archive_parts.hpp"

#include "reprise/base/hash.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace reprise::app {
namespace {

using testing::HasSubstr;

class archive_parts_test : public testing::Test {
protected:
    archive_parts_test() : dir(std::filesystem::temp_directory_path() / ("reprise-parts-" + random_token(8)))
    {
        std::filesystem::create_directories(dir);
        settings.data_dir = dir.string();
        settings.archive_store = "s3";
        settings.archive_bucket = "evidence";
        settings.archive_endpoint = "http://127.0.0.1:9000";
        settings.archive_access_key_file = write("access", "AKIAIOSFODNN7EXAMPLE\n");
        settings.archive_secret_key_file = write("secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\r\n");
    }
    ~archive_parts_test() override { std::filesystem::remove_all(dir); }

    std::string write(const std::string& name, const std::string& text)
    {
        std::ofstream(dir / name) << text;
        return (dir / name).string();
    }
    // What is wrong; empty: it was made.
    std::string problem()
    {
        auto answer = make_archive(settings, pool.get_executor(), time, numbers);
        const auto* wrong = std::get_if<config_error>(&answer);
        if (wrong == nullptr)
            made = std::get<archive_parts>(std::move(answer));
        return wrong == nullptr ? "" : wrong->text;
    }

    std::filesystem::path dir;
    config settings;
    system_clock time;
    metrics numbers;
    boost::asio::thread_pool pool{1};
    archive_parts made;
};

TEST_F(archive_parts_test, a_file_ends_with_a_line_and_the_key_does_not)
{
    EXPECT_EQ(problem(), "");
    ASSERT_TRUE(made.remote);
    EXPECT_EQ(made.remote->place(), "s3://evidence/ at http://127.0.0.1:9000");
    EXPECT_EQ(made.local->place(), settings.data_dir);
}

TEST_F(archive_parts_test, without_a_bucket_everything_stays_on_the_disk)
{
    settings = config();
    settings.data_dir = dir.string();

    EXPECT_EQ(problem(), "");
    EXPECT_FALSE(made.remote);
    EXPECT_TRUE(made.reader);
}

TEST_F(archive_parts_test, what_is_wrong_is_named_with_its_key)
{
    settings.archive_secret_key_file = (dir / "none").string();
    EXPECT_THAT(problem(), HasSubstr("archive.secret_key_file = '" + settings.archive_secret_key_file + "' cannot be"));
    settings.archive_secret_key_file = write("empty", "\n");
    EXPECT_THAT(problem(), HasSubstr("archive: the access key and the secret key are missing"));
    settings.archive_secret_key_file = write("two", "one two");
    EXPECT_THAT(problem(), HasSubstr("a character that no key has"));
    settings.archive_endpoint = "minio:9000";
    EXPECT_THAT(problem(), HasSubstr("archive.endpoint = 'minio:9000' must be like"));
    settings.archive_endpoint = "https://minio.internal/path";
    settings.archive_ca_file = (dir / "no-ca.pem").string();
    EXPECT_THAT(problem(), HasSubstr("archive.ca_file: "));
}

TEST_F(archive_parts_test, evidence_that_anybody_on_the_way_can_read_is_warned_of)
{
    EXPECT_FALSE(find_archive_exposure(settings)) << "loopback";
    settings.archive_endpoint = "http://minio.internal:9000";
    EXPECT_THAT(find_archive_exposure(settings).value_or(""), HasSubstr("plain http"));
    settings.archive_endpoint = "";
    EXPECT_FALSE(find_archive_exposure(settings)) << "Amazon's is https";
}

TEST_F(archive_parts_test, retention_is_what_the_configuration_says)
{
    settings.archive_keep_days = 2;
    settings.archive_findings_days = 3;
    settings.archive_bytes_max = 1'000'000'000;
    settings.archive_local_copy = "keep";

    const auto config = archivist_config_of(settings);

    EXPECT_EQ(config.evidence_keep_ns, 2LL * 24 * 3600 * ns_per_s);
    EXPECT_EQ(config.findings_keep_ns, 3LL * 24 * 3600 * ns_per_s);
    EXPECT_EQ(config.bytes_max, 1'000'000'000U);
    EXPECT_TRUE(config.keeps_local);
}

}  // namespace
}  // namespace reprise::app
