/* ceiling COUNT URL BODY: posts the file BODY COUNT times to URL/0 … URL/63 with libcurl's multi interface and nothing else, 64 requests
   under way at a time on connections that are kept. What any program can do that sends as much by the same library. */
#include "requests.h"

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    long count = atol(argv[1]), begun = 0;
    read_body(argv[3]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    double start = seconds(CLOCK_MONOTONIC), startCPU = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < transfers && begun < count; i++, begun++) curl_multi_add_handle(multi, request(argv[2], i));
    for (int running = 1; good + bad < count;) {
        curl_multi_perform(multi, &running);
        int queued;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &queued));) {
            CURL *easy = message->easy_handle;
            long status = 0;
            judge(message, &status);
            curl_multi_remove_handle(multi, easy);
            if (begun < count) {
                begun++;
                curl_multi_add_handle(multi, easy);
            }
        }
        if (good + bad < count) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    report("", seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - startCPU);
    return bad != 0;
}
