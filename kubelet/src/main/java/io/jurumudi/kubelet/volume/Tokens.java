package io.jurumudi.kubelet.volume;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Service account tokens of pods, asked for once and renewed when four fifths of their life or a
 * day have passed (upstream's pkg/kubelet/token). Any thread; the map is guarded by this object.
 */
public final class Tokens {
  private static final Duration RETRY = Duration.ofMinutes(1);
  private static final Duration MAX_AGE = Duration.ofHours(24);

  /** Asks the API server for a token (TokenRequest). */
  public interface Source {
    Token request(Key key);
  }

  /**
   * @param audience empty: the API server's own
   */
  public record Key(
      String namespace,
      String serviceAccount,
      String podName,
      String podUid,
      String audience,
      long expirationSeconds) {}

  /**
   * @param refreshAt when to ask for the next one
   */
  public record Token(String token, Instant refreshAt, Instant expires) {
    public static Token of(String token, Instant issued, Instant expires) {
      Duration life = Duration.between(issued, expires);
      Duration use = life.multipliedBy(4).dividedBy(5);
      return new Token(token, issued.plus(use.compareTo(MAX_AGE) < 0 ? use : MAX_AGE), expires);
    }
  }

  private final Source source;
  private final Clock clock;

  @GuardedBy("this")
  private final Map<Key, Token> tokens = new HashMap<>();

  public Tokens(Source source, Clock clock) {
    this.source = source;
    this.clock = clock;
  }

  public Token get(Key key) {
    synchronized (this) {
      Token known = tokens.get(key);
      if (known != null && clock.instant().isBefore(known.refreshAt())) {
        return known;
      }
    }
    Token fresh;
    try {
      fresh = source.request(key);
    } catch (ApiException e) {
      synchronized (this) {
        Token old = tokens.get(key);
        if (old != null && clock.instant().isBefore(old.expires())) {
          // Still good; ask again in a while.
          return new Token(old.token(), clock.instant().plus(RETRY), old.expires());
        }
      }
      throw e;
    }
    synchronized (this) {
      tokens.put(key, fresh);
    }
    return fresh;
  }

  public synchronized void forget(String podUid) {
    tokens.keySet().removeIf(k -> k.podUid().equals(podUid));
  }
}
