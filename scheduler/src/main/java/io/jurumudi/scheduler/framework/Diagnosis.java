package io.jurumudi.scheduler.framework;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Why a pod fits nowhere.
 *
 * @param allNodes how many nodes there are
 * @param statuses the words on the nodes that were asked about
 * @param absent the word on all others
 * @param plugins who rejected the pod: only events that concern them can help it
 * @param preFilterMessage set when the pod was rejected before any node was asked about
 */
public record Diagnosis(
    int allNodes,
    Map<String, Status> statuses,
    Status absent,
    Set<String> plugins,
    String preFilterMessage) {
  /** Upstream's text, which programs and people know. */
  public String message(String postFilterMessage) {
    StringBuilder text = new StringBuilder("0/" + allNodes + " nodes are available:");
    if (!preFilterMessage.isEmpty()) {
      text.append(' ').append(preFilterMessage).append('.');
    } else {
      Map<String, Integer> reasons = new HashMap<>();
      for (Status status : statuses.values()) {
        status.reasons().forEach(reason -> reasons.merge(reason, 1, Integer::sum));
      }
      int others = allNodes - statuses.size();
      if (others > 0) {
        absent.reasons().forEach(reason -> reasons.merge(reason, others, Integer::sum));
      }
      List<String> parts = new ArrayList<>();
      reasons.forEach((reason, count) -> parts.add(count + " " + reason));
      parts.sort(null);
      if (!parts.isEmpty()) {
        text.append(' ').append(String.join(", ", parts)).append('.');
      }
    }
    if (!postFilterMessage.isEmpty()) {
      text.append(' ').append(postFilterMessage);
    }
    return text.toString();
  }

  public Status status(String node) {
    return statuses.getOrDefault(node, absent);
  }
}
