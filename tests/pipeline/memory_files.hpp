#pragma once

#include "../../server/pipeline/journal_files.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace reprise::test {

// A disk in memory that does what disks do: it keeps what was synced, and at a power cut any part of
// the rest, in blocks of 512 bytes; it gets full; it fails. Outlives the port that writes to it, as a
// disk outlives a process.
class memory_disk {
public:
    static constexpr std::size_t block_bytes = 512;

    struct file {
        std::string bytes;
        std::string synced;  // What it was when it was last synced.
    };

    std::map<std::string, file> files;
    std::map<std::string, std::string> aside;
    int syncs = 0;
    std::optional<errc> write_fails;  // With half of the bytes written, until taken away.
    std::optional<errc> sync_fails;
    std::optional<errc> create_fails;
    bool truncate_fails = false;

    // Of what was not synced: a random length, and any of its blocks may be what it was before, or zeros.
    void cut_power(std::mt19937_64& random)
    {
        for (auto& [name, one] : files) {
            const std::size_t unsynced = one.bytes.size() - one.synced.size();
            one.bytes.resize(one.synced.size() + random() % (unsynced + 1));
            one.synced.resize(one.bytes.size());
            for (std::size_t at = 0; at < one.bytes.size(); at += block_bytes) {
                if (random() % 3 == 0)
                    one.bytes.replace(at, block_bytes, one.synced, at, block_bytes);
            }
            one.synced = one.bytes;
        }
    }

    std::size_t bytes() const
    {
        std::size_t sum = 0;
        for (const auto& [name, one] : files)
            sum += one.bytes.size();
        return sum;
    }
};

class memory_files final : public pipeline::journal_files {
public:
    explicit memory_files(memory_disk& disk) : disk_(disk) {}

    result<std::vector<std::string>> list() override
    {
        std::vector<std::string> names;
        for (const auto& [name, one] : disk_.files)
            names.push_back(name);
        return names;
    }

    result<std::unique_ptr<pipeline::segment_file>> create(const std::string& name) override
    {
        if (disk_.create_fails)
            return *disk_.create_fails;
        if (!disk_.files.try_emplace(name).second)
            return errc::io;
        return std::unique_ptr<pipeline::segment_file>(std::make_unique<open_file>(disk_, name));
    }

    result<std::string> read(const std::string& name) override { return disk_.files.at(name).bytes; }

    result<void> truncate(const std::string& name, std::size_t bytes) override
    {
        if (disk_.truncate_fails)
            return errc::io;
        memory_disk::file& one = disk_.files.at(name);
        one.bytes.resize(bytes);
        one.synced.resize(std::min(one.synced.size(), bytes));
        return {};
    }

    result<void> remove(const std::string& name) override
    {
        return disk_.files.erase(name) == 1 ? result<void>() : result<void>(errc::io);
    }

    result<void> set_aside(const std::string& name, std::string_view bytes) override
    {
        disk_.aside.try_emplace(name, bytes);
        return {};
    }

private:
    class open_file final : public pipeline::segment_file {
    public:
        open_file(memory_disk& disk, std::string name) : disk_(disk), name_(std::move(name)) {}

        result<void> write(std::uint64_t at, std::string_view blocks) override
        {
            std::string& to = disk_.files.at(name_).bytes;
            if (disk_.write_fails) {
                to.replace(at, blocks.size() / 2, blocks.substr(0, blocks.size() / 2));
                return *disk_.write_fails;
            }
            to.replace(at, blocks.size(), blocks);
            return {};
        }

        result<void> sync() override
        {
            if (disk_.sync_fails)
                return *disk_.sync_fails;
            ++disk_.syncs;
            memory_disk::file& one = disk_.files.at(name_);
            one.synced = one.bytes;
            return {};
        }

    private:
        memory_disk& disk_;
        std::string name_;
    };

    memory_disk& disk_;
};

}  // namespace reprise::test
