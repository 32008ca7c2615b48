#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/replay/reproduce.hpp"
#include "reprise/replay/target.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace reprise::net {
class http_client;
}

namespace reprise::runs {

// Everything that a replay needs to know, wherever it is carried out; nothing of the store.
struct replay_work {
    std::string run_id;
    model::signal signal;
    std::vector<model::evidence_item> items;
    std::string evidence_sha256;
    replay::target target;
    std::optional<replay::target> last_good;
    bool sends_unsafe_setup = false;     // Otherwise setup requests that change data are left out.
    std::vector<replay::trial> trials;   // Done by earlier attempts.
    replay::trial_limits limits;
};

struct judged_replay {
    replay::run_result judged;
    std::string json;  // RunResult; empty when nothing could be replayed.
};

// What carries it out. Everything outlives the coroutine.
struct replay_means {
    replay_means(
        net::http_client& http_, const clock& time_, replay::trace_port& traces_, replay::progress_port& progress_
    )
        : http(http_), time(time_), traces(traces_), progress(progress_)
    {
    }

    net::http_client& http;
    const clock& time;
    replay::trace_port& traces;
    replay::progress_port& progress;
};

// Plans, sends, judges. Errors are those of the progress port: the lease is lost, or the store is away.
boost::asio::awaitable<result<judged_replay>> run_replay_work(replay_work work, replay_means means);

}  // namespace reprise::runs
