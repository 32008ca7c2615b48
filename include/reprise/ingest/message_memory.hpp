#pragma once

namespace reprise::ingest {

// Tells the C library to keep the memory of received messages for the next ones instead of giving each
// back to the kernel and faulting it in again, page by page: a third of what receiving costs. Holds for
// the whole process, so the program decides; call it once, before threads start.
void keep_message_memory();

}  // namespace reprise::ingest
