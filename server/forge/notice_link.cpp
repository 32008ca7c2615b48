#include "reprise/forge/notice_link.hpp"

#include "reprise/base/id.hpp"

namespace reprise::forge {

std::string page_link(std::string_view public_url, std::string_view page, std::string_view id)
{
    if (public_url.empty() || !is_ulid(id))
        return {};
    std::string link(public_url);
    while (link.ends_with('/'))
        link.pop_back();
    return link + "/" + std::string(page) + "/" + std::string(id);
}

std::string notice_link(const boost::json::object& data, std::string_view public_url)
{
    struct page {
        std::string_view member;
        std::string_view name;
    };
    constexpr page pages[] = {{"approval_id", "approvals"}, {"run_id", "runs"}, {"incident_id", "incidents"}};
    for (const page& one : pages) {
        const auto* id = data.if_contains(one.member);
        // A publication is looked at where its incident is.
        const bool is_way_there = one.member == "run_id" && data.contains("publication_id");
        if (id != nullptr && id->is_string() && !is_way_there)
            return page_link(public_url, one.name, id->get_string());
    }
    return {};
}

}  // namespace reprise::forge
