/* journalled COUNT URL BODY JOURNAL: what ceiling does, and each request is written down before it is sent and once it is answered, in SQLite:
   the same two statements, on a thread of their own, in commits of as many as deadlined's, which are on disk before anything of them is sent. What
   any program can do that sends by the same library and journals as much by the other one, and has nothing else to think of. */
#include <pthread.h>
#include <sqlite3.h>

#include "requests.h"

enum { sends_per_commit = 24, commits_per_checkpoint = 100 };

static const char *schema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
    "CREATE TABLE delivery (id INTEGER PRIMARY KEY, state TEXT NOT NULL, state_instant INTEGER, open INTEGER, attempts INTEGER NOT NULL,"
    " possible_repeat INTEGER NOT NULL, updated INTEGER NOT NULL, issue TEXT NOT NULL, milestone TEXT NOT NULL, deadline INTEGER NOT NULL,"
    " reminder TEXT NOT NULL, channel TEXT NOT NULL, kind TEXT NOT NULL, previous_deadline INTEGER, note TEXT, due INTEGER NOT NULL,"
    " added INTEGER NOT NULL, reason TEXT, hold TEXT, plain INTEGER NOT NULL DEFAULT 0, fold TEXT, started INTEGER, status INTEGER,"
    " edition INTEGER NOT NULL DEFAULT 0, losses INTEGER NOT NULL DEFAULT 0, UNIQUE (issue, milestone, deadline, reminder, channel));";
static const char *insertion =
    "INSERT INTO delivery (issue, milestone, deadline, reminder, channel, kind, previous_deadline, note, due, added, state, state_instant, open,"
    " reason, hold, attempts, possible_repeat, plain, fold, updated, edition, losses)"
    " VALUES (?, 'submission', 1796129333000, '1min', ?, 'reminder', NULL, NULL, 1796129273000, 1796129273000, 'sending', 1796129273001, 1,"
    " NULL, NULL, 1, 0, 0, NULL, 1796129273001, 0, 0) ON CONFLICT (issue, milestone, deadline, reminder, channel) DO NOTHING";
static const char *outcome =
    "UPDATE delivery SET state = 'delivered', state_instant = NULL, reason = NULL, updated = 1796129273004, open = NULL,"
    " started = 1796129273001, status = ? WHERE id = ?";

/* One destination, with one request at a time. */
static struct place { CURL *easy; long status; sqlite3_int64 row; } places[transfers];
/* Places on their way from one thread to the other. */
static struct list { int places[transfers], count; } to_journal, to_network;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static int is_over;
static long count;
static CURLM *multi;

static struct list take(struct list *list) {
    struct list taken = *list;
    list->count = 0;
    return taken;
}

static void add(struct list *list, struct list *more) {
    for (int i = 0; i < more->count; i++) list->places[list->count++] = more->places[i];
}

static void run(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) exit(74);
    sqlite3_reset(statement);
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) exit(70);
    return statement;
}

static void *journal(void *path) {
    sqlite3 *db;
    if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK) exit(74);
    sqlite3_stmt *begin = prepared(db, "BEGIN IMMEDIATE"), *commit = prepared(db, "COMMIT"), *insert = prepared(db, insertion),
                 *update = prepared(db, outcome);
    for (long begun = 0, ended = 0, commits = 1; ended < count; commits++) {
        pthread_mutex_lock(&lock);
        while (!to_journal.count) pthread_cond_wait(&news, &lock);
        struct list taken = take(&to_journal), sent = {.count = 0}, rest = {.count = 0};
        pthread_mutex_unlock(&lock);
        run(begin);
        for (int i = 0; i < taken.count; i++) {
            struct place *place = &places[taken.places[i]];
            if (place->row) {
                sqlite3_bind_int64(update, 1, place->status);
                sqlite3_bind_int64(update, 2, place->row);
                run(update);
                place->row = 0;
                ended++;
            }
            if (begun == count) continue;
            if (sent.count == sends_per_commit) {
                rest.places[rest.count++] = taken.places[i];
                continue;
            }
            char issue[32], channel[32];
            snprintf(issue, sizeof issue, "ijms-%ld", begun++);
            snprintf(channel, sizeof channel, "channel-%d", taken.places[i]);
            sqlite3_bind_text(insert, 1, issue, -1, SQLITE_STATIC);
            sqlite3_bind_text(insert, 2, channel, -1, SQLITE_STATIC);
            run(insert);
            place->row = sqlite3_last_insert_rowid(db);
            sent.places[sent.count++] = taken.places[i];
        }
        run(commit);
        pthread_mutex_lock(&lock);
        add(&to_journal, &rest);
        add(&to_network, &sent);
        is_over = ended == count;
        pthread_mutex_unlock(&lock);
        curl_multi_wakeup(multi);
        if (commits % commits_per_checkpoint == 0) sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    count = atol(argv[1]);
    read_body(argv[3]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    for (int i = 0; i < transfers; i++) {
        places[i].easy = request(argv[2], i);
        curl_easy_setopt(places[i].easy, CURLOPT_PRIVATE, &places[i]);
        to_journal.places[to_journal.count++] = i;
    }
    double start = seconds(CLOCK_MONOTONIC), startCPU = seconds(CLOCK_PROCESS_CPUTIME_ID);
    pthread_t thread;
    if (pthread_create(&thread, NULL, journal, argv[4])) return 71;
    for (int running = 1;;) {
        pthread_mutex_lock(&lock);
        struct list sent = take(&to_network), ended = {.count = 0};
        int over = is_over;
        pthread_mutex_unlock(&lock);
        if (over) break;
        for (int i = 0; i < sent.count; i++) curl_multi_add_handle(multi, places[sent.places[i]].easy);
        curl_multi_perform(multi, &running);
        int queued;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &queued));) {
            CURL *easy = message->easy_handle;
            struct place *place = NULL;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &place);
            judge(message, &place->status);
            curl_multi_remove_handle(multi, easy);
            ended.places[ended.count++] = (int)(place - places);
        }
        if (ended.count) {
            pthread_mutex_lock(&lock);
            add(&to_journal, &ended);
            pthread_cond_signal(&news);
            pthread_mutex_unlock(&lock);
        }
        curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    pthread_join(thread, NULL);
    report(", journalled", seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - startCPU);
    return bad != 0;
}
