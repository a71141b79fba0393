package io.jurumudi.store;

import java.util.List;

/** What a write did to the store: the unit that is logged, replayed and published. */
sealed interface Change {
  /** All events of one revision, in the order of the transaction's steps. */
  record Transaction(long revision, List<Event> events) implements Change {}

  record LeaseGranted(long id, long timeToLiveMillis) implements Change {}

  record LeaseRevoked(long id) implements Change {}
}
