package io.jurumudi.apiserver.resources.cluster;

import io.jurumudi.api.certificates.v1.CertificateSigningRequest;
import io.jurumudi.api.certificates.v1.CertificateSigningRequestCondition;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.apiserver.registry.UpdateStrategy;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How certificate signing requests change: who approves gives conditions, who signs the certificate
 * and conditions other than those of approval. Facts: pkg/registry/certificates and
 * pkg/apis/certificates/validation of Kubernetes v1.36.
 */
final class SigningRequests {
  private static final FieldPath CONDITIONS = FieldPath.of("status", "conditions");
  private static final FieldPath CERTIFICATE = FieldPath.of("status", "certificate");
  private static final List<String> FINAL = List.of("Approved", "Denied", "Failed");
  private static final List<String> APPROVAL = List.of("Approved", "Denied");
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  private final InstantSource clock;

  SigningRequests(InstantSource clock) {
    this.clock = clock;
  }

  UpdateStrategy<CertificateSigningRequest> approval() {
    return new UpdateStrategy<>() {
      @Override
      public CertificateSigningRequest prepareUpdate(
          CertificateSigningRequest updated, CertificateSigningRequest old) {
        return old.toBuilder()
            .metadata(updated.metadata())
            .status(old.status().toBuilder().conditions(dated(updated, old)).build())
            .build();
      }

      @Override
      public List<FieldError> validateUpdate(
          CertificateSigningRequest updated, CertificateSigningRequest old) {
        return validate(updated, old, true, false);
      }
    };
  }

  CertificateSigningRequest prepareStatus(
      CertificateSigningRequest updated, CertificateSigningRequest old) {
    List<CertificateSigningRequestCondition> conditions =
        new ArrayList<>(updated.status().conditions());
    for (String type : APPROVAL) {
      List<CertificateSigningRequestCondition> before = of(old, type);
      if (before.size() == of(updated, type).size()) {
        int next = 0;
        for (int i = 0; i < conditions.size(); i++) {
          if (conditions.get(i).type().equals(type)) {
            conditions.set(i, before.get(next++));
          }
        }
      }
    }
    CertificateSigningRequest kept =
        updated.toBuilder()
            .status(updated.status().toBuilder().conditions(conditions).build())
            .build();
    return kept.toBuilder()
        .status(kept.status().toBuilder().conditions(dated(kept, old)).build())
        .build();
  }

  static List<FieldError> validateStatus(
      CertificateSigningRequest updated, CertificateSigningRequest old) {
    return validate(updated, old, false, true);
  }

  private static List<CertificateSigningRequestCondition> of(
      CertificateSigningRequest request, String type) {
    return request.status().conditions().stream().filter(c -> c.type().equals(type)).toList();
  }

  /** The conditions with their times; one that was true before keeps the time of its change. */
  private List<CertificateSigningRequestCondition> dated(
      CertificateSigningRequest updated, CertificateSigningRequest old) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    List<CertificateSigningRequestCondition> conditions = new ArrayList<>();
    for (CertificateSigningRequestCondition c : updated.status().conditions()) {
      var dated = c.toBuilder();
      if (c.lastUpdateTime() == null) {
        dated.lastUpdateTime(now);
      }
      if (c.lastTransitionTime() == null) {
        Instant since = now;
        for (CertificateSigningRequestCondition before : of(old, c.type())) {
          if (before.status().equals(c.status()) && before.lastTransitionTime() != null) {
            since = before.lastTransitionTime();
            break;
          }
        }
        dated.lastTransitionTime(since);
      }
      conditions.add(dated.build());
    }
    return conditions;
  }

  private static List<FieldError> validate(
      CertificateSigningRequest updated,
      CertificateSigningRequest old,
      boolean approves,
      boolean signs) {
    List<FieldError> errors = new ArrayList<>();
    if (!updated.status().conditions().equals(old.status().conditions())) {
      conditions(updated.status().conditions(), errors);
    }
    for (String type : FINAL) {
      if (of(updated, type).size() < of(old, type).size()) {
        errors.add(
            FieldError.forbidden(
                CONDITIONS, "updates may not remove a condition of type \"" + type + "\""));
      }
    }
    for (String type : approves ? List.<String>of() : APPROVAL) {
      if (of(updated, type).size() > of(old, type).size()) {
        errors.add(
            FieldError.forbidden(
                CONDITIONS, "updates may not add a condition of type \"" + type + "\""));
      }
    }
    Bytes certificate = updated.status().certificate();
    if (!certificate.equals(old.status().certificate())) {
      certificate(certificate, errors);
      if (!signs) {
        errors.add(FieldError.forbidden(CERTIFICATE, "updates may not set certificate content"));
      } else if (!old.status().certificate().isEmpty()) {
        errors.add(
            FieldError.forbidden(
                CERTIFICATE, "updates may not modify existing certificate content"));
      }
    }
    return errors;
  }

  private static void conditions(
      List<CertificateSigningRequestCondition> conditions, List<FieldError> errors) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < conditions.size(); i++) {
      CertificateSigningRequestCondition c = conditions.get(i);
      FieldPath path = CONDITIONS.index(i);
      if (c.type().isEmpty()) {
        errors.add(FieldError.required(path.child("type"), ""));
      }
      List<String> allowed =
          FINAL.contains(c.type()) ? List.of("True") : List.of("False", "True", "Unknown");
      if (c.status().isEmpty()) {
        errors.add(FieldError.required(path.child("status"), ""));
      } else if (!allowed.contains(c.status())) {
        errors.add(FieldError.notSupported(path.child("status"), c.status(), allowed));
      }
      if (APPROVAL.contains(c.type())
          && seen.contains(c.type().equals("Approved") ? "Denied" : "Approved")) {
        errors.add(
            FieldError.invalid(
                CONDITIONS, c.type(), "Approved and Denied conditions are mutually exclusive"));
      }
      if (!seen.add(c.type())) {
        errors.add(FieldError.duplicate(path.child("type"), c.type()));
      }
    }
  }

  private static void certificate(Bytes pem, List<FieldError> errors) {
    if (pem.isEmpty()) {
      return;
    }
    String wrong = null;
    int blocks = 0;
    Matcher block = PEM.matcher(pem.utf8());
    while (wrong == null && block.find()) {
      blocks++;
      if (!block.group(1).equals("CERTIFICATE")) {
        wrong = "only CERTIFICATE PEM blocks are allowed, found \"" + block.group(1) + "\"";
      } else if (block.group(2).contains(":")) {
        wrong = "no PEM block headers are permitted";
      } else {
        wrong = unreadable(block.group(2));
      }
    }
    if (blocks == 0) {
      wrong = "must contain at least one CERTIFICATE PEM block";
    }
    if (wrong != null) {
      errors.add(FieldError.invalid(CERTIFICATE, "<certificate data>", wrong));
    }
  }

  /** Why it is no certificate; null when it is one. */
  private static @Nullable String unreadable(String base64) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      if (der.length == 0) {
        return "found CERTIFICATE PEM block containing 0 certificates";
      }
      var unused =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
      return null;
    } catch (CertificateException | IllegalArgumentException e) {
      return "x509: malformed certificate";
    }
  }
}
