#pragma once

#include "context.hpp"

#include "reprise/base/embedded.hpp"
#include "reprise/net/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reprise::http {

// The dashboard's files by path, their .gz variants folded in. Sees the bytes, does not copy them.
std::unordered_map<std::string, asset> index_assets(std::span<const embedded_file> files);

// The file of the path; index.html for the addresses of screens; a page that says how to build the
// dashboard when there is none; 404 for anything that looks like a file or an API path.
net::response serve_asset(const std::unordered_map<std::string, asset>& assets, const net::request& req);

boost::asio::awaitable<net::response> answer_asset(context& api, net::request& req);

}  // namespace reprise::http
