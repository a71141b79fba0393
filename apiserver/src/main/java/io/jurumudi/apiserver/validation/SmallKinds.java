package io.jurumudi.apiserver.validation;

import io.jurumudi.api.apps.v1.ControllerRevision;
import io.jurumudi.api.autoscaling.v2.HorizontalPodAutoscaler;
import io.jurumudi.api.certificates.v1.CertificateSigningRequest;
import io.jurumudi.api.core.v1.Event;
import io.jurumudi.api.core.v1.PodTemplate;
import io.jurumudi.api.networking.v1.IngressClass;
import io.jurumudi.api.networking.v1.IngressClassParametersReference;
import io.jurumudi.api.node.v1.RuntimeClass;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Rules for kinds that need only a few. Facts: k8s.io/kubernetes pkg/apis/GROUP/validation and what
 * its server answers.
 */
public final class SmallKinds {
  private static final FieldPath SPEC = FieldPath.of("spec");

  /** What a certificate may be for (RFC 5280, sections 4.2.1.3 and 4.2.1.12, and then some). */
  private static final Set<String> USAGES =
      Set.of(
          "any",
          "cert sign",
          "client auth",
          "code signing",
          "content commitment",
          "crl sign",
          "data encipherment",
          "decipher only",
          "digital signature",
          "email protection",
          "encipher only",
          "ipsec end system",
          "ipsec tunnel",
          "ipsec user",
          "key agreement",
          "key encipherment",
          "microsoft sgc",
          "netscape sgc",
          "ocsp signing",
          "s/mime",
          "server auth",
          "signing",
          "timestamping");

  /** In characters. */
  private static final int MAX_EVENT_WORD = 128;

  private static final int MAX_EVENT_MESSAGE = 1024;
  private static final int MAX_CONTROLLER = 250;

  private SmallKinds() {}

  public static List<FieldError> event(Event e) {
    List<FieldError> errors = Rules.list();
    String about = e.involvedObject().namespace();
    String namespace = e.metadata().namespace();
    boolean series = e.eventTime() != null;
    boolean fits =
        about.isEmpty()
            ? Set.of("default", series ? "kube-system" : "").contains(namespace)
            : series || about.equals(namespace);
    if (!fits) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("involvedObject", "namespace"),
              about,
              "does not match event.namespace"));
    }
    if (series) {
      reported(e, errors);
    }
    return errors;
  }

  /** What an event must say that has a time of its own, as those of events.k8s.io have. */
  private static void reported(Event e, List<FieldError> errors) {
    FieldPath component = FieldPath.of("reportingComponent");
    String reporter = e.reportingComponent();
    if (reporter.isEmpty()) {
      errors.add(FieldError.required(component, ""));
    }
    Rules.all(Names.isQualifiedName(reporter), reporter, component, errors);
    text(e.reportingInstance(), MAX_EVENT_WORD, FieldPath.of("reportingInstance"), errors);
    text(e.action(), MAX_EVENT_WORD, FieldPath.of("action"), errors);
    text(e.reason(), MAX_EVENT_WORD, FieldPath.of("reason"), errors);
    if (e.message().length() > MAX_EVENT_MESSAGE) {
      errors.add(tooManyCharacters(FieldPath.of("message"), MAX_EVENT_MESSAGE));
    }
  }

  private static void text(String value, int max, FieldPath path, List<FieldError> errors) {
    if (value.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    }
    if (value.length() > max) {
      errors.add(tooManyCharacters(path, max));
    }
  }

  private static FieldError tooManyCharacters(FieldPath path, int max) {
    return FieldError.invalid(path, "", "can have at most " + max + " characters");
  }

  public static List<FieldError> podTemplate(PodTemplate t) {
    List<FieldError> errors = Rules.list();
    PodSpecValidation.template(t.template(), FieldPath.of("template"), errors);
    return errors;
  }

  public static List<FieldError> controllerRevision(ControllerRevision r) {
    List<FieldError> errors = Rules.list();
    if (r.data() == null) {
      errors.add(FieldError.required(FieldPath.of("data"), "data is mandatory"));
    }
    Rules.notNegative(r.revision(), FieldPath.of("revision"), errors);
    return errors;
  }

  public static List<FieldError> controllerRevisionUpdate(
      ControllerRevision r, ControllerRevision old) {
    List<FieldError> errors = controllerRevision(r);
    if (!Objects.equals(r.data(), old.data())) {
      errors.add(FieldError.invalid(FieldPath.of("data"), "", "field is immutable"));
    }
    return errors;
  }

  public static List<FieldError> autoscaler(HorizontalPodAutoscaler h) {
    List<FieldError> errors = autoscalerSpec(h);
    String kind = h.spec().scaleTargetRef().kind();
    String version = h.spec().scaleTargetRef().apiVersion();
    FieldPath path = SPEC.child("scaleTargetRef", "apiVersion");
    int slash = version.indexOf('/');
    if (slash != version.lastIndexOf('/')) {
      errors.add(FieldError.invalid(path, version, "unexpected GroupVersion string: " + version));
    } else if (slash <= 0 && !kind.equals("ReplicationController")) {
      errors.add(FieldError.invalid(path, version, "apiVersion must specify API group"));
    }
    return errors;
  }

  /** What is scaled may have been said in ways that are no longer taken. */
  public static List<FieldError> autoscalerUpdate(
      HorizontalPodAutoscaler h, HorizontalPodAutoscaler old) {
    var now = h.spec().scaleTargetRef();
    var before = old.spec().scaleTargetRef();
    boolean same = now.apiVersion().equals(before.apiVersion()) && now.kind().equals(before.kind());
    return same ? autoscalerSpec(h) : autoscaler(h);
  }

  private static List<FieldError> autoscalerSpec(HorizontalPodAutoscaler h) {
    List<FieldError> errors = Rules.list();
    var s = h.spec();
    if (s.minReplicas() != null && s.minReplicas() < 1) {
      errors.add(
          FieldError.invalid(
              SPEC.child("minReplicas"), s.minReplicas(), "must be greater than or equal to 1"));
    }
    if (s.maxReplicas() < 1) {
      errors.add(FieldError.required(SPEC.child("maxReplicas"), "must be set and greater than 0"));
    }
    if (s.minReplicas() != null && s.maxReplicas() < s.minReplicas()) {
      errors.add(
          FieldError.invalid(
              SPEC.child("maxReplicas"),
              (long) s.maxReplicas(),
              "must be greater than or equal to `minReplicas`"));
    }
    FieldPath target = SPEC.child("scaleTargetRef");
    if (s.scaleTargetRef().kind().isEmpty()) {
      errors.add(FieldError.required(target.child("kind"), ""));
    }
    if (s.scaleTargetRef().name().isEmpty()) {
      errors.add(FieldError.required(target.child("name"), ""));
    }
    return errors;
  }

  public static List<FieldError> signingRequest(CertificateSigningRequest r) {
    List<FieldError> errors = Rules.list();
    if (!r.spec().request().utf8().contains("-----BEGIN CERTIFICATE REQUEST-----")) {
      errors.add(
          FieldError.invalid(
              SPEC.child("request"),
              r.spec().request().isEmpty() ? null : r.spec().request().base64(),
              "PEM block type must be CERTIFICATE REQUEST"));
    }
    if (r.spec().usages().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("usages"), ""));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < r.spec().usages().size(); i++) {
      String usage = r.spec().usages().get(i);
      FieldPath at = SPEC.child("usages").index(i);
      Rules.among(usage, USAGES, at, errors);
      if (!seen.add(usage)) {
        errors.add(FieldError.duplicate(at, usage));
      }
    }
    if (r.spec().signerName().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("signerName"), ""));
    } else if (r.spec().signerName().indexOf('/') < 0) {
      errors.add(
          FieldError.invalid(
              SPEC.child("signerName"),
              r.spec().signerName(),
              "must be a fully qualified domain and path of the form"
                  + " 'example.com/signer-name'"));
    }
    Integer seconds = r.spec().expirationSeconds();
    if (seconds != null && seconds < 600) {
      errors.add(
          FieldError.invalid(
              SPEC.child("expirationSeconds"),
              seconds,
              "may not specify a duration less than 600 seconds (10 minutes)"));
    }
    return errors;
  }

  public static List<FieldError> ingressClass(IngressClass c) {
    List<FieldError> errors = Rules.list();
    FieldPath controller = SPEC.child("controller");
    if (c.spec().controller().length() > MAX_CONTROLLER) {
      errors.add(FieldError.tooLong(controller, MAX_CONTROLLER));
    }
    Rules.prefixedPath(c.spec().controller(), controller, errors);
    var parameters = c.spec().parameters();
    if (parameters != null) {
      parameters(parameters, SPEC.child("parameters"), errors);
    }
    return errors;
  }

  public static List<FieldError> ingressClassUpdate(IngressClass c, IngressClass old) {
    List<FieldError> errors = ingressClass(c);
    MetadataValidation.immutable(
        c.spec().controller(), old.spec().controller(), SPEC.child("controller"), errors);
    return errors;
  }

  private static void parameters(
      IngressClassParametersReference p, FieldPath path, List<FieldError> errors) {
    if (p.apiGroup() != null) {
      Rules.all(
          Names.isDns1123Subdomain(p.apiGroup()), p.apiGroup(), path.child("apiGroup"), errors);
    }
    segment(p.kind(), path.child("kind"), errors);
    segment(p.name(), path.child("name"), errors);
    FieldPath namespace = path.child("namespace");
    String scope = p.scope();
    if (scope == null) {
      errors.add(FieldError.required(path.child("scope"), ""));
    } else if (scope.equals("Namespace")) {
      if (p.namespace() == null) {
        errors.add(FieldError.required(namespace, "`parameters.scope` is set to 'Namespace'"));
      } else {
        Rules.all(Names.isDns1123Label(p.namespace()), p.namespace(), namespace, errors);
      }
    } else if (!scope.equals("Cluster")) {
      Rules.among(scope, Set.of("Cluster", "Namespace"), path.child("scope"), errors);
    } else if (p.namespace() != null) {
      errors.add(FieldError.forbidden(namespace, "`parameters.scope` is set to 'Cluster'"));
    }
  }

  private static void segment(String name, FieldPath path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else {
      Rules.all(Names.isPathSegmentName(name), name, path, errors);
    }
  }

  public static List<FieldError> runtimeClass(RuntimeClass c) {
    List<FieldError> errors = Rules.list();
    if (c.handler().isEmpty()) {
      errors.add(FieldError.required(FieldPath.of("handler"), ""));
    } else {
      Rules.all(Names.isDns1123Label(c.handler()), c.handler(), FieldPath.of("handler"), errors);
    }
    return errors;
  }
}
