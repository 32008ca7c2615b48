#include "session.hpp"

#include <string>
#include <string_view>

namespace reprise::net {
namespace {

std::string label_server(const std::string& name, std::string_view more)
{
    return "server=\"" + name + "\"" + std::string(more);
}

}  // namespace

session_context::session_context(
    const server_config& config_, const router& routes_, const clock& time_, metrics& numbers
)
    : config(config_), routes(routes_), time(time_),
      refused_sessions(numbers.add_counter(
          "reprise_http_sessions_refused_total", "Connections closed at once because sessions_max are open.",
          label_server(config_.name, {})
      )),
      failed_handshakes(numbers.add_counter(
          "reprise_http_tls_failures_total", "Connections that did not come to speak TLS.",
          label_server(config_.name, {})
      )),
      open_sessions(
          numbers.add_gauge("reprise_http_sessions", "Open connections.", label_server(config_.name, {}))
      )
{
    constexpr std::array<std::string_view, 6> codes = {
        ",code=\"other\"", ",code=\"1xx\"", ",code=\"2xx\"", ",code=\"3xx\"", ",code=\"4xx\"", ",code=\"5xx\"",
    };
    for (std::size_t i = 0; i < codes.size(); ++i) {
        answers[i] = &numbers.add_counter(
            "reprise_http_answers_total", "Answers by class of their status.", label_server(config_.name, codes[i])
        );
    }
}

}  // namespace reprise::net
