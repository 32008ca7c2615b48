#include "message_assembly.hpp"

#include <algorithm>

namespace reprise::rpc {
namespace {

constexpr std::size_t trusted_bytes_max = 1024 * 1024;  // Announced lengths up to this are reserved at once.

}  // namespace

void message_assembly::read_prefix()
{
    announced_ = 0;
    for (std::size_t i = 1; i < prefix_bytes; ++i)
        announced_ = announced_ << 8 | prefix_[i];
    if (prefix_[0] > 1)
        state_ = state::malformed;
    else if (announced_ > bytes_max_)
        state_ = state::too_large;
    else if (announced_ == 0)
        state_ = state::whole;
}

void message_assembly::make_room(std::size_t bytes)
{
    if (bytes <= bytes_.capacity())
        return;
    const std::size_t wanted = std::max({bytes, 2 * bytes_.capacity(), trusted_bytes_max});
    bytes_.reserve(std::min(wanted, announced_));
}

message_assembly::state message_assembly::add(std::string_view piece)
{
    while (!piece.empty() && state_ == state::incomplete && prefix_size_ < prefix_bytes) {
        prefix_[prefix_size_++] = static_cast<unsigned char>(piece.front());
        piece.remove_prefix(1);
        if (prefix_size_ == prefix_bytes)
            read_prefix();
    }
    if (piece.empty())
        return state_;
    if (state_ == state::incomplete) {
        const std::string_view mine = piece.substr(0, announced_ - bytes_.size());
        make_room(bytes_.size() + mine.size());
        bytes_.append(mine);
        piece.remove_prefix(mine.size());
        if (bytes_.size() == announced_)
            state_ = state::whole;
    }
    if (state_ == state::whole && !piece.empty())
        state_ = state::second_message;
    return state_;
}

}  // namespace reprise::rpc
