package io.jurumudi.network.proxy;

import java.time.Duration;
import java.util.List;

/** A rule of a service's chain, as a value that can be compared. */
sealed interface RuleSpec {
  /**
   * Sends to one of the targets, at random.
   *
   * @param affinity name of the map that remembers a client's target; empty: no affinity
   */
  record Spread(List<Target> targets, String affinity, Duration timeout) implements RuleSpec {}

  /** Has the packet masqueraded when it leaves. */
  record Masquerade() implements RuleSpec {}

  record GoTo(String chain) implements RuleSpec {}

  /** For packets from pods of the cluster. */
  record GoToFromPods(String chain) implements RuleSpec {}

  /** For packets from this node itself; they are masqueraded. */
  record GoToFromNode(String masqueradingChain) implements RuleSpec {}

  /** For packets whose source is in the range. */
  record GoToFrom(io.jurumudi.linux.Cidr source, String chain) implements RuleSpec {}

  record Drop() implements RuleSpec {}
}
