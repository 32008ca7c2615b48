#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace reprise::rpc {

// The one message of a unary gRPC call, as its bytes come in: one that says whether it is compressed, four of its
// length, the message. Memory grows with what has come, not with what was announced.
class message_assembly {
public:
    enum class state { incomplete, whole, too_large, second_message, malformed };

    explicit message_assembly(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    state add(std::string_view piece);
    state now() const noexcept { return state_; }

    bool empty() const noexcept { return prefix_size_ == 0; }
    bool compressed() const noexcept { return prefix_[0] != 0; }
    std::size_t announced_bytes() const noexcept { return announced_; }

    // The message, once it is whole.
    std::string take() { return std::move(bytes_); }
    // What has come is of no use.
    void drop() { std::string().swap(bytes_); }

private:
    static constexpr std::size_t prefix_bytes = 5;

    void read_prefix();
    void make_room(std::size_t bytes);

    const std::size_t bytes_max_;
    std::array<unsigned char, prefix_bytes> prefix_{};
    std::size_t prefix_size_ = 0;
    std::size_t announced_ = 0;
    std::string bytes_;
    state state_ = state::incomplete;
};

}  // namespace reprise::rpc
