#pragma once

#include "config.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace reprise::app {

struct server_addresses {
    std::string public_url;       // "http://127.0.0.1:4380"
    std::uint16_t api_port = 0;
    std::uint16_t otlp_http_port = 0;
    std::uint16_t workers_port = 0;  // 0: none listens.
    std::uint16_t otlp_grpc_port = 0;
};

// The whole server in this process: the only place that knows every room. Started when start()
// returns, stopped in good order by stop() or the destructor, both of which block. The clock must
// outlive it. One thread owns it.
class running_server {
public:
    // On failure the error says what, where and the way out.
    static config_result<std::unique_ptr<running_server>> start(const config& settings, const clock& time);
    ~running_server();
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;

    const server_addresses& addresses() const noexcept;

    // A one-time sign-in link for the first administrator.
    result<std::string> make_sign_in_link();
    // Sentences worth a line at the start: levels that nobody can approve, ...
    std::vector<std::string> list_warnings();

    // Listeners, intake, windows, runs, store: in this order, each drained before the next.
    void stop();

private:
    struct parts;
    explicit running_server(std::unique_ptr<parts> made);

    std::unique_ptr<parts> parts_;
};

constexpr const char* journal_key_name = "journal.key";

// Where a data directory keeps what it needs; the last creates its file with mode 0600 when missing.
std::string journal_path(const config& settings);
std::string database_path(const config& settings);
config_result<std::string> load_or_make_key(const std::string& data_dir, const std::string& name);

// The key, or nothing where no server has made one yet. Nothing is made.
config_result<std::optional<std::string>> find_key(const std::string& data_dir, const std::string& name);
constexpr const char* redaction_key_name = "redaction.key";
constexpr const char* link_key_name = "links.key";  // Signs links to approvals.

}  // namespace reprise::app
