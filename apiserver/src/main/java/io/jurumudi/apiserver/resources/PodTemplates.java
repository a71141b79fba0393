package io.jurumudi.apiserver.resources;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What tables of workloads show of their pods. */
public final class PodTemplates {
  private PodTemplates() {}

  public static String names(PodTemplateSpec template) {
    return template.spec().containers().stream()
        .map(Container::name)
        .collect(Collectors.joining(","));
  }

  public static String images(PodTemplateSpec template) {
    return template.spec().containers().stream()
        .map(Container::image)
        .collect(Collectors.joining(","));
  }

  /** A label selector as text for people. */
  public static String selector(@Nullable LabelSelector selector) {
    if (selector == null) {
      return Cells.NONE;
    }
    String text = LabelSelectors.of(selector).toString();
    return text.isEmpty() ? Cells.NONE : text;
  }

  /** A label selector as a scale shows it; the empty text when there is none. */
  public static String scaleSelector(@Nullable LabelSelector selector) {
    return selector == null ? "" : LabelSelectors.of(selector).toString();
  }
}
