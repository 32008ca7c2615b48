# Yields nghttp2::nghttp2.
include(PlainLibrary)
reprise_find_plain_library(nghttp2 nghttp2::nghttp2 nghttp2/nghttp2.h nghttp2 libnghttp2-dev)
