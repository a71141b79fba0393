package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.global;
import static io.jurumudi.apiserver.cel.library.Function.member;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.authorization.Attributes;
import io.jurumudi.apiserver.authorization.Authorizer;
import io.jurumudi.apiserver.authorization.Decision;
import java.util.List;

/** Asks whether somebody may do something. */
public final class AuthorizerLibrary {
  private static final CelType AUTHORIZER =
      OpaqueType.create("kubernetes.authorization.Authorizer");
  private static final CelType PATH = OpaqueType.create("kubernetes.authorization.PathCheck");
  private static final CelType GROUP = OpaqueType.create("kubernetes.authorization.GroupCheck");
  private static final CelType RESOURCE =
      OpaqueType.create("kubernetes.authorization.ResourceCheck");
  private static final CelType DECISION = OpaqueType.create("kubernetes.authorization.Decision");
  private static final Function.Argument TEXT = arg(SimpleType.STRING, String.class);

  private AuthorizerLibrary() {}

  /** The value of the variable "authorizer": who asks, and whom. */
  public record Asker(UserInfo user, Authorizer authorizer) {}

  private record PathCheck(Asker asker, String path) {}

  private record GroupCheck(Asker asker, String group) {}

  private record ResourceCheck(
      Asker asker,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name) {
    ResourceCheck sub(String value) {
      return new ResourceCheck(asker, group, resource, value, namespace, name);
    }

    ResourceCheck in(String value) {
      return new ResourceCheck(asker, group, resource, subresource, value, name);
    }

    ResourceCheck named(String value) {
      return new ResourceCheck(asker, group, resource, subresource, namespace, value);
    }

    Decision check(String verb) {
      return asker
          .authorizer()
          .authorize(
              Attributes.ofResource(
                  asker.user(), verb, namespace, group, "*", resource, subresource, name));
    }
  }

  /** The value of the variable "authorizer.requestResource". */
  public static Object resource(
      Asker asker,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name) {
    return new ResourceCheck(asker, group, resource, subresource, namespace, name);
  }

  static List<Function> functions() {
    Function.Argument self = arg(AUTHORIZER, Asker.class);
    Function.Argument resource = arg(RESOURCE, ResourceCheck.class);
    Function.Argument decision = arg(DECISION, Decision.class);
    return List.of(
        member(
            "path",
            "authorizer_path",
            PATH,
            a -> new PathCheck((Asker) a[0], (String) a[1]),
            self,
            TEXT),
        member(
            "group",
            "authorizer_group",
            GROUP,
            a -> new GroupCheck((Asker) a[0], (String) a[1]),
            self,
            TEXT),
        member(
            "serviceAccount",
            "authorizer_serviceaccount",
            AUTHORIZER,
            a -> serviceAccount((Asker) a[0], (String) a[1], (String) a[2]),
            self,
            TEXT,
            TEXT),
        member(
            "resource",
            "groupcheck_resource",
            RESOURCE,
            a -> {
              GroupCheck group = (GroupCheck) a[0];
              return new ResourceCheck(group.asker(), group.group(), (String) a[1], "", "", "");
            },
            arg(GROUP, GroupCheck.class),
            TEXT),
        member(
            "subresource",
            "resourcecheck_subresource",
            RESOURCE,
            a -> ((ResourceCheck) a[0]).sub((String) a[1]),
            resource,
            TEXT),
        member(
            "namespace",
            "resourcecheck_namespace",
            RESOURCE,
            a -> ((ResourceCheck) a[0]).in((String) a[1]),
            resource,
            TEXT),
        member(
            "name",
            "resourcecheck_name",
            RESOURCE,
            a -> ((ResourceCheck) a[0]).named((String) a[1]),
            resource,
            TEXT),
        // Selectors narrow what is asked about; the authorizers here decide without them.
        member("fieldSelector", "authorizer_fieldselector", RESOURCE, a -> a[0], resource, TEXT),
        member("labelSelector", "authorizer_labelselector", RESOURCE, a -> a[0], resource, TEXT),
        member(
            "check",
            "pathcheck_check",
            DECISION,
            a -> {
              PathCheck path = (PathCheck) a[0];
              return path.asker()
                  .authorizer()
                  .authorize(Attributes.ofPath(path.asker().user(), (String) a[1], path.path()));
            },
            arg(PATH, PathCheck.class),
            TEXT),
        member(
            "check",
            "resourcecheck_check",
            DECISION,
            a -> ((ResourceCheck) a[0]).check((String) a[1]),
            resource,
            TEXT),
        member(
            "allowed",
            "decision_allowed",
            SimpleType.BOOL,
            a -> ((Decision) a[0]).allowed(),
            decision),
        member(
            "reason",
            "decision_reason",
            SimpleType.STRING,
            a -> ((Decision) a[0]).reason(),
            decision),
        member("errored", "decision_errored", SimpleType.BOOL, a -> false, decision),
        member("error", "decision_error", SimpleType.STRING, a -> "", decision),
        global(
            "jsonpatch.escapeKey",
            "string_jsonpatch_escapeKey_string",
            SimpleType.STRING,
            a -> ((String) a[0]).replace("~", "~0").replace("/", "~1"),
            TEXT));
  }

  private static Asker serviceAccount(Asker asker, String namespace, String name) {
    return new Asker(
        new UserInfo(
            "system:serviceaccount:" + namespace + ":" + name,
            "system:serviceaccounts",
            "system:serviceaccounts:" + namespace,
            UserInfo.AUTHENTICATED),
        asker.authorizer());
  }
}
