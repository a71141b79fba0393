package io.jurumudi.kubelet.node;

import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.RuntimeVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * All that a node's object is made from.
 *
 * @param addresses of the node, the primary one first
 * @param maxPods how many pods it takes
 * @param reserved taken off the capacity for the system
 * @param problems why it is not ready; empty: it is
 * @param pressures MemoryPressure, DiskPressure, PIDPressure that hold, with their messages
 */
public record NodeFacts(
    String name,
    String hostname,
    List<String> addresses,
    int port,
    Machine machine,
    RuntimeVersion runtime,
    String kubeletVersion,
    Map<String, String> labels,
    List<Taint> taints,
    int maxPods,
    Map<String, Quantity> reserved,
    List<ImageInfo> images,
    List<String> problems,
    Map<String, String> pressures,
    Instant now) {}
