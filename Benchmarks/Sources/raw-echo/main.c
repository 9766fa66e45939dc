// The floor: frames of the same length over the same socket, blocking, and nothing else.
//
//   raw-echo serve SOCKET [batched]
//   raw-echo call SOCKET CALLS BYTES IN_FLIGHT [batched]
//
// As EchoCommand.swift says. `batched` writes all frames of one read at once; without it each
// frame is a write.
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { header_bytes = 10, envelope_bytes = 30, buffer_bytes = 8 << 20, in_flight_max = 4096 };

static void fail(const char *what) {
  fprintf(stderr, "raw-echo: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct sockaddr_un address_of(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) fail("path too long");
  strcpy(address.sun_path, path);
  return address;
}

static void write_all(int socket, const unsigned char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = send(socket, bytes, count, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("send");
    bytes += written;
    count -= (size_t)written;
  }
}

static size_t frame_length(const unsigned char *header) {
  uint32_t length;
  memcpy(&length, header, sizeof length);
  return header_bytes + __builtin_bswap32(length);
}

static unsigned char buffer[buffer_bytes];

// Reads once; returns how many bytes of whole frames are at the start of the buffer, 0 = the end.
static size_t read_frames(int socket, size_t *held, int *frames) {
  for (;;) {
    ssize_t count = read(socket, buffer + *held, buffer_bytes - *held);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return 0;
    *held += (size_t)count;
    size_t whole = 0;
    *frames = 0;
    while (*held - whole >= header_bytes) {
      size_t length = frame_length(buffer + whole);
      if (*held - whole < length) break;
      whole += length;
      *frames += 1;
    }
    if (*frames > 0) return whole;
  }
}

static void keep_rest(size_t whole, size_t *held) {
  memmove(buffer, buffer + whole, *held - whole);
  *held -= whole;
}

static void answer(int connection, int batched) {
  size_t held = 0;
  int frames;
  for (size_t whole; (whole = read_frames(connection, &held, &frames)) > 0;) {
    if (batched) {
      write_all(connection, buffer, whole);
    } else {
      for (size_t at = 0; at < whole; at += frame_length(buffer + at))
        write_all(connection, buffer + at, frame_length(buffer + at));
    }
    keep_rest(whole, &held);
  }
  close(connection);
}

static int serve(const char *path, int batched) {
  struct sockaddr_un address = address_of(path);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, 16) != 0) fail("listen");
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pollfd waits[] = {{.fd = listener, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    if (poll(waits, 2, -1) < 0) fail("poll");
    if (waits[1].revents) return 0;
    int connection = accept(listener, NULL, NULL);
    if (connection >= 0) answer(connection, batched);
  }
}

static int ascending(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

// Keeps `in_flight` frames under way until `calls` were answered; answers come in order, and each is
// replaced by a new call.
static void exchange(
    int socket, const unsigned char *frame, size_t length, long calls, int in_flight, int batched,
    uint64_t *latencies) {
  static uint64_t begun[in_flight_max];
  static unsigned char *batch;
  if (!batch) batch = malloc(length * (size_t)in_flight);
  for (int i = 0; i < in_flight; i++) memcpy(batch + length * (size_t)i, frame, length);
  long sent = 0, answered = 0, replaced = in_flight;
  size_t held = 0;
  while (answered < calls) {
    long fresh = replaced < calls - sent ? replaced : calls - sent;
    uint64_t start = now();
    if (batched) write_all(socket, batch, length * (size_t)fresh);
    for (long i = 0; i < fresh; i++) {
      begun[sent++ % in_flight] = batched ? start : now();
      if (!batched) write_all(socket, frame, length);
    }
    int frames;
    size_t whole = read_frames(socket, &held, &frames);
    if (whole == 0) fail("the server ended");
    keep_rest(whole, &held);
    uint64_t end = now();
    for (int i = 0; i < frames; i++, answered++)
      latencies[answered] = end - begun[answered % in_flight];
    replaced = frames;
  }
}

static int call(char **arguments, int batched) {
  struct sockaddr_un address = address_of(arguments[0]);
  long calls = atol(arguments[1]);
  long bytes = atol(arguments[2]);
  int in_flight = atoi(arguments[3]);
  if (calls <= 0 || bytes < 0 || in_flight <= 0 || in_flight > in_flight_max) return 2;
  int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  size_t body = (size_t)bytes + envelope_bytes;
  size_t length = header_bytes + body;
  unsigned char *frame = calloc(1, length);
  uint32_t prefix = __builtin_bswap32((uint32_t)body);
  memcpy(frame, &prefix, sizeof prefix);
  uint64_t *latencies = calloc((size_t)calls, sizeof *latencies);
  long warm_up = calls / 10 > in_flight ? calls / 10 : in_flight;
  exchange(connection, frame, length, warm_up < calls ? warm_up : calls, in_flight, batched, latencies);
  puts("warm");
  fflush(stdout);
  char line[16];
  if (!fgets(line, sizeof line, stdin)) return 0;
  uint64_t start = now();
  exchange(connection, frame, length, calls, in_flight, batched, latencies);
  uint64_t elapsed = now() - start;
  qsort(latencies, (size_t)calls, sizeof *latencies, ascending);
  printf("%llu %llu %llu %llu\n", (unsigned long long)latencies[calls / 2],
         (unsigned long long)latencies[calls * 99 / 100], (unsigned long long)latencies[0],
         (unsigned long long)elapsed);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {}
  return 0;
}

int main(int count, char **arguments) {
  int batched = count > 1 && strcmp(arguments[count - 1], "batched") == 0;
  if (batched) count--;
  if (count == 3 && strcmp(arguments[1], "serve") == 0) return serve(arguments[2], batched);
  if (count == 6 && strcmp(arguments[1], "call") == 0) return call(arguments + 2, batched);
  fputs("usage: raw-echo serve SOCKET | call SOCKET CALLS BYTES IN_FLIGHT [batched]\n", stderr);
  return 2;
}
