// Memory for long arrays.
#pragma once

#include <stddef.h>

/// Asks the system for large pages, 2 MiB on most processors, for memory that was just allocated. A pass over many
/// megabytes then does not wait for the translation of addresses. Does nothing if the system has no such call.
void lanes_prefer_large_pages(void *memory, size_t bytes);
