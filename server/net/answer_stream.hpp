#pragma once

#include "answer_text.hpp"
#include "connection.hpp"

#include "reprise/base/metrics.hpp"
#include "reprise/net/response_stream.hpp"

#include <array>
#include <chrono>
#include <string>

namespace reprise::net {

// What a session lends to the stream of one answer. All of it outlives the stream.
struct answer_stream_parts {
    answer_stream_parts(
        connection& socket_, const request& req_, const std::array<counter*, 6>& answers_, answer_frame frame_,
        std::chrono::milliseconds write_
    )
        : socket(socket_), req(req_), answers(answers_), frame(frame_), write(write_)
    {
    }

    connection& socket;
    const request& req;
    const std::array<counter*, 6>& answers;  // By hundreds of the status.
    answer_frame frame;
    std::chrono::milliseconds write;
};

class answer_stream final : public response_stream {
public:
    explicit answer_stream(const answer_stream_parts& parts) : parts_(parts) {}

    boost::asio::awaitable<result<void>> begin(response head) override;
    boost::asio::awaitable<result<void>> write(std::string_view bytes) override;
    void give_up() noexcept override { broken_ = true; }

    bool begun() const noexcept { return begun_; }

    // Marks the end of the body; false when the connection is of no further use.
    boost::asio::awaitable<bool> end();

private:
    boost::asio::awaitable<result<void>> send(std::string_view bytes);
    bool is_chunked() const noexcept { return parts_.frame.body == body_frame::chunks; }

    answer_stream_parts parts_;
    std::string piece_;
    bool begun_ = false;
    bool broken_ = false;  // The body will not be complete.
};

}  // namespace reprise::net
