package io.jurumudi.controllers.certificates;

import io.jurumudi.api.Resources;
import io.jurumudi.api.certificates.v1.CertificateSigningRequest;
import io.jurumudi.api.certificates.v1.CertificateSigningRequestCondition;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.client.Client;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Approves what a joining node may ask for without a person's word, and signs what was approved.
 * Approved at once are a client certificate for a node, asked for by a bootstrap token or by that
 * node itself, and a serving certificate that a node asks for in its own name. Everything else
 * waits for {@code kubectl certificate approve}.
 */
public final class CertificateController implements AutoCloseable {
  static final String CLIENT_KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
  static final String KUBELET_SERVING = "kubernetes.io/kubelet-serving";
  static final String CLIENT = "kubernetes.io/kube-apiserver-client";

  private static final String NODE_USER = "system:node:";
  private static final String NODES = "system:nodes";
  private static final String BOOTSTRAPPERS = "system:bootstrappers";

  private final Client client;
  private final Clock clock;
  private final CertificateSigner signer;
  private final Informer<CertificateSigningRequest> requests;
  private final Controller<String> controller;

  public CertificateController(ControllerContext context, CertificateSigner signer) {
    client = context.client();
    clock = context.clock();
    this.signer = signer;
    requests = context.informers().informer(Resources.CERTIFICATESIGNINGREQUESTS);
    controller = new Controller<>("certificates", this::reconcile, 1, clock);
    requests.addHandler(EventHandler.of(r -> controller.enqueue(r.metadata().name())));
  }

  public void start() {
    controller.start(requests);
  }

  private Result reconcile(String name) {
    Optional<CertificateSigningRequest> found = requests.get("", name);
    if (found.isEmpty() || found.get().status().certificate().size() > 0) {
      return Result.done();
    }
    CertificateSigningRequest request = found.get();
    try {
      if (has(request, "Denied") || has(request, "Failed")) {
        return Result.done();
      }
      if (has(request, "Approved")) {
        sign(request);
      } else if (approvable(request, signer.read(request.spec().request().toArray()))) {
        approve(request);
      }
    } catch (IllegalArgumentException e) {
      fail(request, "the request cannot be read: " + e.getMessage());
    } catch (ApiException e) {
      if (e.code() != 404 && e.code() != 409) {
        throw e;
      }
    }
    return Result.done();
  }

  private static boolean has(CertificateSigningRequest request, String condition) {
    return request.status().conditions().stream().anyMatch(c -> c.type().equals(condition));
  }

  static boolean approvable(CertificateSigningRequest request, CertificateSigner.Request wanted) {
    if (!wanted.commonName().startsWith(NODE_USER)
        || !wanted.organizations().equals(List.of(NODES))) {
      return false;
    }
    boolean itself = request.spec().username().equals(wanted.commonName());
    return switch (request.spec().signerName()) {
      case CLIENT_KUBELET ->
          wanted.names().isEmpty() && (itself || request.spec().groups().contains(BOOTSTRAPPERS));
      case KUBELET_SERVING -> !wanted.names().isEmpty() && itself;
      default -> false;
    };
  }

  private void approve(CertificateSigningRequest request) {
    client
        .resource(Resources.CERTIFICATESIGNINGREQUESTS)
        .updateSubresource(
            withCondition(
                request,
                "Approved",
                "AutoApproved",
                "A node may have this certificate for itself."),
            "approval");
  }

  private void sign(CertificateSigningRequest request) {
    if (!Set.of(CLIENT_KUBELET, KUBELET_SERVING, CLIENT).contains(request.spec().signerName())) {
      return; // another signer's
    }
    Integer seconds = request.spec().expirationSeconds();
    byte[] certificate =
        signer.sign(
            request.spec().request().toArray(),
            seconds == null ? null : Duration.ofSeconds(seconds));
    client
        .resource(Resources.CERTIFICATESIGNINGREQUESTS)
        .updateStatus(
            request.toBuilder().status(s -> s.certificate(Bytes.of(certificate))).build());
  }

  private void fail(CertificateSigningRequest request, String message) {
    client
        .resource(Resources.CERTIFICATESIGNINGREQUESTS)
        .updateStatus(withCondition(request, "Failed", "SignerValidationFailure", message));
  }

  private CertificateSigningRequest withCondition(
      CertificateSigningRequest request, String type, String reason, String message) {
    List<CertificateSigningRequestCondition> conditions =
        new ArrayList<>(request.status().conditions());
    conditions.add(
        CertificateSigningRequestCondition.builder()
            .type(type)
            .status("True")
            .reason(reason)
            .message(message)
            .lastUpdateTime(clock.instant())
            .lastTransitionTime(clock.instant())
            .build());
    return request.toBuilder().status(s -> s.conditions(conditions)).build();
  }

  @Override
  public void close() {
    controller.close();
  }
}
