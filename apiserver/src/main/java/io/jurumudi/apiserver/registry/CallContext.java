package io.jurumudi.apiserver.registry;

import io.jurumudi.apiserver.authentication.UserInfo;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Who calls, and what is to be told besides the answer. Belongs to the call's thread. */
public final class CallContext {
  /** Warnings beyond this many are left out. */
  private static final int MAX_WARNINGS = 64;

  private final UserInfo user;
  private final String agent;
  private final Set<String> warnings = new LinkedHashSet<>();

  /**
   * @param agent the client's name for itself (User-Agent), the field manager when it names none
   */
  public CallContext(UserInfo user, String agent) {
    this.user = user;
    this.agent = agent;
  }

  public UserInfo user() {
    return user;
  }

  public String agent() {
    return agent;
  }

  public void warn(List<String> texts) {
    for (String text : texts) {
      if (warnings.size() < MAX_WARNINGS) {
        warnings.add(text);
      }
    }
  }

  public List<String> warnings() {
    return new ArrayList<>(warnings);
  }
}
