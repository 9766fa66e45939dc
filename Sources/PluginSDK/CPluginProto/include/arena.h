// A bump allocator for one message at a time: what unpacking and packing allocate is dropped at
// once, and the memory is used again by the next message of the thread.
#pragma once
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

// Most that unpacking one message may allocate. A frame holds at most 4 MiB, but two bytes of it can
// ask for a struct of a hundred: without this bound a peer could make us allocate hundreds of MiB.
#define MORTISE_UNPACK_LIMIT_BYTES ((size_t)64 << 20)

// Kept between messages; what a larger message needed is given back to the system. Pages that no
// message reached are never touched, so they cost nothing.
#define MORTISE_ARENA_KEPT_BYTES ((size_t)256 << 10)

typedef struct MortiseArena MortiseArena;

// The calling thread's arena; freed when the thread ends. Not reentrant: one message at a time.
MortiseArena *_Nonnull mortise_arena_of_thread(void);

// Never fails: packing is of our own data, and running out of memory ends the process.
void *_Nonnull mortise_arena_allocate(MortiseArena *_Nonnull arena, size_t size);

// Drops all that was allocated since the last reset.
void mortise_arena_reset(MortiseArena *_Nonnull arena);

// For protobuf-c's unpack; answers NULL beyond MORTISE_UNPACK_LIMIT_BYTES, which fails the unpack.
ProtobufCAllocator *_Nonnull mortise_arena_allocator(MortiseArena *_Nonnull arena);

// Length in bytes of a string that unpack made in an arena. Unlike strlen it sees past a NUL, which
// protobuf allows in a string and C doesn't.
static inline size_t mortise_arena_string_length(const char *_Nonnull string) {
  if (string == (const char *)protobuf_c_empty_string) return 0;
  // Every allocation is preceded by its size; protobuf-c allocates a string's bytes and one NUL.
  return ((const size_t *)(const void *)string)[-1] - 1;
}
