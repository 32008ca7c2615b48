# Yields gcrypt::gcrypt.
include(PlainLibrary)
reprise_find_plain_library(gcrypt gcrypt::gcrypt gcrypt.h gcrypt libgcrypt20-dev)
