#include "../../server/http/assets.hpp"

#include "running_api.hpp"

#include <gtest/gtest.h>

#include <array>

namespace reprise::http {
namespace {

constexpr std::array files = {
    embedded_file{"index.html", "<!doctype html><title>app</title>"},
    embedded_file{"assets/app-3FA9C2D1.js", "console.log(1)"},
    embedded_file{"assets/app-3FA9C2D1.js.gz", "\x1f\x8b zipped"},
    embedded_file{"icon.svg", "<svg/>"},
};

net::request ask(const std::string& path, model::header_list headers = {})
{
    net::request req;
    req.path = path;
    req.headers = std::move(headers);
    return req;
}

net::response serve(const std::string& path, model::header_list headers = {})
{
    return serve_asset(index_assets(files), ask(path, std::move(headers)));
}

TEST(assets, the_root_and_every_screen_are_the_index)
{
    for (const std::string path : {"/", "/incidents", "/incidents/01J", "/services/pay.ments", "/index.html"}) {
        const net::response reply = serve(path);
        EXPECT_EQ(reply.status, 200) << path;
        EXPECT_EQ(net::view(reply.body), files[0].bytes) << path;
        EXPECT_EQ(reply.content_type, "text/html; charset=utf-8") << path;
        EXPECT_EQ(reply.header("cache-control"), "no-cache") << path;
    }
}

TEST(assets, hashed_names_never_change)
{
    const net::response reply = serve("/assets/app-3FA9C2D1.js");
    EXPECT_EQ(reply.header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(reply.content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(reply.header("vary"), "Accept-Encoding");
    EXPECT_EQ(serve("/icon.svg").header("cache-control"), "no-cache");
}

TEST(assets, the_small_form_goes_to_who_takes_it)
{
    const net::response zipped = serve("/assets/app-3FA9C2D1.js", {{"Accept-Encoding", "gzip, br"}});
    EXPECT_EQ(zipped.header("content-encoding"), "gzip");
    EXPECT_EQ(net::view(zipped.body), files[2].bytes);
    const net::response plain = serve("/assets/app-3FA9C2D1.js", {{"Accept-Encoding", "gzip;q=0"}});
    EXPECT_EQ(plain.header("content-encoding"), "");
    EXPECT_NE(plain.header("etag"), zipped.header("etag"));
}

TEST(assets, a_known_tag_saves_the_bytes)
{
    const std::string etag(serve("/").header("etag"));
    const net::response reply = serve("/", {{"If-None-Match", etag}});
    EXPECT_EQ(reply.status, 304);
    EXPECT_EQ(net::view(reply.body), "");
    EXPECT_EQ(serve("/", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST(assets, files_that_are_not_there_are_not_the_index)
{
    for (const std::string path : {"/missing.js", "/assets/x", "/api/v2/me", "/../etc/passwd.txt", "/v1/logs"})
        EXPECT_EQ(serve(path).status, 404) << path;
}

TEST(assets, without_a_dashboard_a_page_says_how_to_build_it)
{
    test::running_api on;

    const auto answer = on.raw("GET", "/", "");

    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("npm ci --ignore-scripts"), std::string::npos);
    EXPECT_EQ(answer.body.find("<script"), std::string::npos);
    EXPECT_EQ(answer.body.find("style="), std::string::npos);
}

TEST(assets, embedded_files_are_served)
{
    test::api_options options;
    options.assets = files;
    test::running_api on(options);

    EXPECT_EQ(on.raw("GET", "/runs/01J", "").body, files[0].bytes);
    EXPECT_EQ(on.raw("HEAD", "/icon.svg", "").header("content-length"), "6");
}

}  // namespace
}  // namespace reprise::http
