#include "grpc_text.hpp"

#include "reprise/base/hash.hpp"

namespace reprise::rpc {

std::string encode_grpc_message(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '%') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

std::string encode_binary_header(std::string_view bytes)
{
    std::string text = to_base64(bytes);
    while (!text.empty() && text.back() == '=')
        text.pop_back();
    return text;
}

std::string frame_grpc_message(std::string_view bytes)
{
    std::string framed;
    framed.reserve(bytes.size() + 5);
    framed += '\0';
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        framed += static_cast<char>(static_cast<unsigned char>(bytes.size() >> shift));
    framed += bytes;
    return framed;
}

}  // namespace reprise::rpc
