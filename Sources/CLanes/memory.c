#define _DEFAULT_SOURCE
#include "include/lane_memory.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

void lanes_prefer_large_pages(void *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
  madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: what comes of it makes no difference but in time
#else
  (void)memory, (void)bytes;
#endif
}
