package io.jurumudi.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.authorization.BootstrapRbac;
import io.jurumudi.client.Client;
import io.jurumudi.client.Resource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Creates the roles and bindings that a cluster begins with, as far as they are missing. */
final class DefaultRbac {
  private DefaultRbac() {}

  static void install(Client admin) {
    BootstrapRbac rbac = BootstrapRbac.load();
    create(admin.resource(Resources.CLUSTERROLES), rbac.clusterRoles());
    create(admin.resource(Resources.ROLES), rbac.roles());
    create(admin.resource(Resources.CLUSTERROLEBINDINGS), rbac.clusterRoleBindings());
    create(admin.resource(Resources.ROLEBINDINGS), rbac.roleBindings());
  }

  private static <T extends KubernetesObject<T>> void create(Resource<T> resource, List<T> wanted) {
    Set<String> present =
        resource.list("").items().stream().map(DefaultRbac::key).collect(Collectors.toSet());
    wanted.stream().filter(object -> !present.contains(key(object))).forEach(resource::create);
  }

  private static String key(KubernetesObject<?> object) {
    return object.metadata().namespace() + "/" + object.metadata().name();
  }
}
