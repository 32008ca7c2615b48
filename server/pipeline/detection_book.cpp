#include "reprise/pipeline/detection_book.hpp"

#include <utility>

namespace reprise::pipeline {

void detection_book::put(const std::string& service, model::detection_settings settings, std::int64_t version)
{
    const std::lock_guard lock(mutex_);
    const auto known = pages_->find(service);
    if (known != pages_->end() && known->second.version >= version)
        return;
    auto changed = std::make_shared<pages>(*pages_);
    (*changed)[service] = {std::move(settings), version};
    pages_ = std::move(changed);
}

std::shared_ptr<const detection_book::pages> detection_book::look() const
{
    const std::lock_guard lock(mutex_);
    return pages_;
}

model::detection_settings detection_book::find(std::string_view service) const
{
    const auto now = look();
    const auto known = now->find(service);
    return known != now->end() ? known->second.settings : model::detection_settings();
}

}  // namespace reprise::pipeline
