#pragma once

#include "reprise/archive/bundle.hpp"
#include "reprise/model/kept_answer.hpp"
#include "reprise/replay/compare.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// What a run's targets answered beside what was captured. Pure; takes as long as the bodies are.
namespace reprise::http {

struct answer_page {
    boost::json::array items;
    std::string next;
};

// Those after the exchange `after` (-1: from the first), at most `limit`.
answer_page render_answers(
    const archive::bundle& bundle, std::span<const model::exchange_answers> answers, std::int64_t after,
    std::size_t limit
);

// Nothing when nothing is kept of that exchange. `options`: what else does not count, by the reader's wish.
std::optional<boost::json::object> render_answer(
    const archive::bundle& bundle, std::span<const model::exchange_answers> answers, std::size_t exchange,
    std::string_view base_url, replay::compare_options options
);

}  // namespace reprise::http
