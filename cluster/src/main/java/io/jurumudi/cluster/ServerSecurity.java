package io.jurumudi.cluster;

import io.jurumudi.api.authentication.v1.SelfSubjectReview;
import io.jurumudi.api.authentication.v1.TokenRequest;
import io.jurumudi.api.authentication.v1.TokenReview;
import io.jurumudi.api.authorization.v1.LocalSubjectAccessReview;
import io.jurumudi.api.authorization.v1.SelfSubjectAccessReview;
import io.jurumudi.api.authorization.v1.SelfSubjectRulesReview;
import io.jurumudi.api.authorization.v1.SubjectAccessReview;
import io.jurumudi.apiserver.Security;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.SubresourceCreate;
import io.jurumudi.apiserver.aggregation.FrontProxy;
import io.jurumudi.apiserver.authentication.Authenticator;
import io.jurumudi.apiserver.authentication.Authenticators;
import io.jurumudi.apiserver.authentication.BearerAuthenticator;
import io.jurumudi.apiserver.authentication.BootstrapTokens;
import io.jurumudi.apiserver.authentication.ServiceAccountKeys;
import io.jurumudi.apiserver.authentication.ServiceAccountTokens;
import io.jurumudi.apiserver.authentication.TokenIssuer;
import io.jurumudi.apiserver.authentication.TokenReviews;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.authentication.X509Authenticator;
import io.jurumudi.apiserver.authorization.AccessReviews;
import io.jurumudi.apiserver.authorization.Authorizer;
import io.jurumudi.apiserver.authorization.Authorizers;
import io.jurumudi.apiserver.authorization.Escalation;
import io.jurumudi.apiserver.authorization.EscalationAdmission;
import io.jurumudi.apiserver.authorization.NodeAuthorizer;
import io.jurumudi.apiserver.authorization.NodePods;
import io.jurumudi.apiserver.authorization.NodeRestriction;
import io.jurumudi.apiserver.authorization.RbacAuthorizer;
import io.jurumudi.apiserver.authorization.RbacIndex;
import io.jurumudi.apiserver.front.ConnectProxies;
import io.jurumudi.apiserver.proxy.ConnectProxy;
import io.jurumudi.apiserver.proxy.Kubelets;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.cluster.pki.CertificateAuthority;
import io.jurumudi.cluster.pki.ClusterPki;
import io.jurumudi.cluster.pki.Identity;
import io.jurumudi.http.ClientCertificateVerifier;
import io.jurumudi.http.TlsConfig;
import io.jurumudi.http.client.ClientTls;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;

/**
 * Who may come into a cluster's API server, and what they may do: client certificates of the
 * cluster's authority, tokens of service accounts and for bootstrapping; then system:masters, the
 * node authorizer and RBAC, in this order.
 */
final class ServerSecurity {
  /** Names the server in its tokens; upstream's usual one. */
  static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  private static final String REVIEWS = "authorization.k8s.io/";

  private final ClusterPki pki;
  private final Clock clock;

  ServerSecurity(ClusterPki pki, Clock clock) {
    this.pki = pki;
    this.clock = clock;
  }

  Security create(ServerObjects objects) {
    ServiceAccountKeys keys =
        new ServiceAccountKeys(
            pki.serviceAccountKey().getPrivate(), pki.serviceAccountKey().getPublic(), List.of());
    ServiceAccountTokens tokens =
        new ServiceAccountTokens(keys, List.of(ISSUER), List.of(ISSUER), objects, clock);
    BearerAuthenticator bearer =
        new BearerAuthenticator(List.of(tokens, new BootstrapTokens(objects, clock)));
    Authenticator authenticator =
        Authenticators.withGroups(
            Authenticators.firstOf(
                List.of(
                    new X509Authenticator(
                        new ClientCertificateVerifier(
                            List.of(pki.authority().identity().certificate()), clock)),
                    bearer)),
            true);
    RbacIndex index = new RbacIndex(objects);
    RbacAuthorizer rbac = new RbacAuthorizer(index);
    NodeRestriction restriction = new NodeRestriction(objects);
    Authorizer authorizer =
        Authorizers.firstOf(
            List.of(Authorizers.MASTERS, new NodeAuthorizer(new NodePods(objects)), rbac));
    TokenIssuer issuer = new TokenIssuer(tokens, objects, clock);
    byte[] jwks = keys.jwks();
    byte[] discovery = keys.openIdConfiguration(ISSUER, ISSUER + "/openid/v1/jwks");
    return new Security(
        authenticator,
        authorizer,
        List.of(new ConnectProxies(proxies(objects))),
        answers(new TokenReviews(bearer), new AccessReviews(authorizer, rbac, clock)),
        Map.<String, SubresourceCreate>of(
            "serviceaccounts/token",
            (caller, namespace, name, body, _) -> {
              TokenRequest request = (TokenRequest) body;
              restriction.checkToken(caller.user(), namespace, name, request);
              return issuer.issue(namespace, name, request);
            }),
        paths ->
            paths
                .at("/openid/v1/jwks", OpenId.document("application/jwk-set+json", jwks))
                .at(
                    "/.well-known/openid-configuration",
                    OpenId.document("application/json", discovery)),
        List.of(restriction, new EscalationAdmission(new Escalation(rbac, index, authorizer))),
        frontProxy());
  }

  /**
   * A proxy's certificate of an authority made for this run: other servers learn it from a
   * ConfigMap, and nobody else has its key.
   */
  private FrontProxy frontProxy() {
    CertificateAuthority authority = CertificateAuthority.create("front-proxy-ca", clock);
    Identity client = authority.issue(FrontProxy.NAME, List.of(), List.of());
    return new FrontProxy(
        TlsConfig.keyManager(client.key(), List.of(client.certificate())),
        authority.identity().certificatePem(),
        pki.caPem());
  }

  /** Streams go to kubelets as a client that they know by the authority's word. */
  private ConnectProxy proxies(ServerObjects objects) {
    var authority = pki.authority().identity().certificate();
    Identity client = pki.client("kube-apiserver-kubelet-client", List.of(UserInfo.MASTERS));
    KeyManager key = TlsConfig.keyManager(client.key(), List.of(client.certificate()));
    return new ConnectProxy(
        objects,
        new Kubelets(objects, ClientTls.trusting(List.of(authority), key), true),
        ClientTls.trustingAll(null),
        new SecureRandom());
  }

  private static Map<String, Served.Answering> answers(TokenReviews tokens, AccessReviews access) {
    return Map.of(
        "authentication.k8s.io/tokenreviews",
        (_, _, body, _) -> tokens.review((TokenReview) body),
        "authentication.k8s.io/selfsubjectreviews",
        (caller, _, body, _) -> access.review(caller.user(), (SelfSubjectReview) body),
        REVIEWS + "subjectaccessreviews",
        (_, _, body, _) -> access.review((SubjectAccessReview) body),
        REVIEWS + "localsubjectaccessreviews",
        (_, namespace, body, _) -> access.review(namespace, (LocalSubjectAccessReview) body),
        REVIEWS + "selfsubjectaccessreviews",
        (caller, _, body, _) -> access.review(caller.user(), (SelfSubjectAccessReview) body),
        REVIEWS + "selfsubjectrulesreviews",
        (caller, _, body, _) -> access.review(caller.user(), (SelfSubjectRulesReview) body));
  }
}
