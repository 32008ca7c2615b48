# Yields sodium::sodium.
include(PlainLibrary)
reprise_find_plain_library(sodium sodium::sodium sodium.h sodium libsodium-dev)
