package io.jurumudi.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.client.Client;
import java.util.Map;

/**
 * What a node has to know of its cluster: the ConfigMap {@code jurumudi} of kube-public, which
 * nodes may read.
 */
public record ClusterInfo(String clusterCidr, String serviceCidr, String dnsIp) {
  static final String NAMESPACE = "kube-public";
  static final String NAME = "jurumudi";

  public static ClusterInfo read(Client client) {
    Map<String, String> data = client.resource(Resources.CONFIGMAPS).get(NAMESPACE, NAME).data();
    return new ClusterInfo(
        data.getOrDefault("clusterCIDR", ""),
        data.getOrDefault("serviceCIDR", ""),
        data.getOrDefault("dnsIP", ""));
  }

  ConfigMap configMap() {
    return ConfigMap.builder()
        .metadata(m -> m.namespace(NAMESPACE).name(NAME))
        .data(Map.of("clusterCIDR", clusterCidr, "serviceCIDR", serviceCidr, "dnsIP", dnsIp))
        .build();
  }
}
