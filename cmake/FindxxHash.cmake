# Yields xxHash::xxhash.
include(PlainLibrary)
reprise_find_plain_library(xxHash xxHash::xxhash xxhash.h xxhash libxxhash-dev)
