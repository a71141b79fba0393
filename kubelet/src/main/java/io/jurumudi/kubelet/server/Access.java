package io.jurumudi.kubelet.server;

import io.jurumudi.api.Resources;
import io.jurumudi.api.authentication.v1.TokenReview;
import io.jurumudi.api.authentication.v1.TokenReviewSpec;
import io.jurumudi.api.authorization.v1.ResourceAttributes;
import io.jurumudi.api.authorization.v1.SubjectAccessReview;
import io.jurumudi.api.authorization.v1.SubjectAccessReviewSpec;
import io.jurumudi.client.Client;
import io.jurumudi.http.ClientCertificateVerifier;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.machinery.errors.ApiException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Who asks the kubelet, and whether they may: client certificates of the cluster's authority,
 * bearer tokens by TokenReview, and SubjectAccessReview on the node's subresources. Answers are
 * remembered for two minutes. Blocks; any thread.
 */
final class Access {
  private static final Duration REMEMBER = Duration.ofMinutes(2);
  private static final int MAX_REMEMBERED = 1000;

  /** A user that the API server may decide about. */
  record User(String name, List<String> groups) {}

  private record Question(User user, String verb, String subresource) {}

  private record Answer(boolean allowed, Instant until) {}

  private final ClientCertificateVerifier certificates;
  private final Client client;
  private final String nodeName;
  private final Clock clock;
  private final Map<Question, Answer> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Answer> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  Access(ClientCertificateVerifier certificates, Client client, String nodeName, Clock clock) {
    this.certificates = certificates;
    this.client = client;
    this.nodeName = nodeName;
    this.clock = clock;
  }

  Optional<User> authenticate(HttpExchange exchange) {
    List<X509Certificate> chain = exchange.peerCertificates();
    if (!chain.isEmpty()) {
      try {
        certificates.verify(chain);
        return Optional.of(user(chain.getFirst()));
      } catch (CertificateException | InvalidNameException e) {
        return Optional.empty();
      }
    }
    String header = exchange.headers().get("Authorization", "");
    if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return review(header.substring(7).strip());
    }
    return Optional.empty();
  }

  private static User user(X509Certificate certificate) throws InvalidNameException {
    String name = "";
    List<String> groups = new ArrayList<>();
    for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
      if (rdn.getType().equalsIgnoreCase("CN")) {
        name = String.valueOf(rdn.getValue());
      } else if (rdn.getType().equalsIgnoreCase("O")) {
        groups.add(String.valueOf(rdn.getValue()));
      }
    }
    groups.add("system:authenticated");
    return new User(name, List.copyOf(groups));
  }

  private Optional<User> review(String token) {
    try {
      TokenReview review =
          client
              .resource(Resources.TOKENREVIEWS)
              .create(
                  TokenReview.builder()
                      .spec(TokenReviewSpec.builder().token(token).build())
                      .build());
      return review.status().authenticated()
          ? Optional.of(
              new User(review.status().user().username(), review.status().user().groups()))
          : Optional.empty();
    } catch (ApiException e) {
      return Optional.empty();
    }
  }

  /** As upstream maps requests: the verb from the method, the subresource from the path. */
  boolean allowed(User user, String method, String path) {
    if (user.groups().contains("system:masters")) {
      return true;
    }
    Question question = new Question(user, verb(method), subresource(path));
    Instant now = clock.instant();
    synchronized (answers) {
      Answer known = answers.get(question);
      if (known != null && now.isBefore(known.until())) {
        return known.allowed();
      }
    }
    boolean allowed;
    try {
      allowed = ask(question);
    } catch (ApiException e) {
      return false;
    }
    synchronized (answers) {
      answers.put(question, new Answer(allowed, now.plus(REMEMBER)));
    }
    return allowed;
  }

  private boolean ask(Question question) {
    return client
        .resource(Resources.SUBJECTACCESSREVIEWS)
        .create(
            SubjectAccessReview.builder()
                .spec(
                    SubjectAccessReviewSpec.builder()
                        .user(question.user().name())
                        .groups(question.user().groups())
                        .resourceAttributes(
                            ResourceAttributes.builder()
                                .verb(question.verb())
                                .version("v1")
                                .resource("nodes")
                                .subresource(question.subresource())
                                .name(nodeName)
                                .build())
                        .build())
                .build())
        .status()
        .allowed();
  }

  static String verb(String method) {
    return switch (method) {
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> "delete";
      default -> "get";
    };
  }

  static String subresource(String path) {
    String first = path.split("/", 3)[1];
    return switch (first) {
      case "stats" -> "stats";
      case "metrics" -> "metrics";
      case "logs" -> "log";
      case "healthz" -> "healthz";
      case "configz" -> "configz";
      case "pods", "runningpods" -> "pods";
      default -> "proxy";
    };
  }
}
