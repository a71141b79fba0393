package io.jurumudi.apiserver.admission;

import java.util.HashSet;
import java.util.Set;

/**
 * Whether the mutating rules run a second time, because one changed the object after others had
 * seen it. Belongs to one attempt at a write, and to its thread.
 */
public final class Reinvocation {
  private final Set<String> eligible = new HashSet<>();
  private final Set<String> again = new HashSet<>();
  private boolean wanted;
  private boolean second;

  /** Whether this is the second round. */
  public boolean second() {
    return second;
  }

  /** Somebody outside changed the object: those asked so far and willing are asked again. */
  public void changed() {
    wanted = true;
    again.addAll(eligible);
    eligible.clear();
  }

  /** One that was asked is willing to be asked again, should others change the object later. */
  public void willing(String id) {
    eligible.add(id);
  }

  /** Whether one is to be asked in this round. */
  public boolean asks(String id) {
    return !second || again.contains(id);
  }

  /** Begins the second round if there is to be one. */
  boolean begin() {
    if (!wanted || second) {
      return false;
    }
    second = true;
    return true;
  }

  /** The server's own rules changed the object in the second round. */
  public void changedInside() {
    again.addAll(eligible);
    eligible.clear();
  }
}
