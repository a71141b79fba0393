package io.jurumudi.store;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A store that keeps nothing when it is closed. It has no thread of its own: whoever writes does
 * the work.
 *
 * <p>Owner of writing: {@link #writing}.
 */
public final class MemoryStore extends EmbeddedStore {
  private final ReentrantLock writing = new ReentrantLock();

  public MemoryStore(StoreConfig config) {
    super(config, Recovered.empty(config));
  }

  @Override
  <T> T submit(Function<Draft, T> request) {
    writing.lock();
    try {
      checkOpen();
      Draft draft = draft();
      T result = request.apply(draft);
      publish(draft, 1);
      return result;
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() {
    writing.lock();
    try {
      shutDown();
    } finally {
      writing.unlock();
    }
  }
}
