// Counts what the calling thread asks of the allocator and of the kernel, by standing in for the C
// library's functions in the program that this is linked into. For tests alone.
#pragma once

#include <stdint.h>

struct call_counts {
  int64_t allocations;
  int64_t reads;
  int64_t sends;
  int64_t epoll_waits;
};

// Of the calling thread, since it began.
struct call_counts call_counts_of_thread(void);
