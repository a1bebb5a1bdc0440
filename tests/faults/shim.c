/* Preloaded into servers: a wall clock that jumps, and a disk that is full from some write on, as a shared page says.
 *
 * $FAULTS_PAGE names the page (see shim.py), $FAULTS_DISK the directory whose disk it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 65536
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static struct { int64_t offset, writes, full_from; } *page;
static const char *disk;
static char on_disk[MOST_FILES];

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("FAULTS_PAGE");
  int fd = name ? REAL(open)(name, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) abort();
  page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  REAL(close)(fd);
  if (page == MAP_FAILED) abort();
  disk = getenv("FAULTS_DISK");
}

/* -- the clock ----------------------------------------------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = REAL(clock_gettime);
  int result = real(clock, now);
  if (clock == CLOCK_REALTIME && page) now->tv_sec += page->offset;
  return result;
}

time_t time(time_t *place) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  int result = clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return result;
}

/* -- the disk ------------------------------------------------------------------------------------------------------ */

static int full(void) {
  int64_t number = __atomic_add_fetch(&page->writes, 1, __ATOMIC_SEQ_CST);
  if (!page->full_from || number < page->full_from) return 0;
  errno = ENOSPC;
  return 1;
}

static int holds(int fd) { return fd >= 0 && fd < MOST_FILES && on_disk[fd]; }

static int opened(int fd, const char *path) {
  if (fd >= 0 && fd < MOST_FILES) on_disk[fd] = disk && !strncmp(path, disk, strlen(disk));
  return fd;
}

static int lacks_room_for(const char *path, int flags) {
  return flags & O_CREAT && disk && !strncmp(path, disk, strlen(disk)) && access(path, F_OK) && full();
}

#define OPEN(name)                                                            \
  int name(const char *path, int flags, ...) {                                \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                 \
    va_end(rest);                                                             \
    if (lacks_room_for(path, flags)) return -1;                               \
    return opened(REAL(name)(path, flags, mode), path);                       \
  }
OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                                                         \
  int name(int directory, const char *path, int flags, ...) {                 \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                 \
    va_end(rest);                                                             \
    if (lacks_room_for(path, flags)) return -1;                               \
    return opened(REAL(name)(directory, path, flags, mode), path);            \
  }
OPEN_AT(openat)
OPEN_AT(openat64)

int close(int fd) {
  if (holds(fd)) on_disk[fd] = 0;
  return REAL(close)(fd);
}

int mkdir(const char *path, mode_t mode) {
  if (disk && !strncmp(path, disk, strlen(disk)) && access(path, F_OK) && full()) return -1;
  return REAL(mkdir)(path, mode);
}

ssize_t write(int fd, const void *data, size_t size) {
  return holds(fd) && full() ? -1 : REAL(write)(fd, data, size);
}

#define WRITE_AT(name, offset_type)                                           \
  ssize_t name(int fd, const void *data, size_t size, offset_type offset) {   \
    return holds(fd) && full() ? -1 : REAL(name)(fd, data, size, offset);     \
  }
WRITE_AT(pwrite, off_t)
WRITE_AT(pwrite64, off64_t)
