package io.jurumudi.apiserver;

import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.aggregation.FrontProxy;
import io.jurumudi.apiserver.authentication.Authenticator;
import io.jurumudi.apiserver.authorization.Authorizer;
import io.jurumudi.apiserver.front.ConnectHandler;
import io.jurumudi.apiserver.front.Paths;
import io.jurumudi.apiserver.registry.Served;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may come in and what they may do there, with all that goes along.
 *
 * @param connects streams to kubelets and proxies
 * @param answers what is asked and not stored, by "group/resource" (reviews)
 * @param creates POSTs to subresources, by "resource/subresource" (tokens)
 * @param frontProxy how the server speaks to others for its clients; null: unnamed
 * @param admission rules on writes that go with the authorizer, such as those against escalation
 */
public record Security(
    Authenticator authenticator,
    Authorizer authorizer,
    List<ConnectHandler> connects,
    Map<String, Served.Answering> answers,
    Map<String, SubresourceCreate> creates,
    PathAdder paths,
    List<Admission> admission,
    @Nullable FrontProxy frontProxy) {

  /** Without admission rules of its own. */
  public Security(
      Authenticator authenticator,
      Authorizer authorizer,
      List<ConnectHandler> connects,
      Map<String, Served.Answering> answers,
      Map<String, SubresourceCreate> creates,
      PathAdder paths) {
    this(authenticator, authorizer, connects, answers, creates, paths, List.of(), null);
  }

  /** Adds paths such as the keys that sign tokens. */
  @FunctionalInterface
  public interface PathAdder {
    void addTo(Paths paths);
  }
}
