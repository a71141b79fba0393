package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.certificates.v1.CertificateSigningRequest;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.errors.ApiException;
import org.jspecify.annotations.Nullable;

/** Writes into a signing request who makes it: whoever signs relies on that. */
public final class SigningRequestAdmission implements Admission {
  private static final String CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.creates(Resources.CERTIFICATESIGNINGREQUESTS)
        || !(object instanceof CertificateSigningRequest wish)) {
      return object;
    }
    UserInfo user = request.user();
    if (wish.spec().signerName().equals(CLIENT_SIGNER) && asksForMasters(wish)) {
      throw ApiException.forbidden(
          Resources.CERTIFICATESIGNINGREQUESTS,
          request.name(),
          "use of " + CLIENT_SIGNER + " signer with system:masters group is not allowed");
    }
    return wish.toBuilder()
        .spec(
            wish.spec().toBuilder()
                .username(user.name())
                .uid(user.uid())
                .groups(user.groups())
                .extra(user.extra())
                .build())
        .build();
  }

  private static boolean asksForMasters(CertificateSigningRequest wish) {
    return CertificateSubjects.organizations(wish.spec().request()).contains(UserInfo.MASTERS);
  }
}
