#pragma once

#include "terminal.hpp"

#include "reprise/replay/compare.hpp"
#include "reprise/replay/drive.hpp"

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace reprise::app {

// Compares each answer with the recorded one as it comes, and answers of one request with each other to learn what
// differs anyway. For one drive, on its thread; a null-sized bar may be given to it.
class comparing_observer final : public replay::send_observer {
public:
    // `exchanges` and `bar` outlive it. With one round there are no twins, and nothing is learned.
    comparing_observer(
        std::span<const model::exchange> exchanges, replay::compare_options options, bool compares, progress_bar& bar
    );

    void ended(const replay::send_record& record, const replay::sent_response* answer) override;

    replay::compare_report summarise() const { return book_.summarise(); }

private:
    // The first answer of a request, for comparing later ones with it.
    struct kept_answer {
        int status = 0;
        model::header_list headers;
        std::string body;
    };

    void learn_noise(const replay::send_record& record, const replay::sent_response& answer);

    std::span<const model::exchange> exchanges_;
    replay::compare_options options_;
    bool compares_;
    progress_bar& bar_;
    replay::difference_book book_;
    std::unordered_map<std::uint32_t, kept_answer> first_;
    std::size_t kept_bytes_ = 0;
};

// When the exchanges were captured: from the first start to the last end.
telemetry::time_interval captured_interval(std::span<const model::exchange> exchanges);

}  // namespace reprise::app
