#pragma once

#include "reprise/archive/object_store.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace reprise::pipeline::test {

// A bucket in memory that fails as often as it is told to. Its pages hold one object.
class bucket_in_memory final : public archive::object_store {
public:
    boost::asio::awaitable<archive::store_result<void>> put(std::string key, std::string bytes) override
    {
        calls.push_back("put " + key);
        if (!failures.empty())
            co_return next_failure();
        objects[key] = spoils ? bytes + "!" : bytes;
        co_return archive::store_result<void>();
    }
    boost::asio::awaitable<archive::store_result<std::string>> get(std::string key) override
    {
        calls.push_back("get " + key);
        if (!objects.contains(key))
            co_return archive::store_failure(errc::not_found, "no " + key);
        co_return objects[key];
    }
    boost::asio::awaitable<archive::store_result<archive::object_info>> head(std::string key) override
    {
        calls.push_back("head " + key);
        if (!objects.contains(key))
            co_return archive::store_failure(errc::not_found, "no " + key);
        archive::object_info info;
        info.bytes = objects[key].size();
        co_return info;
    }
    boost::asio::awaitable<archive::store_result<archive::object_page>> list(
        std::string prefix, std::string next
    ) override
    {
        archive::object_page page;
        for (const auto& [key, bytes] : objects) {
            if (!key.starts_with(prefix) || key <= next)
                continue;
            if (!page.objects.empty()) {
                page.next = page.objects.back().key;
                break;
            }
            archive::object_info info;
            info.key = key;
            info.bytes = bytes.size();
            page.objects.push_back(info);
        }
        co_return page;
    }
    boost::asio::awaitable<archive::store_result<void>> remove(std::string key) override
    {
        calls.push_back("remove " + key);
        if (!failures.empty())
            co_return next_failure();
        objects.erase(key);
        co_return archive::store_result<void>();
    }
    const std::string& place() const noexcept override { return place_; }

    std::map<std::string, std::string> objects;
    std::deque<archive::store_failure> failures;
    std::vector<std::string> calls;
    bool spoils = false;

private:
    archive::store_failure next_failure()
    {
        archive::store_failure failure = failures.front();
        failures.pop_front();
        return failure;
    }

    std::string place_ = "s3://test/";
};

}  // namespace reprise::pipeline::test
