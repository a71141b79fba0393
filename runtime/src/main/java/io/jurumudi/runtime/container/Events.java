package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.RuntimeService;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of events, each in a virtual thread of its own and in order: a slow listener
 * delays itself alone.
 */
final class Events implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  RuntimeService.Subscription subscribe(Consumer<ContainerEvent> to) {
    Listener l = new Listener(to);
    listeners.add(l);
    return l;
  }

  void publish(ContainerEvent e) {
    listeners.forEach(l -> l.queue.add(e));
  }

  @Override
  public void close() {
    listeners.forEach(Listener::close);
  }

  private final class Listener implements RuntimeService.Subscription {
    private final BlockingQueue<ContainerEvent> queue = new LinkedBlockingQueue<>();
    private final Consumer<ContainerEvent> to;
    private final Thread thread;
    private volatile boolean closed;

    Listener(Consumer<ContainerEvent> to) {
      this.to = to;
      thread = Thread.ofVirtual().name("container-events").start(this::run);
    }

    private void run() {
      while (!closed) {
        ContainerEvent e;
        try {
          e = queue.take();
        } catch (InterruptedException x) {
          return;
        }
        try {
          to.accept(e);
        } catch (RuntimeException x) {
          LOG.error("event listener failed event={}", e, x);
        }
      }
    }

    @Override
    public void close() {
      closed = true;
      listeners.remove(this);
      thread.interrupt();
    }
  }
}
