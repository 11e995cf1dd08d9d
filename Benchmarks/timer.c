/* timer COUNT GAP FILE: arms a bare timerfd(2) for COUNT instants, GAP milliseconds apart, and says how much later it woke; and how much
   later 4 KiB were on the disk, written over in FILE: what anybody waits for who writes down what he does before he does it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *what, double *late, int count) {
    qsort(late, count, sizeof *late, ascending);
    printf("%-32s min %.2f  p50 %.2f  p90 %.2f  p99 %.2f  max %.2f\n", what, late[0], late[count / 2], late[count * 9 / 10],
           late[count * 99 / 100], late[count - 1]);
}

static double lateness(long long due) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6 - due;
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    int count = atoi(argv[1]), gap = atoi(argv[2]), timer = timerfd_create(CLOCK_REALTIME, 0);
    int file = open(argv[3], O_RDWR | O_CREAT, 0600);
    static char page[4096];
    double *woken = calloc(count, sizeof *woken), *written = calloc(count, sizeof *written);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    long long begin = now.tv_sec * 1000LL + 1000;
    for (int i = 0; i < count; i++) {
        long long due = begin + (long long)i * gap;
        struct itimerspec when = {.it_value = {due / 1000, due % 1000 * 1000000}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
        unsigned long long expired;
        if (read(timer, &expired, sizeof expired) != sizeof expired) return 74;
        woken[i] = lateness(due);
        page[0] = (char)i;
        if (pwrite(file, page, sizeof page, 0) != sizeof page || fdatasync(file) != 0) return 74;
        written[i] = lateness(due);
    }
    report("bare timerfd, ms", woken, count);
    report("the same, and 4 KiB on disk, ms", written, count);
    return 0;
}
