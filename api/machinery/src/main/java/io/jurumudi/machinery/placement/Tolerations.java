package io.jurumudi.machinery.placement;

import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.core.v1.Toleration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Whether tolerations cover taints. */
public final class Tolerations {
  public static final String NO_SCHEDULE = "NoSchedule";
  public static final String NO_EXECUTE = "NoExecute";
  public static final String PREFER_NO_SCHEDULE = "PreferNoSchedule";

  private Tolerations() {}

  /** The first taint that keeps pods away and is not tolerated. */
  public static Optional<Taint> untolerated(List<Taint> taints, List<Toleration> tolerations) {
    return untolerated(
        taints,
        tolerations,
        taint -> taint.effect().equals(NO_SCHEDULE) || taint.effect().equals(NO_EXECUTE));
  }

  /** The first of the chosen taints that is not tolerated. */
  public static Optional<Taint> untolerated(
      List<Taint> taints, List<Toleration> tolerations, Predicate<Taint> which) {
    for (Taint taint : taints) {
      if (which.test(taint) && !tolerated(taint, tolerations)) {
        return Optional.of(taint);
      }
    }
    return Optional.empty();
  }

  public static boolean tolerated(Taint taint, List<Toleration> tolerations) {
    for (Toleration toleration : tolerations) {
      if (tolerates(toleration, taint)) {
        return true;
      }
    }
    return false;
  }

  public static boolean tolerates(Toleration toleration, Taint taint) {
    if (!toleration.effect().isEmpty() && !toleration.effect().equals(taint.effect())) {
      return false;
    }
    if (!toleration.key().isEmpty() && !toleration.key().equals(taint.key())) {
      return false;
    }
    return switch (toleration.operator()) {
      case "", "Equal" -> toleration.value().equals(taint.value());
      case "Exists" -> true;
      default -> false;
    };
  }
}
