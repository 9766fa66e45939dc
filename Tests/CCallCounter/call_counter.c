#define _GNU_SOURCE
#include "CCallCounter.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static _Thread_local struct call_counts counts;

struct call_counts call_counts_of_thread(void) { return counts; }

// glibc's own names for its allocator: what is counted here is freed by its free.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  counts.allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  counts.allocations++;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  counts.allocations++;
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  counts.allocations++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  counts.allocations++;
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}

ssize_t read(int file, void *buffer, size_t size) {
  static ssize_t (*real)(int, void *, size_t);
  if (!real) real = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
  counts.reads++;
  return real(file, buffer, size);
}

ssize_t send(int socket, const void *bytes, size_t size, int flags) {
  static ssize_t (*real)(int, const void *, size_t, int);
  if (!real) real = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
  counts.sends++;
  return real(socket, bytes, size, flags);
}

int epoll_pwait2(
    int epoll, struct epoll_event *events, int capacity, const struct timespec *timeout,
    const sigset_t *mask) {
  static int (*real)(
      int, struct epoll_event *, int, const struct timespec *, const sigset_t *);
  if (!real)
    real = (int (*)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *))dlsym(
        RTLD_NEXT, "epoll_pwait2");
  counts.epoll_waits++;
  return real(epoll, events, capacity, timeout, mask);
}
