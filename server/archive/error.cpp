#include "reprise/archive/error.hpp"

#include <string>

namespace reprise::archive {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise.archive"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::not_a_bundle: return "not a complete .tar.gz file";
        case errc::path_refused: return "an entry's name is not allowed in a bundle";
        case errc::kind_refused: return "an entry is not a regular file";
        case errc::too_many_entries: return "the bundle has more entries than allowed";
        case errc::entry_too_large: return "an entry is larger than allowed";
        case errc::bundle_too_large: return "the bundle is larger than allowed";
        case errc::manifest_missing: return "the first entry is not manifest.json";
        case errc::manifest_malformed: return "manifest.json does not say what a manifest must say";
        case errc::version_unknown: return "the bundle was written in a format this version does not know";
        case errc::entry_missing: return "the manifest and the entries do not agree";
        case errc::hash_mismatch: return "a file is not what the manifest says it is";
        case errc::exchange_malformed: return "an exchange of the bundle is no RRPair";
        case errc::write_failed: return "the bundle could not be written";
        case errc::bundle_changed: return "it is not the bundle that was kept";
        case errc::bucket_missing: return "the bucket does not exist";
        case errc::wrong_place: return "the bucket is in another region or at another endpoint";
        case errc::request_refused: return "the object store refuses the request";
        case errc::answer_malformed: return "the answer is not that of an object store";
        case errc::not_trusted: return "the object store's certificate does not hold";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& archive_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), archive_category()};
}

}  // namespace reprise::archive
