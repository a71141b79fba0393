package io.jurumudi.http.client;

import io.jurumudi.http.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

/** Joins two connections. */
public final class Splice {
  private static final int BUFFER = 32 * 1024;

  private Splice() {}

  /**
   * Copies both ways until either side ends, then closes both; what was read before is written
   * before. Blocks: virtual threads only.
   */
  public static void run(Duplex one, Duplex other, Executor executor) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(2);
    executor.execute(() -> copy(one, other, done));
    copy(other, one, done);
    done.await();
  }

  private static void copy(Duplex from, Duplex to, CountDownLatch done) {
    try {
      InputStream in = from.in();
      OutputStream out = to.out();
      byte[] buffer = new byte[BUFFER];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        out.flush();
      }
    } catch (IOException e) {
      // One of them is gone: the other goes too.
    } finally {
      to.close();
      from.close();
      done.countDown();
    }
  }
}
