package io.jurumudi.controllers;

import io.jurumudi.api.Resources;
import io.jurumudi.api.meta.ResourceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The built-in kinds whose objects can be followed, for controllers that care for all of them. */
public final class StoredKinds {
  private StoredKinds() {}

  /**
   * One version of each kind. Events are left out, which come and go by themselves, and previews,
   * which are not served unless asked for.
   */
  public static List<ResourceType<?>> all() {
    List<ResourceType<?>> kinds = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (ResourceType<?> type : Resources.ALL) {
      if (type.verbs().containsAll(Set.of("list", "watch", "delete"))
          && !type.plural().equals("events")
          && !type.version().contains("alpha")
          && !type.version().contains("beta")
          && seen.add(type.group() + "/" + type.plural())) {
        kinds.add(type);
      }
    }
    return kinds;
  }
}
