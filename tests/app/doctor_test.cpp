#include "../../server/app/commands.hpp"
#include "../../server/app/running_server.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/content_hash.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/journal.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>

namespace reprise::app {
namespace {

namespace fs = std::filesystem;

config in_new_directory()
{
    std::string name = (fs::temp_directory_path() / "reprise-doctor-XXXXXX").string();
    config settings;
    settings.data_dir = ::mkdtemp(name.data());
    return settings;
}

class doctor : public testing::Test {
protected:
    doctor()
        : settings_(in_new_directory()), failing_segment("FAIL: 1 segments in " + journal_path(settings_) + " were ")
    {
    }
    ~doctor() override { fs::remove_all(settings_.data_dir); }

    fs::path journal_directory() const { return journal_path(settings_); }

    fs::path only_segment() const
    {
        for (const auto& one : fs::directory_iterator(journal_directory())) {
            if (one.path().extension() == ".segment")
                return one.path();
        }
        return {};
    }

    // A journal that holds one request.
    void keep_a_request()
    {
        metrics counts;
        manual_clock time;
        std::string problem;
        const auto key = std::get<std::string>(load_or_make_key(settings_.data_dir, journal_key_name));
        const auto log = pipeline::journal::open(journal_directory(), {}, key, time, counts, problem).value();
        log->start();
        std::promise<pipeline::placed_entry> placed;
        pipeline::journal_entry entry;
        entry.payload = std::make_shared<const std::string>("a request");
        entry.body = log->hash_of(*entry.payload);
        log->append(std::move(entry), [&placed](pipeline::placed_entry one) { placed.set_value(std::move(one)); });
        placed.get_future().get().hold->keep();
        log->stop();
    }

    // What it says of the journal: "state: detail" a line each.
    std::string said_of_the_journal()
    {
        output_style style;
        style.json = true;
        testing::internal::CaptureStdout();
        run_doctor(settings_, style);
        const auto findings = boost::json::parse(testing::internal::GetCapturedStdout());
        std::string lines;
        for (const auto& one : findings.as_array()) {
            if (one.at("what") != "journal")
                continue;
            lines += one.at("state").as_string();
            lines += ": ";
            lines += one.at("detail").as_string();
            lines += "\n";
        }
        return lines;
    }

    config settings_;
    const std::string failing_segment;
};

TEST_F(doctor, counts_what_waits_in_the_journal)
{
    keep_a_request();

    EXPECT_EQ(said_of_the_journal(), "ok: 1 requests in 1 segments wait for their windows\n");
}

TEST_F(doctor, says_that_the_journal_was_sealed_under_another_key)
{
    keep_a_request();
    fs::remove(fs::path(settings_.data_dir) / "keys" / journal_key_name);
    ASSERT_TRUE(std::holds_alternative<std::string>(load_or_make_key(settings_.data_dir, journal_key_name)));

    const std::string said = said_of_the_journal();
    const std::string expected = failing_segment + "sealed under another key";

    EXPECT_EQ(said.substr(0, expected.size()), expected);
}

TEST_F(doctor, says_that_the_journals_key_is_missing)
{
    keep_a_request();
    const fs::path key = fs::path(settings_.data_dir) / "keys" / journal_key_name;
    fs::remove(key);

    EXPECT_TRUE(said_of_the_journal().starts_with("FAIL: " + key.string() + " is missing"));
}

// The header of docs/formats/journal.md, as the next version of it might be.
TEST_F(doctor, says_that_a_later_version_wrote_the_journal)
{
    keep_a_request();
    std::fstream file(only_segment(), std::ios::in | std::ios::out | std::ios::binary);
    std::string checked(64, '\0');
    file.read(checked.data(), 64);
    checked.replace(0, 8, "RPRJRNL4");
    const std::uint64_t check = checksum(checked);
    checked.append(reinterpret_cast<const char*>(&check), sizeof check);
    file.seekp(0).write(checked.data(), static_cast<std::streamsize>(checked.size()));
    file.close();

    const std::string said = said_of_the_journal();
    const std::string expected = failing_segment + "written by a later version";

    EXPECT_EQ(said.substr(0, expected.size()), expected);
}

}  // namespace
}  // namespace reprise::app
