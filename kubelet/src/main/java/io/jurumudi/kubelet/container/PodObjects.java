package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.Service;
import java.util.Collection;

/** The objects of the API that a pod's containers and volumes refer to. */
public interface PodObjects {
  /** Throws ApiException (404, reason NotFound) when there is none. */
  ConfigMap configMap(String namespace, String name);

  /** Throws ApiException (404, reason NotFound) when there is none. */
  Secret secret(String namespace, String name);

  /** Services of a namespace, as last seen. */
  Collection<Service> services(String namespace);
}
