#include "reprise/ingest/message_memory.hpp"

#include <malloc.h>

namespace reprise::ingest {
namespace {

// Both above any message that is usual; larger ones are rare enough to pay for their pages.
constexpr int mapped_bytes_min = 4 * 1024 * 1024;
constexpr int trimmed_bytes_min = 16 * 1024 * 1024;

}  // namespace

void keep_message_memory()
{
    mallopt(M_MMAP_THRESHOLD, mapped_bytes_min);
    mallopt(M_TRIM_THRESHOLD, trimmed_bytes_min);
}

}  // namespace reprise::ingest
