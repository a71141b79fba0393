package io.jurumudi.network.dns;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Asks the upstream servers, one after the other, and remembers answers for a short while. Blocks:
 * call it on virtual threads. The cache is guarded by this object's lock.
 */
final class Forwarder {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LONGEST_CACHED = Duration.ofSeconds(30);
  private static final Duration LONGEST_NEGATIVE = Duration.ofSeconds(5);
  private static final int CACHE_ENTRIES = 10_000;

  /** More questions under way than these are answered with SERVFAIL. */
  private static final int MOST_AT_ONCE = 1000;

  private static final int MAX_MESSAGE = 65535;
  private static final int EDNS_PAYLOAD = 1232;

  private final List<InetSocketAddress> servers;
  private final InstantSource clock;
  private final Semaphore atOnce = new Semaphore(MOST_AT_ONCE);

  @GuardedBy("this")
  private final Map<Question, Cached> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Cached> eldest) {
          return size() > CACHE_ENTRIES;
        }
      };

  private record Question(Name name, int type, int dclass) {}

  private record Cached(Message message, Instant at, Instant until) {}

  Forwarder(List<InetSocketAddress> servers, InstantSource clock) {
    this.servers = List.copyOf(servers);
    this.clock = clock;
  }

  /** The upstream's answer, with whatever id; empty when there is none to be had. */
  Optional<Message> ask(Record question) {
    Question key = new Question(question.getName(), question.getType(), question.getDClass());
    Optional<Message> cached = cached(key);
    if (cached.isPresent()) {
      return cached;
    }
    if (!atOnce.tryAcquire()) {
      return Optional.empty();
    }
    try {
      for (InetSocketAddress server : servers) {
        Optional<Message> answer = ask(server, question);
        if (answer.isPresent() && answer.get().getRcode() != Rcode.SERVFAIL) {
          remember(key, answer.get());
          return answer;
        }
      }
      return Optional.empty();
    } finally {
      atOnce.release();
    }
  }

  private synchronized Optional<Message> cached(Question key) {
    Cached c = cache.get(key);
    if (c == null) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    if (!now.isBefore(c.until())) {
      cache.remove(key);
      return Optional.empty();
    }
    return Optional.of(aged(c.message(), Duration.between(c.at(), now).toSeconds()));
  }

  /** With the lifetimes that are left. */
  private static Message aged(Message m, long seconds) {
    if (seconds == 0) {
      return m;
    }
    Message aged = Headers.like(m);
    for (int section = Section.QUESTION; section <= Section.ADDITIONAL; section++) {
      for (Record r : m.getSection(section)) {
        Record copy =
            section == Section.QUESTION || r.getType() == Type.OPT
                ? r
                : Record.newRecord(
                    r.getName(),
                    r.getType(),
                    r.getDClass(),
                    Math.max(0, r.getTTL() - seconds),
                    r.rdataToWireCanonical());
        aged.addRecord(copy, section);
      }
    }
    return aged;
  }

  private void remember(Question key, Message m) {
    boolean negative = m.getSection(Section.ANSWER).isEmpty();
    if (m.getRcode() != Rcode.NOERROR && m.getRcode() != Rcode.NXDOMAIN) {
      return;
    }
    long seconds =
        negative
            ? m.getSection(Section.AUTHORITY).stream()
                .filter(SOARecord.class::isInstance)
                .mapToLong(r -> Math.min(r.getTTL(), ((SOARecord) r).getMinimum()))
                .min()
                .orElse(0)
            : m.getSection(Section.ANSWER).stream().mapToLong(Record::getTTL).min().orElse(0);
    Duration longest = negative ? LONGEST_NEGATIVE : LONGEST_CACHED;
    Instant now = clock.instant();
    Instant until = now.plusSeconds(Math.min(seconds, longest.toSeconds()));
    if (until.isAfter(now)) {
      synchronized (this) {
        cache.put(key, new Cached(m, now, until));
      }
    }
  }

  private static Optional<Message> ask(InetSocketAddress server, Record question) {
    Message query = new Message();
    query.getHeader().setOpcode(Opcode.QUERY);
    query.getHeader().setFlag(Flags.RD);
    query.addRecord(question, Section.QUESTION);
    query.addRecord(new org.xbill.DNS.OPTRecord(EDNS_PAYLOAD, 0, 0), Section.ADDITIONAL);
    byte[] wire = query.toWire();
    try {
      Message answer = udp(server, wire, query);
      return Optional.of(answer.getHeader().getFlag(Flags.TC) ? tcp(server, wire, query) : answer);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Message udp(InetSocketAddress server, byte[] wire, Message query)
      throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server); // takes answers of this server only, and hears of refusals
      socket.send(new DatagramPacket(wire, wire.length));
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      byte[] buffer = new byte[MAX_MESSAGE];
      while (true) {
        long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        socket.setSoTimeout((int) Math.max(1, left));
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        Optional<Message> m = parse(Arrays.copyOf(buffer, packet.getLength()), query);
        if (m.isPresent()) {
          return m.get();
        }
      }
    }
  }

  private static Message tcp(InetSocketAddress server, byte[] wire, Message query)
      throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(server, (int) TIMEOUT.toMillis());
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      byte[] framed = new byte[wire.length + 2];
      framed[0] = (byte) (wire.length >> 8);
      framed[1] = (byte) wire.length;
      System.arraycopy(wire, 0, framed, 2, wire.length);
      socket.getOutputStream().write(framed);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return parse(answer, query).orElseThrow(() -> new IOException("answer to another question"));
    }
  }

  /** Empty when it is no answer to the query: late, or forged. */
  private static Optional<Message> parse(byte[] wire, Message query) {
    try {
      Message m = new Message(wire);
      boolean ours =
          m.getHeader().getFlag(Flags.QR)
              && m.getHeader().getID() == query.getHeader().getID()
              && query.getQuestion().equals(m.getQuestion());
      return ours ? Optional.of(m) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
