/* timer COUNT GAP: arms a bare timerfd(2) for COUNT instants, GAP milliseconds apart, and says how much later it woke. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    int count = atoi(argv[1]), gap = atoi(argv[2]), timer = timerfd_create(CLOCK_REALTIME, 0);
    double *late = calloc(count, sizeof *late);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    long long begin = now.tv_sec * 1000LL + 1000;
    for (int i = 0; i < count; i++) {
        long long due = begin + (long long)i * gap;
        struct itimerspec when = {.it_value = {due / 1000, due % 1000 * 1000000}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
        unsigned long long expired;
        if (read(timer, &expired, sizeof expired) != sizeof expired) return 74;
        clock_gettime(CLOCK_REALTIME, &now);
        late[i] = now.tv_sec * 1e3 + now.tv_nsec / 1e6 - due;
    }
    qsort(late, count, sizeof *late, ascending);
    printf("bare timerfd, ms                 min %.2f  p50 %.2f  p90 %.2f  p99 %.2f  max %.2f\n", late[0], late[count / 2],
           late[count * 9 / 10], late[count * 99 / 100], late[count - 1]);
    return 0;
}
