#include "fuzz_target.hpp"
#include "require.hpp"

#include "../../server/archive/s3_xml.hpp"

#include <algorithm>

// What an object store answers, read by whoever believes it: bounded, one line, never a list without end; and
// what was listed is listed again as the same, whatever bytes its keys hold.
namespace reprise::fuzz {
namespace {

std::string escape_all(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0x0FU];
    }
    return out;
}

std::string write_list(const archive::object_page& page)
{
    std::string out = "<ListBucketResult><EncodingType>url</EncodingType>";
    for (const archive::object_info& one : page.objects)
        out += "<Contents><Size>" + std::to_string(one.bytes) + "</Size><Key>" + escape_all(one.key) +
               "</Key></Contents>";
    return out + "</ListBucketResult>";
}

void check_page(const archive::object_page& page)
{
    require(page.objects.size() <= archive::object_page_max, "a page holds too much");
    require(page.next.empty() || !page.objects.empty(), "an empty page leads to another");
    const auto again = archive::parse_list(write_list(page));
    require(again && again->objects.size() == page.objects.size(), "a list cannot be read again");
    for (std::size_t i = 0; i < page.objects.size(); ++i) {
        require_same(page.objects[i].key, again->objects[i].key, "a key is another when read again");
        require(page.objects[i].bytes == again->objects[i].bytes, "a size is another when read again");
    }
}

}  // namespace

void object_answer(std::string_view input)
{
    const auto error = archive::find_error(input);
    if (error) {
        const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
        require(error->code.size() <= 64 && error->message.size() <= 300, "an error is too long");
        require(std::none_of(error->message.begin(), error->message.end(), is_control), "an error has many lines");
    }
    const auto page = archive::parse_list(input);
    if (page)
        check_page(*page);
    const auto upload = archive::parse_upload_id(input);
    require(!upload || (!upload->empty() && upload->size() <= 1'024), "an upload's id is none");
}

}  // namespace reprise::fuzz
