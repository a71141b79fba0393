package io.jurumudi.machinery.apply;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** An apply that would change what others own, without being told to force it. HTTP 409. */
public final class ApplyConflictException extends RuntimeException {
  /**
   * One field in conflict.
   *
   * @param manager who owns it, as in {@code "kubectl-edit" using apps/v1}
   * @param field its path, as in {@code .spec.replicas}
   */
  public record Conflict(String manager, String field) {}

  private final transient List<Conflict> conflicts;

  ApplyConflictException(List<Conflict> conflicts) {
    super(message(conflicts));
    this.conflicts = List.copyOf(conflicts);
  }

  public List<Conflict> conflicts() {
    return conflicts;
  }

  private static String message(List<Conflict> conflicts) {
    if (conflicts.size() == 1) {
      Conflict only = conflicts.getFirst();
      return "Apply failed with 1 conflict: conflict with " + only.manager + ": " + only.field;
    }
    return conflicts.stream()
        .collect(Collectors.groupingBy(Conflict::manager, TreeMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(
            e ->
                "conflicts with "
                    + e.getKey()
                    + ":\n"
                    + e.getValue().stream()
                        .map(c -> "- " + c.field)
                        .collect(Collectors.joining("\n")))
        .collect(
            Collectors.joining("\n", "Apply failed with " + conflicts.size() + " conflicts: ", ""));
  }
}
