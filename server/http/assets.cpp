#include "assets.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace reprise::http {
namespace {

constexpr std::string_view index_name = "index.html";
constexpr std::size_t name_hash_chars = 8;

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> content_types = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".map", "application/json"},
}};

// No script, no style, so that the policy of all answers fits it.
constexpr std::string_view no_dashboard_page = R"(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Reprise</title></head>
<body>
<h1>Reprise is running; its dashboard was not built</h1>
<p>This binary was compiled without the web files. To build them you need Node 18 or newer:</p>
<pre>cd web
npm ci --ignore-scripts
npm run build</pre>
<p>Then compile again. The API answers below <code>/api/v1</code>; <code>/api/v1/openapi.json</code> describes it.</p>
</body>
</html>
)";

std::string_view content_type_of(std::string_view path)
{
    for (const auto& [suffix, type] : content_types) {
        if (path.ends_with(suffix))
            return type;
    }
    return "application/octet-stream";
}

// "app-3FA9C2D1.js": the builder put eight characters of a hash before the suffix.
bool has_hash(std::string_view path)
{
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos || dot < name_hash_chars + 1)
        return false;
    const std::string_view hash = path.substr(dot - name_hash_chars, name_hash_chars);
    const bool is_hash = std::all_of(hash.begin(), hash.end(), [](unsigned char c) {
        return std::isdigit(c) != 0 || std::isupper(c) != 0;
    });
    return is_hash && path[dot - name_hash_chars - 1] == '-';
}

bool takes_gzip(std::string_view accepted)
{
    return accepted.find("gzip") != std::string_view::npos && accepted.find("gzip;q=0,") == std::string_view::npos &&
           !accepted.ends_with("gzip;q=0");
}

bool knows_etag(std::string_view known, const std::string& etag)
{
    return known == "*" || known.find(etag) != std::string_view::npos;
}

net::response send(const asset& file, const net::request& req)
{
    const bool zipped = !file.gzip.empty() && takes_gzip(req.header("accept-encoding"));
    // The two forms are two representations: each has its own tag.
    const std::string etag = zipped ? "\"" + file.etag + "-gz\"" : "\"" + file.etag + "\"";
    net::response reply;
    if (knows_etag(req.header("if-none-match"), etag)) {
        reply.status = 304;
    } else {
        reply.content_type = std::string(file.content_type);
        reply.body = zipped ? file.gzip : file.bytes;
        if (zipped)
            reply.set_header("Content-Encoding", "gzip");
    }
    reply.set_header("ETag", etag);
    reply.set_header("Vary", "Accept-Encoding");
    reply.set_header("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    return reply;
}

// The address of a screen, /incidents/01J..., rather than of a file or of the API. A service's name may
// hold a dot.
bool is_screen(std::string_view path)
{
    if (path.starts_with("api/") || path.starts_with("assets/") || path.starts_with("v1/"))
        return false;
    const std::string_view last = path.substr(path.rfind('/') + 1);
    return last.find('.') == std::string_view::npos || path.starts_with("services/");
}

}  // namespace

std::unordered_map<std::string, asset> index_assets(std::span<const embedded_file> files)
{
    std::unordered_map<std::string, asset> out;
    for (const embedded_file& file : files) {
        if (file.path.ends_with(".gz"))
            continue;
        asset entry;
        entry.bytes = file.bytes;
        entry.content_type = content_type_of(file.path);
        entry.etag = sha256_hex(file.bytes).substr(0, 32);
        entry.immutable = has_hash(file.path);
        out.emplace(file.path, std::move(entry));
    }
    for (const embedded_file& file : files) {
        if (!file.path.ends_with(".gz"))
            continue;
        const auto plain = out.find(std::string(file.path.substr(0, file.path.size() - 3)));
        if (plain != out.end())
            plain->second.gzip = file.bytes;
    }
    return out;
}

net::response serve_asset(const std::unordered_map<std::string, asset>& assets, const net::request& req)
{
    const std::string path = req.path.substr(1);
    const auto index = assets.find(std::string(index_name));
    const auto file = assets.find(path.empty() ? std::string(index_name) : path);
    if (file != assets.end())
        return send(file->second, req);
    if (!is_screen(path))
        return net::problem(req, 404, "not_found", "There is nothing at " + req.path + ".");
    if (index != assets.end())
        return send(index->second, req);
    net::response reply(200, "text/html; charset=utf-8", no_dashboard_page);
    reply.set_header("Cache-Control", "no-store");
    return reply;
}

boost::asio::awaitable<net::response> answer_asset(context& api, net::request& req)
{
    co_return serve_asset(api.assets, req);
}

}  // namespace reprise::http
