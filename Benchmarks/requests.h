/* What both C programs of the comparison send and how they measure it. */
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

static char body[65536];
static long length;

static void read_body(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) exit(66);
    length = (long)fread(body, 1, sizeof body, file);
    fclose(file);
}

/* A post of the body to URL/number. */
static CURL *request(const char *url, int number) {
    static struct curl_slist *headers;
    if (!headers) {
        headers = curl_slist_append(NULL, "Content-Type: application/json; charset=utf-8");
        headers = curl_slist_append(headers, "Expect:");
    }
    char whole[512];
    snprintf(whole, sizeof whole, "%s/%d", url, number);
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, whole);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    return easy;
}

static long good, bad;

static void judge(CURLMsg *message, long *status) {
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, status);
    if (message->data.result == CURLE_OK && *status < 300) good++; else bad++;
}

static void report(const char *how, double took, double cpu) {
    printf("%ld requests in %.2f s%s: %.0f a second, %.1f µs of CPU each, %ld failed\n", good, took, how, good / took,
           cpu / (good + bad) * 1e6, bad);
}
