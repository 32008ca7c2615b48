#pragma once

#include "reprise/model/detection.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace reprise::pipeline {

// What people set for the detection of single services, as it is now. Whoever closes windows or finds signals looks
// once for each; nobody looks per record. Safe from any thread; a look copies a few words and waits for no writer
// longer than that takes.
class detection_book {
public:
    // Takes the place of what was set before. An older version than the known one changes nothing: changes of a service
    // may arrive here in another order than they were stored in.
    void put(const std::string& service, model::detection_settings settings, std::int64_t version);

    // Nothing is set for a service that is not in the book.
    model::detection_settings find(std::string_view service) const;

private:
    struct entry {
        model::detection_settings settings;
        std::int64_t version = 0;
    };
    using pages = std::map<std::string, entry, std::less<>>;

    std::shared_ptr<const pages> look() const;

    mutable std::mutex mutex_;
    std::shared_ptr<const pages> pages_ = std::make_shared<const pages>();
};

}  // namespace reprise::pipeline
