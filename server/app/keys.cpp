#include "running_server.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/base/hash.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <system_error>

namespace reprise::app {
namespace {

constexpr std::size_t key_bytes = 32;

// Whole or not at all, and there after a power cut: what is sealed under it must not outlive it.
std::optional<config_error> write_key(const std::string& path, const std::string& text)
{
    if (write_durable_file(path, text, when_present::keep))
        return std::nullopt;
    return config_error{path + ": cannot be written; is the disk full, or does it belong to somebody else?"};
}

config_result<std::string> read_key(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string key = from_hex(std::string{std::istreambuf_iterator<char>(file), {}});
    if (key.size() != key_bytes)
        return config_error{path + ": is not a key of 64 hex digits; restore it from a backup"};
    return key;
}

}  // namespace

std::string database_path(const config& settings)
{
    return (std::filesystem::path(settings.data_dir) / "reprise.db").string();
}

std::string journal_path(const config& settings)
{
    return (std::filesystem::path(settings.data_dir) / "journal").string();
}

config_result<std::string> load_or_make_key(const std::string& data_dir, const std::string& name)
{
    const auto directory = std::filesystem::path(data_dir) / "keys";
    std::error_code ec;
    std::filesystem::create_directories(directory, ec);
    if (ec)
        return config_error{directory.string() + ": cannot be made: " + ec.message() + "; check server.data_dir"};
    ::chmod(directory.c_str(), 0700);
    const std::string path = (directory / name).string();
    if (!std::filesystem::exists(path)) {
        if (auto wrong = write_key(path, random_token(key_bytes)))
            return std::move(*wrong);
    }
    return read_key(path);
}

config_result<std::optional<std::string>> find_key(const std::string& data_dir, const std::string& name)
{
    const std::string path = (std::filesystem::path(data_dir) / "keys" / name).string();
    std::error_code ec;
    if (!std::filesystem::exists(path, ec))
        return std::optional<std::string>();
    auto key = read_key(path);
    if (auto* wrong = std::get_if<config_error>(&key))
        return std::move(*wrong);
    return std::optional(std::get<std::string>(std::move(key)));
}

}  // namespace reprise::app
