#include "arena.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct Chunk {
  struct Chunk *previous;
  size_t capacity;
  size_t used;
  _Alignas(16) unsigned char bytes[];
} Chunk;

struct MortiseArena {
  Chunk *current;
  size_t unpacked_bytes;
  ProtobufCAllocator allocator;
};

static pthread_key_t arena_key;
static pthread_once_t arena_key_once = PTHREAD_ONCE_INIT;
static _Thread_local MortiseArena *thread_arena;

static Chunk *make_chunk(size_t capacity, Chunk *previous) {
  Chunk *chunk = malloc(sizeof(Chunk) + capacity);
  if (!chunk) abort();
  chunk->previous = previous;
  chunk->capacity = capacity;
  chunk->used = 0;
  return chunk;
}

static void destroy_arena(void *pointer) {
  MortiseArena *arena = pointer;
  while (arena->current) {
    Chunk *previous = arena->current->previous;
    free(arena->current);
    arena->current = previous;
  }
  free(arena);
  thread_arena = NULL;
}

static void make_key(void) {
  if (pthread_key_create(&arena_key, destroy_arena) != 0) abort();
}

// The data follows its size, so that a string's length is known without scanning for its end.
static void *allocate(MortiseArena *arena, size_t size) {
  size_t needed = (sizeof(size_t) + size + 7) & ~(size_t)7;
  Chunk *chunk = arena->current;
  if (chunk->capacity - chunk->used < needed) {
    size_t doubled = chunk->capacity * 2;
    chunk = arena->current = make_chunk(needed > doubled ? needed : doubled, chunk);
  }
  size_t *header = (size_t *)(void *)(chunk->bytes + chunk->used);
  chunk->used += needed;
  *header = size;
  return header + 1;
}

static void *allocate_unpacked(void *pointer, size_t size) {
  MortiseArena *arena = pointer;
  if (size > MORTISE_UNPACK_LIMIT_BYTES - arena->unpacked_bytes) return NULL;
  arena->unpacked_bytes += size;
  return allocate(arena, size);
}

static void free_nothing(void *arena, void *pointer) {
  (void)arena;
  (void)pointer;
}

MortiseArena *mortise_arena_of_thread(void) {
  if (thread_arena) return thread_arena;
  pthread_once(&arena_key_once, make_key);
  MortiseArena *arena = malloc(sizeof(MortiseArena));
  if (!arena) abort();
  arena->current = make_chunk(MORTISE_ARENA_KEPT_BYTES, NULL);
  arena->unpacked_bytes = 0;
  arena->allocator.alloc = allocate_unpacked;
  arena->allocator.free = free_nothing;
  arena->allocator.allocator_data = arena;
  if (pthread_setspecific(arena_key, arena) != 0) abort();
  thread_arena = arena;
  return arena;
}

void *mortise_arena_allocate(MortiseArena *arena, size_t size) { return allocate(arena, size); }

void mortise_arena_reset(MortiseArena *arena) {
  while (arena->current->previous) {
    Chunk *previous = arena->current->previous;
    free(arena->current);
    arena->current = previous;
  }
  arena->current->used = 0;
  arena->unpacked_bytes = 0;
}

ProtobufCAllocator *mortise_arena_allocator(MortiseArena *arena) { return &arena->allocator; }
