/* ceiling COUNT URL BODY: posts the file BODY COUNT times to URL/0 … URL/63 with libcurl's multi interface and nothing else, 64 requests
   under way at a time on connections that are kept. What any program can do that sends as much by the same library. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { transfers = 64 };

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static size_t discard(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes, (void)context;
    return size * count;
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    long count = atol(argv[1]), begun = 0, good = 0, bad = 0;
    static char body[65536];
    FILE *file = fopen(argv[3], "r");
    if (!file) return 66;
    long length = (long)fread(body, 1, sizeof body, file);
    fclose(file);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json; charset=utf-8");
    headers = curl_slist_append(headers, "Expect:");
    double start = seconds(CLOCK_MONOTONIC), startCPU = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < transfers && begun < count; i++, begun++) {
        char url[512];
        snprintf(url, sizeof url, "%s/%d", argv[2], i);
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, length);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
        curl_multi_add_handle(multi, easy);
    }
    for (int running = 1; good + bad < count;) {
        curl_multi_perform(multi, &running);
        int queued;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &queued));) {
            CURL *easy = message->easy_handle;
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            if (message->data.result == CURLE_OK && status < 300) good++; else bad++;
            curl_multi_remove_handle(multi, easy);
            if (begun < count) {
                begun++;
                curl_multi_add_handle(multi, easy);
            }
        }
        if (good + bad < count) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    double took = seconds(CLOCK_MONOTONIC) - start, cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - startCPU;
    printf("%ld requests in %.2f s: %.0f a second, %.1f µs of CPU each, %ld failed\n", good, took, good / took, cpu / count * 1e6, bad);
    return bad != 0;
}
