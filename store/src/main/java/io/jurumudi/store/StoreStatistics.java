package io.jurumudi.store;

/**
 * Numbers for metrics and for people.
 *
 * @param keys keys present
 * @param bytes keys and values present
 * @param historyRevisions revisions that can still be watched from
 * @param watchers watches running
 * @param leases leases running
 * @param commits transactions answered since the store was opened
 * @param syncs syncs of the log since then
 * @param logBytes size of the log since the last snapshot
 */
public record StoreStatistics(
    long keys,
    long bytes,
    long historyRevisions,
    long watchers,
    long leases,
    long commits,
    long syncs,
    long logBytes) {}
