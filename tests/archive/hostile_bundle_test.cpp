#include "fixture.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <functional>
#include <iterator>
#include <random>

// What strangers may hand to read_bundle.
namespace reprise::archive {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct raw_entry {
    std::string name;
    std::string bytes;
    unsigned kind = AE_IFREG;
    std::string link = {};
};

class hostile_bundle_test : public bundle_fixture {
protected:
    fs::path pack_raw(const std::vector<raw_entry>& entries, bool gzip = true)
    {
        const fs::path path = dir_ / "hostile.tar.gz";
        auto* writer = ::archive_write_new();
        ::archive_write_set_format_pax_restricted(writer);
        if (gzip)
            ::archive_write_add_filter_gzip(writer);
        EXPECT_EQ(::archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
        for (const raw_entry& one : entries) {
            auto* entry = ::archive_entry_new();
            ::archive_entry_set_pathname(entry, one.name.c_str());
            ::archive_entry_set_filetype(entry, one.kind);
            ::archive_entry_set_perm(entry, 0644);
            ::archive_entry_set_size(entry, static_cast<la_int64_t>(one.bytes.size()));
            if (one.kind == AE_IFLNK)
                ::archive_entry_set_symlink(entry, one.link.c_str());
            else if (!one.link.empty())
                ::archive_entry_set_hardlink(entry, one.link.c_str());
            ::archive_write_header(writer, entry);
            ::archive_write_data(writer, one.bytes.data(), one.bytes.size());
            ::archive_entry_free(entry);
        }
        ::archive_write_close(writer);
        ::archive_write_free(writer);
        return path;
    }

    // A good bundle's entries, to be spoilt.
    std::vector<raw_entry> good_entries()
    {
        const auto written = write_bundle(dir_, source());
        const auto read = read_bundle(dir_ / written->path);
        std::vector<raw_entry> entries = {{"manifest.json", read->manifest}, {"signal.json", read->signal_json}};
        const auto manifest = json::parse(read->manifest).as_object();
        for (std::size_t i = 0; i < read->items.size(); ++i) {
            const auto& listed = manifest.at("exchanges").as_array()[i].as_object();
            auto item = read->items[i].exchange;
            entries.push_back({std::string(listed.at("path").as_string()), telemetry::write_rrpair_json(item)});
        }
        return entries;
    }

    static void edit_manifest(std::vector<raw_entry>& entries, const std::function<void(json::object&)>& edit)
    {
        auto manifest = json::parse(entries[0].bytes).as_object();
        edit(manifest);
        entries[0].bytes = json::serialize(manifest);
    }

    error_code error_of(const std::vector<raw_entry>& entries, const read_limits& limits = {})
    {
        const auto read = read_bundle(pack_raw(entries), limits);
        return read ? error_code() : read.error();
    }
};

TEST_F(hostile_bundle_test, good_entries_packed_by_someone_else_are_read)
{
    EXPECT_EQ(error_of(good_entries()), error_code());
}

TEST_F(hostile_bundle_test, names_that_climb_or_repeat_are_refused)
{
    for (const char* name : {"../x", "/etc/x", "a/../../x", "a//b", "a b", "x\\y", "./x"}) {
        auto entries = good_entries();
        entries.push_back({name, "x"});
        EXPECT_EQ(error_of(entries), errc::path_refused) << name;
    }
    auto twice = good_entries();
    twice.push_back(twice[1]);
    EXPECT_EQ(error_of(twice), errc::path_refused);
    auto second_manifest = good_entries();
    second_manifest.push_back(second_manifest[0]);
    EXPECT_EQ(error_of(second_manifest), errc::path_refused);
}

TEST_F(hostile_bundle_test, only_regular_files_are_taken)
{
    auto symlink = good_entries();
    symlink.push_back({"x", "", AE_IFLNK, "/etc/passwd"});
    EXPECT_EQ(error_of(symlink), errc::kind_refused);

    auto hardlink = good_entries();
    hardlink.push_back({"x", "", AE_IFREG, "signal.json"});
    EXPECT_EQ(error_of(hardlink), errc::kind_refused);

    auto fifo = good_entries();
    fifo.push_back({"x", "", AE_IFIFO, ""});
    EXPECT_EQ(error_of(fifo), errc::kind_refused);

    auto directory = good_entries();
    directory.push_back({"x/y", "", AE_IFDIR, ""});
    const auto refused = error_of(directory);
    EXPECT_TRUE(refused == errc::kind_refused || refused == errc::path_refused);
}

TEST_F(hostile_bundle_test, every_limit_holds)
{
    const auto entries = good_entries();
    read_limits limits;
    limits.entries_max = static_cast<std::uint32_t>(entries.size()) - 1;
    EXPECT_EQ(error_of(entries, limits), errc::too_many_entries);

    limits = {};
    limits.entry_bytes_max = 200;
    EXPECT_EQ(error_of(entries, limits), errc::entry_too_large);

    limits = {};
    limits.unpacked_bytes_max = entries[0].bytes.size() + 10;
    EXPECT_EQ(error_of(entries, limits), errc::bundle_too_large);

    limits = {};
    limits.bundle_bytes_max = 100;
    EXPECT_EQ(error_of(entries, limits), errc::bundle_too_large);

    limits = {};
    limits.name_bytes_max = 12;
    EXPECT_EQ(error_of(entries, limits), errc::path_refused);
}

TEST_F(hostile_bundle_test, a_bomb_stops_at_the_limit)
{
    auto entries = good_entries();
    entries.push_back({"bomb", std::string(64U << 20U, '\0')});
    EXPECT_EQ(error_of(entries), errc::entry_too_large);
}

TEST_F(hostile_bundle_test, the_manifest_comes_first_and_is_one)
{
    auto swapped = good_entries();
    std::swap(swapped[0], swapped[1]);
    EXPECT_EQ(error_of(swapped), errc::manifest_missing);

    for (const char* text : {"", "{", "[]", "{}", "null", R"({"format":"1"})"}) {
        auto entries = good_entries();
        entries[0].bytes = text;
        EXPECT_EQ(error_of(entries), errc::manifest_malformed) << text;
    }
    auto newer = good_entries();
    edit_manifest(newer, [](json::object& manifest) { manifest["format"] = 2; });
    EXPECT_EQ(error_of(newer), errc::version_unknown);
}

TEST_F(hostile_bundle_test, a_manifest_that_lacks_or_twists_a_member_is_malformed)
{
    const auto entries = good_entries();
    const auto whole = json::parse(entries[0].bytes).as_object();
    for (const char* member : {"format", "producer", "selection", "redaction", "counts", "signal", "evidence",
                               "exchanges"}) {
        auto spoilt = entries;
        edit_manifest(spoilt, [&](json::object& manifest) { manifest.erase(member); });
        EXPECT_EQ(error_of(spoilt), errc::manifest_malformed) << member;
        spoilt = entries;
        edit_manifest(spoilt, [&](json::object& manifest) { manifest[member] = nullptr; });
        EXPECT_EQ(error_of(spoilt), errc::manifest_malformed) << member;
    }
    for (const auto& member : whole.at("exchanges").as_array()[0].as_object()) {
        auto spoilt = entries;
        edit_manifest(spoilt, [&](json::object& manifest) {
            manifest["exchanges"].as_array()[0].as_object()[member.key()] = json::object();
        });
        EXPECT_EQ(error_of(spoilt), errc::manifest_malformed) << member.key();
    }
}

TEST_F(hostile_bundle_test, a_changed_file_is_found_by_its_hash)
{
    auto exchange = good_entries();
    exchange[2].bytes[10] ^= 1;
    EXPECT_EQ(error_of(exchange), errc::hash_mismatch);

    auto signal = good_entries();
    signal[1].bytes += " ";
    EXPECT_EQ(error_of(signal), errc::hash_mismatch);
}

TEST_F(hostile_bundle_test, manifest_and_entries_agree)
{
    auto lacking = good_entries();
    lacking.pop_back();
    EXPECT_EQ(error_of(lacking), errc::entry_missing);

    auto extra = good_entries();
    extra.push_back({"x", "x"});
    EXPECT_EQ(error_of(extra), errc::entry_missing);

    auto listed_twice = good_entries();
    edit_manifest(listed_twice, [](json::object& manifest) {
        auto& list = manifest["exchanges"].as_array();
        const json::value first = list[0];
        list.push_back(first);
    });
    EXPECT_EQ(error_of(listed_twice), errc::entry_missing);
}

TEST_F(hostile_bundle_test, an_exchange_that_is_no_rrpair_is_told)
{
    auto entries = good_entries();
    entries[2].bytes = "{}";
    edit_manifest(entries, [](json::object& manifest) {
        auto& first = manifest["exchanges"].as_array()[0].as_object();
        first["bytes"] = 2;
        first["sha256"] = sha256_hex("{}");
    });
    EXPECT_EQ(error_of(entries), errc::exchange_malformed);
}

TEST_F(hostile_bundle_test, what_is_no_compressed_tar_is_no_bundle)
{
    const auto write = [&](const std::string& bytes) {
        std::ofstream(dir_ / "x", std::ios::binary) << bytes;
        return read_bundle(dir_ / "x").error();
    };
    EXPECT_EQ(write(""), errc::not_a_bundle);
    EXPECT_EQ(write("hello"), errc::not_a_bundle);
    EXPECT_EQ(write(std::string(100'000, 'x')), errc::not_a_bundle);
    EXPECT_EQ(read_bundle(pack_raw(good_entries(), false)).error(), errc::not_a_bundle);
    EXPECT_EQ(read_bundle(dir_ / "none").error(), reprise::errc::not_found);
    EXPECT_FALSE(read_bundle(dir_));
}

// Any damage is answered with an error or leaves the content as it was, never with a crash.
TEST_F(hostile_bundle_test, random_damage_is_answered)
{
    const auto written = write_bundle(dir_, source());
    std::ifstream file(dir_ / written->path, std::ios::binary);
    const std::string good{std::istreambuf_iterator<char>(file), {}};
    std::mt19937 random(20261121);
    const auto pick = [&](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    std::size_t refused = 0;
    for (int round = 0; round < 300; ++round) {
        std::string spoilt = good.substr(0, pick(3) == 0 ? pick(good.size()) : good.size());
        for (std::size_t i = 0; i < 1 + pick(4) && !spoilt.empty(); ++i)
            spoilt[pick(spoilt.size())] = static_cast<char>(pick(256));
        std::ofstream(dir_ / "spoilt", std::ios::binary) << spoilt;
        const auto read = read_bundle(dir_ / "spoilt");
        if (read)
            EXPECT_EQ(read->items.size(), 12U);
        else
            ++refused;
    }
    EXPECT_GT(refused, 200U);
}

}  // namespace
}  // namespace reprise::archive
